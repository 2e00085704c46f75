import { HeadwaterError } from '../data/errors.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1 << 10, mb: 1 << 20, gb: 1 << 30 };

/** `512 mb`, `2gb`, `1048576`: bytes. Errors: `invalid-option`. */
export function parseBytes(text: string): number {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(text);
  const unit = match === null ? undefined : UNITS[match[2].toLowerCase()];
  if (match === null || unit === undefined) {
    throw new HeadwaterError(
      'invalid-option',
      `'${text}' is not a size: expected a number with b, kb, mb or gb, such as 512mb`,
    );
  }
  return Number(match[1]) * unit;
}
