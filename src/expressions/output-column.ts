import { BYTES_SLACK, type Column, hasNanos, layoutOf } from '../data/column.ts';
import { columnFromValues } from '../data/builder.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';

/**
 * The buffers of one computed column, kept from batch to batch. Generated code writes the arrays by row number:
 * `values` (and `nanos`; `high`, `low`; `starts`, `ends`), and `nulls` by bit.
 */
export class OutputColumn {
  readonly type: SqlType;
  private capacity = 0;
  nulls = new Uint8Array(0);
  values: Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array = new Int8Array(0);
  nanos = new Int32Array(0);
  high = new BigInt64Array(0);
  low = new BigInt64Array(0);
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  bytes = new Uint8Array(64);
  view = new DataView(this.bytes.buffer);
  /** Values of nested types, as plain JavaScript. */
  plain: unknown[] = [];

  constructor(type: SqlType) {
    this.type = type;
  }

  /** Makes room for `length` rows, none of them NULL. */
  begin(length: number): void {
    if (length > this.capacity) this.allocate(Math.max(64, length));
    this.nulls.fill(0, 0, (length + 7) >> 3);
  }

  private allocate(rows: number): void {
    this.capacity = rows;
    this.nulls = new Uint8Array((rows + 7) >> 3);
    const layout = layoutOf(this.type);
    switch (layout) {
      case 'i8':
        this.values = new Int8Array(rows);
        break;
      case 'i16':
        this.values = new Int16Array(rows);
        break;
      case 'i32':
        this.values = new Int32Array(rows);
        break;
      case 'i64':
        this.values = new BigInt64Array(rows);
        break;
      case 'f32':
        this.values = new Float32Array(rows);
        break;
      case 'f64':
        this.values = new Float64Array(rows);
        break;
      case 'ts':
        this.values = new Float64Array(rows);
        if (hasNanos(this.type)) this.nanos = new Int32Array(rows);
        break;
      case 'dec128':
        this.high = new BigInt64Array(rows);
        this.low = new BigInt64Array(rows);
        break;
      case 'bytes':
        this.starts = new Int32Array(rows);
        this.ends = new Int32Array(rows);
        break;
      case 'list':
      case 'map':
      case 'row':
        break;
      default:
        unreachable(layout);
    }
  }

  /** Room for `size` more bytes after the first `used`; returns the buffer, which may be a new one. */
  grow(used: number, size: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, used + size + BYTES_SLACK));
    bytes.set(this.bytes.subarray(0, used));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    return bytes;
  }

  /** The rows written since `begin`. */
  column(length: number, anyNull: boolean): Column {
    const nulls = anyNull ? this.nulls : undefined;
    const { values } = this;
    if (values instanceof Float64Array) {
      if (layoutOf(this.type) === 'f64') return { layout: 'f64', values, nulls };
      return { layout: 'ts', values, nanos: hasNanos(this.type) ? this.nanos : undefined, nulls };
    }
    if (values instanceof Int32Array) return { layout: 'i32', values, nulls };
    if (values instanceof BigInt64Array) return { layout: 'i64', values, nulls };
    if (values instanceof Int16Array) return { layout: 'i16', values, nulls };
    if (values instanceof Float32Array) return { layout: 'f32', values, nulls };
    switch (layoutOf(this.type)) {
      case 'i8':
        return { layout: 'i8', values, nulls };
      case 'dec128':
        return { layout: 'dec128', high: this.high, low: this.low, nulls };
      case 'bytes':
        return { layout: 'bytes', bytes: this.bytes, view: this.view, starts: this.starts, ends: this.ends, nulls };
      default:
        return columnFromValues(this.type, this.plainRows(length));
    }
  }

  /** Rows that were not computed are NULL. */
  private plainRows(length: number): readonly unknown[] {
    const rows = Array.from({ length }, (_, i) => this.plain[i] ?? null);
    this.plain = [];
    return rows;
  }
}
