import { HeadwaterError } from '../../data/errors.ts';

export type Options = Readonly<Record<string, string>>;

/** One of the accepted values; the first is the default. */
export function oneOf<T extends string>(options: Options, key: string, accepted: readonly [T, ...T[]]): T {
  const value = options[key];
  if (value === undefined) return accepted[0];
  const match = accepted.find((candidate) => candidate === value);
  if (match === undefined) throw invalid(`'${key}' is '${value}'; expected one of: ${accepted.join(', ')}`);
  return match;
}

export function required(options: Options, key: string): string {
  const value = options[key];
  if (value === undefined || value === '') throw new HeadwaterError('missing-option', `option '${key}' is required`);
  return value;
}

export function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
