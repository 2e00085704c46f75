import { unreachable } from './errors.ts';
import type { SqlType } from './types.ts';

/**
 * A column of a batch, by physical layout. Columns are read-only and valid only until `process` returns: whoever keeps
 * values copies them. `nulls` is a bitmap, bit i (byte i >> 3, bit i & 7) = 1 means NULL; undefined means no NULL.
 * The value stored under a NULL is unspecified.
 */
export type Column =
  | I8Column
  | I16Column
  | I32Column
  | I64Column
  | F32Column
  | F64Column
  | TsColumn
  | Dec128Column
  | BytesColumn
  | ListColumn
  | MapColumn
  | RowColumn
  | ConstColumn
  | DictColumn;

export type Nulls = Uint8Array | undefined;

/** BOOLEAN (0 or 1) and TINYINT. */
export interface I8Column {
  readonly layout: 'i8';
  readonly values: Int8Array;
  readonly nulls: Nulls;
}
export interface I16Column {
  readonly layout: 'i16';
  readonly values: Int16Array;
  readonly nulls: Nulls;
}
/** INT, DATE (days since 1970-01-01), TIME (milliseconds of day), INTERVAL YEAR TO MONTH (months). */
export interface I32Column {
  readonly layout: 'i32';
  readonly values: Int32Array;
  readonly nulls: Nulls;
}
/** BIGINT, DECIMAL(p <= 18) as unscaled value, INTERVAL DAY TO SECOND (milliseconds). */
export interface I64Column {
  readonly layout: 'i64';
  readonly values: BigInt64Array;
  readonly nulls: Nulls;
}
export interface F32Column {
  readonly layout: 'f32';
  readonly values: Float32Array;
  readonly nulls: Nulls;
}
export interface F64Column {
  readonly layout: 'f64';
  readonly values: Float64Array;
  readonly nulls: Nulls;
}
/** TIMESTAMP and TIMESTAMP_LTZ: epoch milliseconds (floor) and, for precision > 3, nanoseconds within the millisecond. */
export interface TsColumn {
  readonly layout: 'ts';
  readonly values: Float64Array;
  readonly nanos: Int32Array | undefined;
  readonly nulls: Nulls;
}
/** DECIMAL(p > 18): unscaled value = high * 2^64 + (low as unsigned 64 bits). */
export interface Dec128Column {
  readonly layout: 'dec128';
  readonly high: BigInt64Array;
  readonly low: BigInt64Array;
  readonly nulls: Nulls;
}
/**
 * CHAR, VARCHAR (UTF-8), BINARY, VARBINARY: byte ranges [starts[i], ends[i]) of `bytes`.
 * `view` covers exactly `bytes`. At least BYTES_SLACK readable bytes follow the last used byte, so that hashing and
 * comparing may load 4 bytes at a time.
 */
export interface BytesColumn {
  readonly layout: 'bytes';
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly nulls: Nulls;
}
export const BYTES_SLACK = 8;

/** ARRAY: elements [offsets[i], offsets[i + 1]) of `element`. */
export interface ListColumn {
  readonly layout: 'list';
  readonly offsets: Int32Array;
  readonly element: Column;
  readonly nulls: Nulls;
}
/** MAP and MULTISET (value = count as INT). */
export interface MapColumn {
  readonly layout: 'map';
  readonly offsets: Int32Array;
  readonly key: Column;
  readonly value: Column;
  readonly nulls: Nulls;
}
export interface RowColumn {
  readonly layout: 'row';
  readonly children: readonly Column[];
  readonly nulls: Nulls;
}
/** One value for all rows: row 0 of `value`. */
export interface ConstColumn {
  readonly layout: 'const';
  readonly value: Column;
  readonly nulls: undefined;
}
/** Row i is row `indices[i]` of `values`; NULLs are given by this column's own bitmap. */
export interface DictColumn {
  readonly layout: 'dict';
  readonly indices: Int32Array;
  readonly values: Column;
  readonly nulls: Nulls;
}

export type FlatLayout = Exclude<Column['layout'], 'const' | 'dict'>;

/** The flat layout that holds values of the type. */
export function layoutOf(type: SqlType): FlatLayout {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'NULL':
      return 'i8';
    case 'SMALLINT':
      return 'i16';
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_YEAR_MONTH':
      return 'i32';
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return 'i64';
    case 'FLOAT':
      return 'f32';
    case 'DOUBLE':
      return 'f64';
    case 'DECIMAL':
      return type.precision <= 18 ? 'i64' : 'dec128';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return 'ts';
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      return 'bytes';
    case 'ARRAY':
      return 'list';
    case 'MAP':
    case 'MULTISET':
      return 'map';
    case 'ROW':
      return 'row';
    default:
      return unreachable(type);
  }
}

export function isNull(nulls: Nulls, row: number): boolean {
  return nulls !== undefined && (nulls[row >> 3] & (1 << (row & 7))) !== 0;
}

/** True where NULLs of a TIMESTAMP need the nanosecond array. */
export function hasNanos(type: SqlType): boolean {
  return (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision > 3;
}
