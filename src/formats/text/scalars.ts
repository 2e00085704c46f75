/** Text to values as Flink's json and csv formats convert them. `undefined`: the text is not such a value. */

/** Java's Boolean.parseBoolean: anything else is FALSE. */
export function parseBoolean(text: string): boolean {
  return text.trim().toLowerCase() === 'true';
}

/** Integers: of a JSON number the fraction is cut off, of a text none is allowed. */
export function parseInteger(text: string, fromNumber: boolean, bits: 8 | 16 | 32 | 64): bigint | undefined {
  const trimmed = text.trim();
  if (/^[+-]?\d+$/.test(trimmed)) return inRange(BigInt(trimmed.replace(/^\+/, '')), bits);
  if (!fromNumber) return undefined;
  const value = Math.trunc(Number(trimmed));
  return Number.isFinite(value) ? inRange(BigInt(value), bits) : undefined;
}

/** It is a whole number (no NaN) of so many bits. */
export function isWhole(value: number, bits: 8 | 16 | 32): boolean {
  return (value << (32 - bits)) >> (32 - bits) === value;
}

function inRange(value: bigint, bits: number): bigint | undefined {
  return BigInt.asIntN(bits, value) === value ? value : undefined;
}

/** Java's Double.parseDouble, hexadecimal forms left out. */
export function parseDouble(text: string): number | undefined {
  const trimmed = text.trim();
  const special = /^([+-]?)(NaN|Infinity)$/.exec(trimmed);
  if (special !== null) return special[2] === 'NaN' ? NaN : special[1] === '-' ? -Infinity : Infinity;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?$/.exec(trimmed);
  return match === null ? undefined : Number(match[1]);
}

/** The unscaled value, rounded half up; `overflow` when it has more than `precision` digits (Flink: NULL). */
export function parseDecimal(text: string, precision: number, scale: number): bigint | 'overflow' | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,10}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (whole === '' && fraction === '') return undefined;
  if (digits === '') return 0n;
  // Decimal places to move right: value = digits * 10^shift in units of the scale.
  const shift = Number(exponent) - fraction.length + scale;
  if (digits.length + shift > precision) return 'overflow';
  const magnitude = shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : roundHalfUp(digits, -shift);
  if (magnitude >= 10n ** BigInt(precision)) return 'overflow';
  return sign === '-' ? -magnitude : magnitude;
}

function roundHalfUp(digits: string, drop: number): bigint {
  if (drop > digits.length) return 0n;
  const kept = digits.slice(0, digits.length - drop);
  const up = digits.charCodeAt(digits.length - drop) >= 0x35 ? 1n : 0n;
  return BigInt(kept === '' ? '0' : kept) + up;
}

/** `yyyy-MM-dd` to days since 1970-01-01. */
export function parseDate(text: string): number | undefined {
  if (text.length === 10 && text.charCodeAt(4) === DASH && text.charCodeAt(7) === DASH) {
    return daysOf(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
  }
  const match = /^([+-]\d{4,9})-(\d\d)-(\d\d)$/.exec(text);
  return match === null ? undefined : daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** `HH:mm:ss[.f]` to milliseconds of the day; Flink drops the fraction. */
export function parseTime(text: string): number | undefined {
  const time = clockOf(text);
  return time === undefined ? undefined : time.seconds * 1000;
}

export interface Instant {
  readonly millis: number;
  /** Within the millisecond. */
  readonly nanos: number;
}

export type TimestampStandard = 'SQL' | 'ISO-8601';

/** `yyyy-MM-dd HH:mm:ss[.f]`, with `T` in ISO-8601, and with `Z` at the end where there is a zone. */
export function parseTimestamp(text: string, standard: TimestampStandard, zoned: boolean): Instant | undefined {
  const at = text.indexOf(standard === 'SQL' ? ' ' : 'T');
  if (at < 0 || (zoned && !text.endsWith('Z'))) return undefined;
  const days = parseDate(text.slice(0, at));
  const time = clockOf(text.slice(at + 1, zoned ? -1 : undefined));
  if (days === undefined || time === undefined) return undefined;
  const nanos = time.nanos % 1_000_000;
  return { millis: days * 86_400_000 + time.seconds * 1000 + (time.nanos - nanos) / 1_000_000, nanos };
}

function clockOf(text: string): { readonly seconds: number; readonly nanos: number } | undefined {
  if (text.length < 8 || text.charCodeAt(2) !== COLON || text.charCodeAt(5) !== COLON) return undefined;
  const hours = digits(text, 0, 2);
  const minutes = digits(text, 3, 5);
  const seconds = digits(text, 6, 8);
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return undefined;
  const nanos = text.length === 8 ? 0 : fractionOf(text);
  return Number.isNaN(nanos) ? undefined : { seconds: hours * 3600 + minutes * 60 + seconds, nanos };
}

const COLON = 0x3a;
const DASH = 0x2d;

/** Nanoseconds of `.f{0,9}` from index 8 on; NaN when it is something else. */
function fractionOf(text: string): number {
  if (text[8] !== '.' || text.length > 18) return NaN;
  return digits(text, 9, text.length) * 10 ** (18 - text.length);
}

/** The number in characters [from, to); NaN when one is no digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

function daysOf(year: number, month: number, day: number): number | undefined {
  // Also false for NaN.
  if (!(!Number.isNaN(year) && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)))
    return undefined;
  // Years start in March, so that the leap day comes last.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** MIME base64, padding included. */
export function parseBase64(text: string): Buffer | undefined {
  const compact = text.replace(/[\r\n]/g, '');
  const whole = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact);
  return whole ? Buffer.from(compact, 'base64') : undefined;
}
