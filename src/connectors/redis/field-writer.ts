import type { Column } from '../../data/column.ts';
import { isNull } from '../../data/column.ts';
import { formatChangelogValue } from '../../data/json-value.ts';
import { readValue } from '../../data/read.ts';
import type { SqlType } from '../../data/types.ts';
import { escapeKeyPart } from '../../store/key-escape.ts';
import type { PackWriter } from './pack-writer.ts';

/** Writes the text of one value that is not NULL, within a string. */
export type FieldWriter = (column: Column, row: number, out: PackWriter) => void;

/**
 * The text of a value in a hash: numbers as decimal text (DOUBLE the shortest that is the same number), BOOLEAN true or
 * false, time stamps as ISO text, bytes as hex, nested values as JSON.
 */
export function fieldWriter(type: SqlType): FieldWriter {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return writeText;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'INTERVAL_YEAR_MONTH':
    case 'DOUBLE':
      return numberWriter(type);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return bigintWriter(type);
    default:
      return (column, row, out) => out.utf8(fieldText(type, readValue(type, column, row)));
  }
}

function writeText(column: Column, row: number, out: PackWriter): void {
  if (column.layout === 'bytes') out.bytes(column.bytes, column.starts[row], column.ends[row]);
  else if (column.layout === 'dict') writeText(column.values, column.indices[row], out);
  else if (column.layout === 'const') writeText(column.value, 0, out);
}

/** A function of its own per column: a loop over several kinds of arrays is ten times slower. */
function numberWriter(type: SqlType): FieldWriter {
  return (column, row, out) => {
    switch (column.layout) {
      case 'i8':
      case 'i16':
      case 'i32':
      case 'f64':
        out.ascii(String(column.values[row]));
        break;
      default:
        out.ascii(fieldText(type, readValue(type, column, row)));
    }
  };
}

const SMALL = 9007199254740991n;

function bigintWriter(type: SqlType): FieldWriter {
  return (column, row, out) => {
    if (column.layout !== 'i64') {
      out.ascii(fieldText(type, readValue(type, column, row)));
      return;
    }
    const value = column.values[row];
    out.ascii(value <= SMALL && value >= -SMALL ? String(Number(value)) : String(value));
  };
}

/** The text of a plain value (data/read.ts). */
export function fieldText(type: SqlType, value: unknown): string {
  const form = formatChangelogValue(type, value);
  return typeof form === 'object' ? JSON.stringify(form) : String(form);
}

/** The %-escaped text of a key column. */
export function keyPartWriter(type: SqlType): FieldWriter {
  const plain = fieldWriter(type);
  switch (type.kind) {
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return plain;
    case 'CHAR':
    case 'VARCHAR':
      return (column, row, out) => {
        if (column.layout === 'bytes' && isPlain(column.bytes, column.starts[row], column.ends[row])) {
          out.bytes(column.bytes, column.starts[row], column.ends[row]);
        } else {
          out.ascii(keyPart(type, column, row));
        }
      };
    default:
      return (column, row, out) => out.ascii(keyPart(type, column, row));
  }
}

function keyPart(type: SqlType, column: Column, row: number): string {
  return escapeKeyPart(String(formatChangelogValue(type, readValue(type, column, row))));
}

/** Bytes that escapeKeyPart leaves as they are. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, code) =>
  code < 128 && escapeKeyPart(String.fromCharCode(code)).length === 1 ? 1 : 0,
);

function isPlain(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (PLAIN[bytes[i]] === 0) return false;
  return true;
}

/** Writes a value or NULL as JSON, within a string. */
export function jsonWriter(type: SqlType): FieldWriter {
  return (column, row, out) => out.utf8(JSON.stringify(formatChangelogValue(type, readValue(type, column, row))));
}

/** Whether a value is NULL, whatever the layout. */
export function isNullAt(column: Column, row: number): boolean {
  return column.layout === 'const' ? isNull(column.value.nulls, 0) : isNull(column.nulls, row);
}
