import { HeadwaterError, unreachable } from '../../data/errors.ts';
import { formatDecimal } from '../../data/json-value.ts';
import type { TimestampValue } from '../../data/read.ts';
import { mapTypes } from '../../data/read.ts';
import { formatType, type Schema, type SqlType } from '../../data/types.ts';

export interface JsonEncoderOptions {
  /** `2024-02-29 12:00:00.5`, or with a T between. */
  readonly timestampStandard: 'SQL' | 'ISO-8601';
  readonly decimalAsPlainNumber: boolean;
  readonly ignoreNullFields: boolean;
}

export const JSON_ENCODER_DEFAULTS: JsonEncoderOptions = {
  timestampStandard: 'SQL',
  decimalAsPlainNumber: false,
  ignoreNullFields: false,
};

/** Writes rows of plain values (data/read.ts; time stamps also as epoch milliseconds) as JSON objects in Flink's form. */
export interface JsonRowEncoder {
  encode(row: readonly unknown[]): Uint8Array;
}

/** Throws HeadwaterError `unsupported` for a type without a JSON form. */
export function createJsonEncoder(schema: Schema, options = JSON_ENCODER_DEFAULTS): JsonRowEncoder {
  const write = objectWriter(schema, options);
  return { encode: (row) => Buffer.from(write(row)) };
}

type WriteObject = (row: readonly unknown[]) => string;
/** Of a value that is not NULL. */
type WriteValue = (value: never) => string;

function objectWriter(fields: Schema, options: JsonEncoderOptions): WriteObject {
  const names = fields.map(({ name }) => `${JSON.stringify(name)}:`);
  const writers = fields.map(({ type }) => nullableWriter(type, options));
  return (row) => {
    let text = '{';
    for (let i = 0; i < names.length; i++) {
      const value = row[i];
      if (options.ignoreNullFields && (value === null || value === undefined)) continue;
      if (text.length > 1) text += ',';
      text += names[i] + writers[i](value);
    }
    return `${text}}`;
  };
}

/** The JSON text of values of a type. */
export function jsonValueText(type: SqlType, options = JSON_ENCODER_DEFAULTS): (value: unknown) => string {
  return nullableWriter(type, options);
}

function nullableWriter(type: SqlType, options: JsonEncoderOptions): (value: unknown) => string {
  const write = valueWriter(type, options) as (value: unknown) => string;
  return (value) => (value === null || value === undefined ? 'null' : write(value));
}

function valueWriter(type: SqlType, options: JsonEncoderOptions): WriteValue {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'INTERVAL_YEAR_MONTH':
    case 'INTERVAL_DAY_TIME':
      return (value: boolean | number | bigint) => String(value);
    case 'FLOAT':
      return (value: number) => floatText(shortest(value));
    case 'DOUBLE':
      return floatText;
    case 'CHAR':
    case 'VARCHAR':
      return (value: string) => JSON.stringify(value);
    case 'BINARY':
    case 'VARBINARY':
      return (value: Uint8Array) => `"${Buffer.from(value).toString('base64')}"`;
    case 'DECIMAL':
      return options.decimalAsPlainNumber
        ? (value: bigint) => formatDecimal(value, type.scale)
        : (value: bigint) => javaDecimal(value, type.scale);
    case 'DATE':
      return (value: number) => `"${dateText(value * 86_400_000)}"`;
    case 'TIME':
      return (value: number) => `"${timeText(value, 0)}"`;
    case 'TIMESTAMP':
      return timestampWriter(options, '');
    case 'TIMESTAMP_LTZ':
      return timestampWriter(options, 'Z');
    case 'ARRAY': {
      const write = nullableWriter(type.element, options);
      return (value: readonly unknown[]) => `[${value.map(write).join(',')}]`;
    }
    case 'MAP':
    case 'MULTISET':
      return mapWriter(type, options);
    case 'ROW':
      return objectWriter(type.fields, options);
    case 'NULL':
      return () => 'null';
    default:
      return unreachable(type);
  }
}

function mapWriter(type: SqlType, options: JsonEncoderOptions): WriteValue {
  const { key, value } = mapTypes(type);
  if (key.kind !== 'CHAR' && key.kind !== 'VARCHAR') {
    throw new HeadwaterError(
      'unsupported',
      `JSON format doesn't support non-string as key type of map. The type is: ${formatType(type)}`,
    );
  }
  const write = nullableWriter(value, options);
  return (pairs: Iterable<readonly [string | null, unknown]>) => {
    const fields: string[] = [];
    for (const [name, item] of pairs) {
      if (name === null) {
        throw new HeadwaterError('null-value', 'JSON format doesn’t support to serialize map data with null keys', {
          kind: 'runtime',
        });
      }
      fields.push(`${JSON.stringify(name)}:${write(item)}`);
    }
    return `{${fields.join(',')}}`;
  };
}

function timestampWriter(options: JsonEncoderOptions, zone: string): WriteValue {
  const between = options.timestampStandard === 'SQL' ? ' ' : 'T';
  return (value: number | TimestampValue) => {
    const { ms, nanos } = typeof value === 'number' ? { ms: value, nanos: 0 } : value;
    const ofDay = ((ms % 86_400_000) + 86_400_000) % 86_400_000;
    return `"${dateText(ms)}${between}${timeText(ofDay, nanos)}${zone}"`;
  };
}

function dateText(ms: number): string {
  const text = new Date(ms).toISOString().slice(0, -14);
  return text.startsWith('+') ? text.slice(2) : text;
}

/** `12:34:56`, with the digits of the fraction that are not zero at the end. */
function timeText(msOfDay: number, nanos: number): string {
  const seconds = Math.floor(msOfDay / 1000);
  const two = (value: number) => (value < 10 ? `0${value}` : String(value));
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const ms = msOfDay % 1000;
  if (ms === 0 && nanos === 0) return whole;
  const fraction = String(ms).padStart(3, '0') + (nanos === 0 ? '' : String(nanos).padStart(6, '0'));
  return `${whole}.${fraction.replace(/0+$/, '')}`;
}

function floatText(value: number): string {
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

/** The shortest decimal that is this FLOAT, rather than the long one that is its DOUBLE. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** As Java writes a BigDecimal: small ones with an exponent. */
function javaDecimal(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled);
  const exponent = digits.length - 1 - scale;
  if (exponent >= -6) return formatDecimal(unscaled, scale);
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${unscaled < 0n ? '-' : ''}${digits[0]}${rest}E${exponent}`;
}
