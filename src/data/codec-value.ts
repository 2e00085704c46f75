import { type Column, hasNanos, isNull, layoutOf } from './column.ts';
import { assert, unreachable } from './errors.ts';
import { entryTypes } from './codec-format.ts';
import { createColumnBuilder, type ValueSource } from './codec-value-read.ts';
import type { SqlType } from './types.ts';

/**
 * One value as bytes, for nested values that state keeps as SlotBytes. A byte says whether it is NULL (0) or not (1);
 * then the value by layout, little-endian: fixed-width values at their width, bytes as length u32 and bytes, lists and
 * maps as count u32 and elements, rows as their fields.
 */
export function encodeValue(type: SqlType, column: Column, row: number): Uint8Array {
  const writer = new ValueWriter();
  writeValue(writer, type, column, row);
  return writer.finish();
}

/** Decodes values that start at `starts[i]` of `source` (-1 = NULL) into one column. */
export function decodeValues(type: SqlType, source: ValueSource, starts: Int32Array, count: number): Column {
  const builder = createColumnBuilder(type);
  const cursor = { bytes: source.bytes, view: source.view, at: 0 };
  for (let i = 0; i < count; i++) {
    if (starts[i] < 0) {
      builder.addNull();
    } else {
      cursor.at = starts[i];
      builder.read(cursor);
    }
  }
  return builder.finish();
}

class ValueWriter {
  private bytes = new Uint8Array(64);
  private view = new DataView(this.bytes.buffer);
  private at = 0;

  /** Makes room for `size` bytes and returns where they go. */
  private reserve(size: number): number {
    const start = this.at;
    this.at += size;
    if (this.at > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.at, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    return start;
  }
  u8(value: number): void {
    const at = this.reserve(1);
    this.view.setUint8(at, value);
  }
  i16(value: number): void {
    const at = this.reserve(2);
    this.view.setInt16(at, value, true);
  }
  i32(value: number): void {
    const at = this.reserve(4);
    this.view.setInt32(at, value, true);
  }
  i64(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigInt64(at, value, true);
  }
  f32(value: number): void {
    const at = this.reserve(4);
    this.view.setFloat32(at, value, true);
  }
  f64(value: number): void {
    const at = this.reserve(8);
    this.view.setFloat64(at, value, true);
  }
  block(source: Uint8Array, start: number, end: number): void {
    this.i32(end - start);
    const at = this.reserve(end - start);
    this.bytes.set(source.subarray(start, end), at);
  }
  finish(): Uint8Array {
    return this.bytes.slice(0, this.at);
  }
}

function writeValue(writer: ValueWriter, type: SqlType, column: Column, row: number): void {
  if (column.layout === 'const') {
    writeValue(writer, type, column.value, 0);
    return;
  }
  if (isNull(column.nulls, row)) {
    writer.u8(0);
    return;
  }
  if (column.layout === 'dict') {
    writeValue(writer, type, column.values, column.indices[row]);
    return;
  }
  assert(column.layout === layoutOf(type), `a column of layout ${column.layout} for type ${type.kind}`);
  writer.u8(1);
  switch (column.layout) {
    case 'i8':
      writer.u8(column.values[row]);
      break;
    case 'i16':
      writer.i16(column.values[row]);
      break;
    case 'i32':
      writer.i32(column.values[row]);
      break;
    case 'i64':
      writer.i64(column.values[row]);
      break;
    case 'f32':
      writer.f32(column.values[row]);
      break;
    case 'f64':
      writer.f64(column.values[row]);
      break;
    case 'ts':
      writer.f64(column.values[row]);
      if (hasNanos(type)) writer.i32(column.nanos === undefined ? 0 : column.nanos[row]);
      break;
    case 'dec128':
      writer.i64(column.high[row]);
      writer.i64(column.low[row]);
      break;
    case 'bytes':
      writer.block(column.bytes, column.starts[row], column.ends[row]);
      break;
    case 'list': {
      assert(type.kind === 'ARRAY', `a list column for type ${type.kind}`);
      const end = column.offsets[row + 1];
      writer.i32(end - column.offsets[row]);
      for (let i = column.offsets[row]; i < end; i++) writeValue(writer, type.element, column.element, i);
      break;
    }
    case 'map': {
      const [key, value] = entryTypes(type);
      const end = column.offsets[row + 1];
      writer.i32(end - column.offsets[row]);
      for (let i = column.offsets[row]; i < end; i++) {
        writeValue(writer, key, column.key, i);
        writeValue(writer, value, column.value, i);
      }
      break;
    }
    case 'row':
      assert(type.kind === 'ROW', `a row column for type ${type.kind}`);
      column.children.forEach((child, i) => writeValue(writer, type.fields[i].type, child, row));
      break;
    default:
      unreachable(column);
  }
}
