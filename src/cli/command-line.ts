import { parseArgs, type ParseArgsConfig } from 'node:util';
import { HeadwaterError } from '../data/errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The options and the other words of a command line. Errors: `bad-arguments`, with the usage. */
export function parseWords<const O extends Options>(argv: readonly string[], options: O, usage: string) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options });
  } catch (error) {
    throw new HeadwaterError('bad-arguments', `${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/** NAME=VALUE of an option that may be repeated, by name. Errors: `bad-arguments`. */
export function parseAssignments(option: string, texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw notUnderstood(`${option} ${text}`, `${option} NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export function notUnderstood(given: string, expected: string): HeadwaterError {
  return new HeadwaterError('bad-arguments', `${given} is not understood: expected ${expected}`);
}
