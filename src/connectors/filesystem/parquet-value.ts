import { HeadwaterError } from '../../data/errors.ts';
import type { TimestampValue } from '../../data/read.ts';
import { formatType, type SqlType } from '../../data/types.ts';

/** A value of a parquet column as a plain value (data/read.ts); undefined: it does not fit the type. */
export type ParquetConverter = (value: unknown) => unknown;

/** Values come as hyparquet gives them with PARSERS; of a DECIMAL the unscaled one, with `scale` digits. */
export function parquetConverter(type: SqlType, scale: number): ParquetConverter {
  switch (type.kind) {
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? value : undefined);
    case 'TINYINT':
      return (value) => integer(value, 8);
    case 'SMALLINT':
      return (value) => integer(value, 16);
    case 'INT':
      return (value) => integer(value, 32);
    case 'BIGINT':
      return (value) => (typeof value === 'bigint' ? value : isWhole(value) ? BigInt(value) : undefined);
    case 'FLOAT':
    case 'DOUBLE':
      return (value) => (typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined);
    case 'DECIMAL':
      return (value) => decimal(value, scale, type.precision, type.scale);
    case 'CHAR':
    case 'VARCHAR':
      return (value) => (typeof value === 'string' ? value : undefined);
    case 'BINARY':
    case 'VARBINARY':
      return (value) =>
        value instanceof Uint8Array ? value : typeof value === 'string' ? Buffer.from(value) : undefined;
    case 'DATE':
      return (value) => (value instanceof Days ? value.days : undefined);
    case 'TIME':
      return (value) => (isWhole(value) ? value : typeof value === 'bigint' ? Number(value / 1000n) : undefined);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const step = 10 ** Math.max(0, 9 - type.precision);
      return (value) =>
        value instanceof Instant ? { ms: value.ms, nanos: value.nanos - (value.nanos % step) } : undefined;
    }
    default:
      throw new HeadwaterError('unsupported', `parquet columns of type ${formatType(type)} are not supported yet`);
  }
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function integer(value: unknown, bits: 8 | 16 | 32): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return isWhole(number) && BigInt.asIntN(bits, BigInt(number)) === BigInt(number) ? number : undefined;
}

function decimal(value: unknown, from: number, precision: number, to: number): bigint | undefined {
  let unscaled: bigint;
  if (typeof value === 'bigint') unscaled = value;
  else if (isWhole(value)) unscaled = BigInt(value);
  else if (value instanceof Uint8Array && value.length > 0) {
    unscaled = BigInt.asIntN(value.length * 8, BigInt(`0x${Buffer.from(value).toString('hex')}`));
  } else return undefined;
  const scaled = to >= from ? unscaled * 10n ** BigInt(to - from) : halfUp(unscaled, 10n ** BigInt(from - to));
  const limit = 10n ** BigInt(precision);
  return scaled < limit && scaled > -limit ? scaled : undefined;
}

function halfUp(value: bigint, divisor: bigint): bigint {
  const up = value < 0n ? -divisor / 2n : divisor / 2n;
  return (value + up) / divisor;
}

class Instant implements TimestampValue {
  readonly ms: number;
  readonly nanos: number;
  constructor(ms: number, nanos: number) {
    this.ms = ms;
    this.nanos = nanos;
  }
}

class Days {
  readonly days: number;
  constructor(days: number) {
    this.days = days;
  }
}

function instant(value: bigint, perMilli: bigint, nanosPerUnit: bigint): Instant {
  const rest = ((value % perMilli) + perMilli) % perMilli;
  return new Instant(Number((value - rest) / perMilli), Number(rest * nanosPerUnit));
}

/** Times with all of their digits. */
export const PARSERS = {
  timestampFromMilliseconds: (value: bigint): Instant => new Instant(Number(value), 0),
  timestampFromMicroseconds: (value: bigint): Instant => instant(value, 1000n, 1000n),
  timestampFromNanoseconds: (value: bigint): Instant => instant(value, 1_000_000n, 1n),
  dateFromDays: (days: number): Days => new Days(days),
};

/** A value for messages. */
export function shown(value: unknown): string {
  if (value instanceof Instant) return new Date(value.ms).toISOString();
  if (value instanceof Days) return new Date(value.days * 86_400_000).toISOString().slice(0, 10);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === 'string' ? `'${value.slice(0, 100)}'` : String(value);
}
