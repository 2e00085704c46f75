import { formatDecimal } from '../../../data/json-value.ts';
import { mapTypes } from '../../../data/read.ts';
import type { SqlType } from '../../../data/types.ts';
import { isString } from '../../types/common-type.ts';
import { formatDouble, formatText } from '../../values/format.ts';
import { bigDecimalText, byJsonName } from '../../values/json-text.ts';

/** A value that is not NULL as JSON text. */
export type JsonWriter = (value: unknown) => string;

/** How values of the type become JSON. */
export function jsonWriter(type: SqlType): JsonWriter {
  const nested = (inner: SqlType): JsonWriter => {
    const write = jsonWriter(inner);
    return (value) => (value === null ? 'null' : write(value));
  };
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return String;
    case 'FLOAT':
    case 'DOUBLE':
      return (value) => jsonNumber(value as number);
    case 'DECIMAL':
      return (value) => jsonDecimal(value as bigint, type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case 'ARRAY': {
      const element = nested(type.element);
      return (value) => `[${(value as unknown[]).map(element).join(',')}]`;
    }
    case 'MAP':
    case 'MULTISET': {
      const types = mapTypes(type);
      const element = nested(types.value);
      const name = (key: unknown): string => (key === null ? 'null' : formatText(types.key, key));
      return (value) => objectText((value as [unknown, unknown][]).map(([k, v]) => [name(k), element(v)]));
    }
    case 'ROW': {
      const fields = type.fields.map((field) => ({ name: field.name, write: nested(field.type) }));
      return (value) => objectText(fields.map(({ name, write }, i) => [name, write((value as unknown[])[i])]));
    }
    case 'TIMESTAMP':
      return (value) => JSON.stringify(isoText(formatText(type, value)));
    default:
      return isString(type) ? (value) => JSON.stringify(value) : (value) => JSON.stringify(formatText(type, value));
  }
}

/** NaN and infinities are strings in JSON; a FLOAT has the digits of the DOUBLE that it is. */
function jsonNumber(value: number): string {
  return Number.isFinite(value) ? bigDecimalText(formatDouble(value)) : `"${value}"`;
}

/** As Java prints a decimal: below 10^-6 with an exponent. */
function jsonDecimal(value: bigint, scale: number): string {
  const digits = String(value < 0n ? -value : value);
  const exponent = digits.length - 1 - scale;
  if (exponent >= -6) return formatDecimal(value, scale);
  return `${value < 0n ? '-' : ''}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${exponent}`;
}

/** 2024-02-29 12:34:56.500 as 2024-02-29T12:34:56.5. */
function isoText(text: string): string {
  return text.replace(' ', 'T').replace(/(\.\d*?)0+$/, (_, fraction: string) => (fraction === '.' ? '' : fraction));
}

/** The members in the order of their names. */
export function objectText(members: [name: string, text: string][]): string {
  return `{${members
    .sort(byJsonName)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(',')}}`;
}
