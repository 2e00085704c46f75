import { unreachable } from '../../data/errors.ts';
import { mapTypes, type TimestampValue } from '../../data/read.ts';
import { type TimeZone, UTC } from '../../data/time-zone.ts';
import { MAX_LENGTH, type SqlType } from '../../data/types.ts';
import { isApproximate, isBinary, isString } from '../types/common-type.ts';
import { DAY_MS, floorMod, floorTo, msUnit, nanosUnit } from './datetime.ts';
import { decimalToDouble, doubleToDecimal, parseDecimal, pow10, rescale } from './decimals.ts';
import { formatText } from './format.ts';
import {
  parseBoolean,
  parseDate,
  parseDouble,
  parseInteger,
  parseSmallInteger,
  parseTime,
  parseTimestamp,
} from './parse.ts';
import { leftPoints, pointCount } from './utf8.ts';

/** The cast failed. Apart from NULL, which is the result of a DECIMAL that does not fit. */
export const FAILED = Symbol('cast failed');

export type ValueCast = (value: unknown) => unknown;

/**
 * CAST of plain values (data/read.ts) that are not NULL; gives a plain value, null or FAILED. Instants and local times
 * become one another in `zone`.
 */
export function valueCast(from: SqlType, to: SqlType, zone: TimeZone = UTC): ValueCast {
  switch (to.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return toText(from, to, zone);
    case 'BINARY':
    case 'VARBINARY':
      return (value) => fitBytes(typeof value === 'string' ? Buffer.from(value, 'utf8') : (value as Uint8Array), to);
    case 'BOOLEAN':
      return toBoolean(from);
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return toSmallInteger(from, to.kind === 'INT' ? 32 : to.kind === 'SMALLINT' ? 16 : 8);
    case 'INTERVAL_YEAR_MONTH':
      return (value) => value;
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return toBigint(from);
    case 'FLOAT':
    case 'DOUBLE':
      return toFloating(from, to.kind === 'FLOAT');
    case 'DECIMAL':
      return toDecimal(from, to);
    case 'DATE':
      return isString(from) ? text(parseDate) : (value) => Math.floor(toLocal(from, value, zone).ms / DAY_MS);
    case 'TIME':
      if (isString(from)) return text((v) => parseTime(v, to.precision));
      return (value) => floorTo(floorMod(toLocal(from, value, zone).ms, DAY_MS), msUnit(to.precision));
    case 'TIMESTAMP':
      if (isString(from)) return text((v) => parseTimestamp(v, to.precision));
      return (value) => truncateTime(toLocal(from, value, zone), to.precision);
    case 'TIMESTAMP_LTZ':
      if (from.kind === 'TIMESTAMP_LTZ') return (value) => truncateTime(value as TimestampValue, to.precision);
      if (isString(from)) return text((v) => toInstant(parseTimestamp(v, to.precision), zone));
      return (value) => toInstant(truncateTime(toLocal(from, value, zone), to.precision), zone);
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
      return nestedCast(from, to, zone);
    case 'NULL':
      return () => null;
    default:
      return unreachable(to);
  }
}

function text(parse: (text: string) => unknown): ValueCast {
  return (value) => parse(value as string) ?? FAILED;
}

function toText(from: SqlType, to: SqlType & { kind: 'CHAR' | 'VARCHAR' }, zone: TimeZone): ValueCast {
  const binary = isBinary(from);
  return (value) => {
    const full = binary ? Buffer.from(value as Uint8Array).toString('utf8') : formatText(from, value, zone);
    if (to.length === MAX_LENGTH) return full;
    const cut = leftPoints(full, to.length);
    return to.kind === 'VARCHAR' ? cut : cut + ' '.repeat(to.length - pointCount(cut));
  };
}

function fitBytes(bytes: Uint8Array, to: SqlType & { kind: 'BINARY' | 'VARBINARY' }): Uint8Array {
  if (bytes.length > to.length) return bytes.slice(0, to.length);
  if (to.kind === 'VARBINARY' || bytes.length === to.length) return bytes;
  const padded = new Uint8Array(to.length);
  padded.set(bytes);
  return padded;
}

function toBoolean(from: SqlType): ValueCast {
  if (isString(from)) return text(parseBoolean);
  return (value) => (typeof value === 'bigint' ? value !== 0n : typeof value === 'boolean' ? value : value !== 0);
}

function toSmallInteger(from: SqlType, bits: number): ValueCast {
  if (isString(from)) return text((v) => parseSmallInteger(v, bits));
  const wide = toBigint(from);
  if (isApproximate(from)) {
    return (value) => wrap(saturateInt(value as number), bits);
  }
  return (value) => Number(BigInt.asIntN(bits, wide(value) as bigint));
}

