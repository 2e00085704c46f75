import type { TimestampValue } from '../../data/read.ts';
import { daysOf } from './calendar.ts';
import { DAY_MS, msUnit, nanosUnit } from './datetime.ts';

/** Text to values as Flink's CAST reads it. Each gives undefined for what is no such value. */

const INTEGER = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** White space around is ignored, a fraction is checked and cut off. */
export function parseInteger(text: string, bits: number): bigint | undefined {
  const trimmed = text.trim();
  const match = INTEGER.exec(trimmed);
  if (match === null || trimmed === '' || trimmed === '+' || trimmed === '-') return undefined;
  const value = BigInt(match[2] === '' ? 0 : match[2]) * (match[1] === '-' ? -1n : 1n);
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

/** INT and narrower, without a bigint for ordinary text. */
export function parseSmallInteger(text: string, bits: number): number | undefined {
  if (/^-?\d{1,9}$/.test(text)) {
    const value = Number(text) + 0;
    return (value << (32 - bits)) >> (32 - bits) === value ? value : undefined;
  }
  const value = parseInteger(text, bits);
  return value === undefined ? undefined : Number(value);
}

const FLOATING = /^([+-]?)(?:(NaN)|(Infinity)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?)$/;

export function parseDouble(text: string): number | undefined {
  const match = FLOATING.exec(text.trim());
  if (match === null) return undefined;
  const magnitude = match[2] !== undefined ? NaN : match[3] !== undefined ? Infinity : Number(match[4]);
  return match[1] === '-' ? -magnitude : magnitude;
}

export function parseBoolean(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 't':
    case 'true':
    case 'y':
    case 'yes':
    case '1':
      return true;
    case 'f':
    case 'false':
    case 'n':
    case 'no':
    case '0':
      return false;
    default:
      return undefined;
  }
}

const DATE = /^\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?)?$/;

/** `y[-m[-d]]`; what follows a space is ignored. */
export function parseDate(text: string): number | undefined {
  const space = text.indexOf(' ');
  const match = DATE.exec(space > 0 ? text.slice(0, space) : text);
  if (match === null) return undefined;
  return daysOf(Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1));
}

const TIME = /^\s*(\d{1,9})(?::(\d{1,9})(?::(\d{1,9})(?:\.(\d*))?)?)?\s*$/;

/** `h[:m[:s[.f]]]` as milliseconds of the day; the fraction is rounded to milliseconds, then cut to the precision. */
export function parseTime(text: string, precision: number): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2] ?? 0), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = match[4] === undefined || match[4] === '' ? 0 : Math.round(Number(`0.${match[4]}`) * 1000);
  const ms = Math.min(fraction, 999);
  return ((hour * 60 + minute) * 60 + second) * 1000 + ms - (ms % msUnit(precision));
}

const TIMESTAMP = /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?)?\s*$/;

/** `yyyy-M-d[ H:m:s[.fffffffff]]`; the fraction is cut to the precision. */
export function parseTimestamp(text: string, precision: number): TimestampValue | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const days = daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (days === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = (match[7] ?? '').padEnd(9, '0');
  const ms = Number(fraction.slice(0, 3));
  const nanos = Number(fraction.slice(3));
  return {
    ms: days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms - (ms % msUnit(precision)),
    nanos: nanos - (nanos % nanosUnit(precision)),
  };
}
