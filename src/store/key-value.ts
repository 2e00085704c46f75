import type { TimestampValue } from '../data/read.ts';
import type { SqlType } from '../data/types.ts';

/**
 * The text of one key column as a plain value (data/read.ts), or undefined when it is not a value of the type. Reads
 * what feature keys are written as, and fewer fraction digits.
 */
export function parseKeyValue(type: SqlType, text: string): unknown {
  switch (type.kind) {
    case 'BOOLEAN':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'TINYINT':
      return small(text, 127n);
    case 'SMALLINT':
      return small(text, 32767n);
    case 'INT':
    case 'INTERVAL_YEAR_MONTH':
      return small(text, 2147483647n);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return integer(text, 9223372036854775807n);
    case 'DECIMAL':
      return decimal(text, type.precision, type.scale);
    case 'FLOAT':
    case 'DOUBLE':
      return float(text);
    case 'DATE':
      return day(text);
    case 'TIME':
      return timeOfDay(text, type.precision)?.ms;
    case 'TIMESTAMP':
      return timestamp(text, type.precision);
    case 'TIMESTAMP_LTZ':
      return text.endsWith('Z') ? timestamp(text.slice(0, -1), type.precision) : undefined;
    case 'CHAR': {
      const missing = type.length - [...text].length;
      return missing < 0 ? undefined : text + ' '.repeat(missing);
    }
    case 'VARCHAR':
      return text;
    case 'BINARY':
    case 'VARBINARY':
      return /^([0-9a-f]{2})*$/i.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined;
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
    case 'ROW':
    case 'NULL':
      return undefined;
  }
}

function integer(text: string, max: bigint): bigint | undefined {
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  return value <= max && value >= -max - 1n ? value : undefined;
}

function small(text: string, max: bigint): number | undefined {
  const value = integer(text, max);
  return value === undefined ? undefined : Number(value);
}

/** The unscaled value. */
function decimal(text: string, precision: number, scale: number): bigint | undefined {
  const match = /^(-?)(\d{1,39})(?:\.(\d{1,38}))?$/.exec(text);
  if (match === null) return undefined;
  const fraction = match[3] ?? '';
  if (fraction.length > scale) return undefined;
  const unscaled = BigInt(match[2] + fraction.padEnd(scale, '0'));
  if (unscaled >= 10n ** BigInt(precision)) return undefined;
  return match[1] === '-' ? -unscaled : unscaled;
}

function float(text: string): number | undefined {
  if (text === 'NaN') return NaN;
  if (text === 'Infinity' || text === '-Infinity') return Number(text);
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Days since 1970-01-01; undefined for days that no calendar has. */
function day(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) return undefined;
  return ms / 86_400_000;
}

function timeOfDay(text: string, precision: number): TimestampValue | undefined {
  const match = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3]].map(Number);
  const fraction = match[4] ?? '';
  if (hours > 23 || minutes > 59 || seconds > 59 || fraction.length > precision) return undefined;
  const digits = fraction.padEnd(9, '0');
  const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number(digits.slice(0, 3));
  return { ms, nanos: Number(digits.slice(3)) };
}

function timestamp(text: string, precision: number): TimestampValue | undefined {
  const [date, time, ...more] = text.split('T');
  if (time === undefined || more.length > 0) return undefined;
  const days = day(date);
  const clock = timeOfDay(time, precision);
  if (days === undefined || clock === undefined) return undefined;
  return { ms: days * 86_400_000 + clock.ms, nanos: clock.nanos };
}