function wrap(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}

/** DOUBLE to INT as Java does it. */
export function saturateInt(value: number): number {
  return value >= 2147483647 ? 2147483647 : value <= -2147483648 ? -2147483648 : value | 0;
}

/** DOUBLE to BIGINT as Java does it. */
export function saturateLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 9223372036854775807) return 9223372036854775807n;
  return value <= -9223372036854775808 ? -9223372036854775808n : BigInt(Math.trunc(value));
}

function toBigint(from: SqlType): ValueCast {
  if (isString(from)) return text((v) => parseInteger(v, 64));
  switch (from.kind) {
    case 'FLOAT':
    case 'DOUBLE':
      return (value) => saturateLong(value as number);
    case 'DECIMAL': {
      const unit = pow10(from.scale);
      return (value) => BigInt.asIntN(64, (value as bigint) / unit);
    }
    default:
      return (value) => BigInt(value as bigint | number | boolean);
  }
}

function toFloating(from: SqlType, single: boolean): ValueCast {
  const round = (value: number): number => (single ? Math.fround(value) : value);
  if (isString(from)) {
    return (value) => {
      const parsed = parseDouble(value as string);
      return parsed === undefined ? FAILED : round(parsed);
    };
  }
  if (from.kind === 'DECIMAL') return (value) => round(decimalToDouble(value as bigint, from.scale));
  return (value) => round(Number(value));
}

function toDecimal(from: SqlType, to: SqlType & { kind: 'DECIMAL' }): ValueCast {
  const limit = pow10(to.precision);
  const fits = (value: bigint): boolean => value < limit && value > -limit;
  if (isString(from)) {
    return (value) => {
      const parsed = parseDecimal((value as string).trim(), to.scale);
      return parsed === undefined || !fits(parsed) ? FAILED : parsed;
    };
  }
  const fitted = (value: bigint): bigint | null => (fits(value) ? value : null);
  if (from.kind === 'DECIMAL') return (value) => fitted(rescale(value as bigint, from.scale, to.scale));
  if (isApproximate(from)) {
    return (value) => {
      const exact = doubleToDecimal(value as number, to.scale);
      return exact === undefined ? FAILED : fitted(exact);
    };
  }
  const unit = pow10(to.scale);
  return (value) => fitted(BigInt(value as bigint | number | boolean) * unit);
}

/** DATE, TIME and time stamps as local date and time. */
function toLocal(from: SqlType, value: unknown, zone: TimeZone): TimestampValue {
  if (from.kind === 'DATE') return { ms: (value as number) * DAY_MS, nanos: 0 };
  if (from.kind === 'TIME') return { ms: value as number, nanos: 0 };
  const { ms, nanos } = value as TimestampValue;
  return { ms: from.kind === 'TIMESTAMP_LTZ' ? zone.toLocal(ms) : ms, nanos };
}

function toInstant<T extends TimestampValue | undefined>(local: T, zone: TimeZone): TimestampValue | T {
  return local === undefined ? local : { ms: zone.toInstant(local.ms), nanos: local.nanos };
}

function truncateTime(value: TimestampValue, precision: number): TimestampValue {
  return { ms: floorTo(value.ms, msUnit(precision)), nanos: value.nanos - (value.nanos % nanosUnit(precision)) };
}

/** Element by element; one that fails makes the whole fail. */
function nestedCast(from: SqlType, to: SqlType, zone: TimeZone): ValueCast {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') {
    const element = elementCast(from.element, to.element, zone);
    return (value) => all((value as unknown[]).map(element));
  }
  if (from.kind === 'ROW' && to.kind === 'ROW') {
    const fields = from.fields.map((field, i) => elementCast(field.type, to.fields[i].type, zone));
    return (value) => all((value as unknown[]).map((field, i) => fields[i](field)));
  }
  const [a, b] = [mapTypes(from), mapTypes(to)];
  const key = elementCast(a.key, b.key, zone);
  const element = elementCast(a.value, b.value, zone);
  return (value) => all((value as [unknown, unknown][]).map(([k, v]) => all([key(k), element(v)])));
}

function elementCast(from: SqlType, to: SqlType, zone: TimeZone): ValueCast {
  const cast = valueCast(from, to, zone);
  return (value) => (value === null ? null : cast(value));
}

function all(values: unknown[]): unknown {
  return values.includes(FAILED) ? FAILED : values;
}
