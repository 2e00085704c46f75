import { type Column, isNull } from './column.ts';
import { unreachable } from './errors.ts';
import type { SqlType } from './types.ts';

/** A time stamp as a plain value: epoch milliseconds (floor) and nanoseconds within the millisecond. */
export interface TimestampValue {
  readonly ms: number;
  readonly nanos: number;
}

/**
 * One value as plain JavaScript: NULL null; BOOLEAN boolean; BIGINT, DECIMAL (unscaled) and INTERVAL DAY TO SECOND
 * bigint; other numbers number; CHAR and VARCHAR string; BINARY a copy as Uint8Array; time stamps TimestampValue; ARRAY
 * an array; MAP and MULTISET an array of [key, value]; ROW an array of its fields. Not for hot loops.
 */
export function readValue(type: SqlType, column: Column, row: number): unknown {
  if (column.layout === 'const') return readValue(type, column.value, 0);
  if (isNull(column.nulls, row)) return null;
  switch (column.layout) {
    case 'i8':
      return type.kind === 'BOOLEAN' ? column.values[row] !== 0 : column.values[row];
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return column.values[row];
    case 'ts':
      return {
        ms: column.values[row],
        nanos: column.nanos === undefined ? 0 : column.nanos[row],
      } satisfies TimestampValue;
    case 'dec128':
      return (column.high[row] << 64n) | BigInt.asUintN(64, column.low[row]);
    case 'bytes': {
      const bytes = column.bytes.subarray(column.starts[row], column.ends[row]);
      if (type.kind === 'BINARY' || type.kind === 'VARBINARY') return Uint8Array.from(bytes);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    }
    case 'list': {
      if (type.kind !== 'ARRAY') throw new Error(`a list column holds ${type.kind}`);
      const values: unknown[] = [];
      for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
        values.push(readValue(type.element, column.element, i));
      }
      return values;
    }
    case 'map': {
      const { key, value } = mapTypes(type);
      const pairs: unknown[] = [];
      for (let i = column.offsets[row]; i < column.offsets[row + 1]; i++) {
        pairs.push([readValue(key, column.key, i), readValue(value, column.value, i)]);
      }
      return pairs;
    }
    case 'row':
      if (type.kind !== 'ROW') throw new Error(`a row column holds ${type.kind}`);
      return column.children.map((child, i) => readValue(type.fields[i].type, child, row));
    case 'dict':
      return readValue(type, column.values, column.indices[row]);
    default:
      return unreachable(column);
  }
}

/** Key and value type of a MAP; a MULTISET maps elements to counts. */
export function mapTypes(type: SqlType): { key: SqlType; value: SqlType } {
  if (type.kind === 'MAP') return { key: type.key, value: type.value };
  if (type.kind === 'MULTISET') return { key: type.element, value: { kind: 'INT', nullable: false } };
  throw new Error(`a map column holds ${type.kind}`);
}
