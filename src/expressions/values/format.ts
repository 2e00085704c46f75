import { unreachable } from '../../data/errors.ts';
import { formatDecimal } from '../../data/json-value.ts';
import { mapTypes, type TimestampValue } from '../../data/read.ts';
import { type TimeZone, UTC } from '../../data/time-zone.ts';
import type { SqlType } from '../../data/types.ts';
import { DAY_MS, floorMod } from './datetime.ts';

/** A plain value (data/read.ts, not NULL) as CAST to STRING prints it; instants by the wall clock of `zone`. */
export function formatText(type: SqlType, value: unknown, zone: TimeZone = UTC): string {
  const inner = (of: SqlType, element: unknown): string => (element === null ? 'NULL' : formatText(of, element, zone));
  switch (type.kind) {
    case 'BOOLEAN':
      return value === true ? 'TRUE' : 'FALSE';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'CHAR':
    case 'VARCHAR':
    case 'NULL':
      return String(value);
    case 'FLOAT':
      return formatFloat(value as number);
    case 'DOUBLE':
      return formatDouble(value as number);
    case 'DECIMAL':
      return formatDecimal(value as bigint, type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return `x'${Buffer.from(value as Uint8Array).toString('hex')}'`;
    case 'DATE':
      return formatDate(value as number);
    case 'TIME':
      return formatTime(value as number, type.precision);
    case 'TIMESTAMP':
      return formatTimestamp(value as TimestampValue, type.precision);
    case 'TIMESTAMP_LTZ': {
      const { ms, nanos } = value as TimestampValue;
      return formatTimestamp({ ms: zone.toLocal(ms), nanos }, type.precision);
    }
    case 'INTERVAL_YEAR_MONTH':
      return formatMonths(value as number);
    case 'INTERVAL_DAY_TIME':
      return formatDayTime(value as bigint);
    case 'ARRAY':
      return `[${(value as unknown[]).map((element) => inner(type.element, element)).join(', ')}]`;
    case 'MAP':
    case 'MULTISET': {
      const types = mapTypes(type);
      const pairs = value as (readonly [unknown, unknown])[];
      return `{${pairs.map(([k, v]) => `${inner(types.key, k)}=${inner(types.value, v)}`).join(', ')}}`;
    }
    case 'ROW':
      return `(${(value as unknown[]).map((field, i) => inner(type.fields[i].type, field)).join(', ')})`;
    default:
      return unreachable(type);
  }
}

/** As Java's Double.toString: at least one digit after the point, exponents outside of 10^-3 .. 10^7. */
export function formatDouble(value: number): string {
  const magnitude = Math.abs(value);
  // Java prints two digits at least, so of a subnormal that one digit would do for the nearest two.
  const two = magnitude < LEAST_NORMAL && String(magnitude).length < 7 ? magnitude.toPrecision(2) : String(magnitude);
  return javaText(value, two);
}

/** Doubles below have fewer digits. */
export const LEAST_NORMAL = 2.2250738585072014e-308;

/** As Java's Float.toString: the shortest digits that are this FLOAT. */
export function formatFloat(value: number): string {
  const magnitude = Math.abs(value);
  for (let digits = 2; digits < 9; digits++) {
    const text = magnitude.toPrecision(digits);
    if (Math.fround(Number(text)) === magnitude) return javaText(value, String(Number(text)));
  }
  return javaText(value, String(Number(magnitude.toPrecision(9))));
}

function javaText(value: number, magnitude: string): string {
  if (!Number.isFinite(value)) return String(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value === 0) return `${sign}0.0`;
  const [mantissa, exponentText = '0'] = magnitude.split('e');
  const [whole, fraction = ''] = mantissa.split('.');
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, '').length;
  const digits = all.slice(leading).replace(/0+$/, '');
  /** Power of ten of the first digit. */
  const exponent = whole.length - 1 - leading + Number(exponentText);
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const padded = digits.padEnd(exponent + 1, '0');
  return `${sign}${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1) || '0'}`;
}

export function formatDate(days: number): string {
  const date = new Date(days * DAY_MS);
  return `${digits(date.getUTCFullYear(), 4)}-${digits(date.getUTCMonth() + 1, 2)}-${digits(date.getUTCDate(), 2)}`;
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${digits(Math.floor(seconds / 3600), 2)}:${digits(Math.floor(seconds / 60) % 60, 2)}:${digits(seconds % 60, 2)}`;
}

/** The fraction is printed when the precision has one: without trailing zeros, but with a digit. */
function formatTime(ms: number, precision: number): string {
  if (precision === 0) return clock(ms);
  const fraction = digits(ms % 1000, 3)
    .slice(0, precision)
    .replace(/0+$/, '');
  return `${clock(ms)}.${fraction || '0'}`;
}

function formatTimestamp(value: TimestampValue, precision: number): string {
  const time = floorMod(value.ms, DAY_MS);
  const text = `${formatDate((value.ms - time) / DAY_MS)} ${clock(time)}`;
  if (precision === 0) return text;
  return `${text}.${`${digits(time % 1000, 3)}${digits(value.nanos, 6)}`.slice(0, precision)}`;
}

function formatMonths(months: number): string {
  const absolute = Math.abs(months);
  return `${months < 0 ? '-' : '+'}${Math.floor(absolute / 12)}-${digits(absolute % 12, 2)}`;
}

function formatDayTime(ms: bigint): string {
  const absolute = ms < 0n ? -ms : ms;
  const day = BigInt(DAY_MS);
  const time = Number(absolute % day);
  return `${ms < 0n ? '-' : '+'}${absolute / day} ${clock(time)}.${digits(time % 1000, 3)}`;
}

function digits(value: number, count: number): string {
  return value < 0 ? `-${digits(-value, count)}` : String(value).padStart(count, '0');
}
