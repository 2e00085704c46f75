import { rowNumbers } from './row-numbers.ts';
import { CODEC_VERSION, entryTypes, HAS_NANOS, HAS_NULLS, padded } from './codec-format.ts';
import { BYTES_SLACK, type Column, type FlatLayout, layoutOf } from './column.ts';
import { assert, unreachable } from './errors.ts';
import { gatherColumn } from './gather.ts';
import type { SqlType } from './types.ts';

type FlatColumn = Exclude<Column, { layout: 'const' | 'dict' }>;

/** Encodes rows 0 .. count - 1. Constant and dictionary columns become flat. */
export function encodeColumns(types: readonly SqlType[], columns: readonly Column[], count: number): Uint8Array {
  const encoding = prepareColumns(types, columns, count);
  const bytes = new Uint8Array(encoding.size);
  encoding.write(bytes, 0);
  return bytes;
}

export interface PreparedColumns {
  /** Size in bytes, a multiple of eight. */
  readonly size: number;
  /** Writes the encoding at a multiple of eight of a zeroed buffer. */
  write(target: Uint8Array<ArrayBuffer>, at: number): void;
}

/** The encoding of `encodeColumns`, to be written into a larger buffer without a copy in between. */
export function prepareColumns(types: readonly SqlType[], columns: readonly Column[], count: number): PreparedColumns {
  assert(types.length === columns.length, `${types.length} types for ${columns.length} columns`);
  const flat = columns.map((column, i) => flatten(types[i], column, count));
  const size = flat.reduce((sum, column) => sum + sizeOf(column, count), 8);
  const write = (target: Uint8Array<ArrayBuffer>, at: number): void => {
    const writer = new Writer(target, at);
    target[at] = CODEC_VERSION;
    writer.view.setUint32(at + 4, count, true);
    writer.at = at + 8;
    types.forEach((type, i) => writeColumn(writer, type, flat[i], count));
  };
  return { size, write };
}

function flatten(type: SqlType, column: Column, count: number): FlatColumn {
  const simple = column.layout !== 'const' && column.layout !== 'dict';
  // Lists may have rows under NULLs and offsets that do not start at zero: a gather brings them into normal form.
  const nested = column.layout === 'list' || column.layout === 'map' || column.layout === 'row';
  const flat = simple && !nested ? column : gatherColumn(column, rowNumbers(count), count);
  assert(flat.layout !== 'const' && flat.layout !== 'dict', 'a gathered column is flat');
  assert(flat.layout === layoutOf(type), `a column of layout ${flat.layout} for type ${type.kind}`);
  return flat;
}

const WIDTHS: Record<Exclude<FlatLayout, 'bytes' | 'list' | 'map' | 'row' | 'ts' | 'dec128'>, number> = {
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
};

function sizeOf(column: FlatColumn, count: number): number {
  const head = 8 + (column.nulls === undefined ? 0 : padded((count + 7) >> 3));
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return head + padded(count * WIDTHS[column.layout]);
    case 'ts':
      return head + count * 8 + (column.nanos === undefined ? 0 : padded(count * 4));
    case 'dec128':
      return head + count * 16;
    case 'bytes':
      return head + padded(count * 4) + 8 + padded(totalBytes(column, count) + BYTES_SLACK);
    case 'list':
      return head + padded(count * 4) + 8 + sizeOf(asFlat(column.element), column.offsets[count]);
    case 'map': {
      const inner = column.offsets[count];
      return head + padded(count * 4) + 8 + sizeOf(asFlat(column.key), inner) + sizeOf(asFlat(column.value), inner);
    }
    case 'row':
      return column.children.reduce((sum, child) => sum + sizeOf(asFlat(child), count), head);
    default:
      return unreachable(column);
  }
}

/** Children of a gathered column are flat too. */
function asFlat(column: Column): FlatColumn {
  assert(column.layout !== 'const' && column.layout !== 'dict', 'a gathered column is flat');
  return column;
}

function totalBytes(column: FlatColumn & { layout: 'bytes' }, count: number): number {
  const { starts, ends, nulls } = column;
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (nulls === undefined || (nulls[i >> 3] & (1 << (i & 7))) === 0) total += ends[i] - starts[i];
  }
  return total;
}

class Writer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, at: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }
  /** Copies the memory of the first `count` values and goes on to the next multiple of eight. */
  array(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }, count: number): void {
    const size = count * values.BYTES_PER_ELEMENT;
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, size), this.at);
    this.at += padded(size);
  }
}

function writeColumn(writer: Writer, type: SqlType, column: FlatColumn, count: number): void {
  const nanos = column.layout === 'ts' && column.nanos !== undefined;
  writer.bytes[writer.at] = (column.nulls === undefined ? 0 : HAS_NULLS) | (nanos ? HAS_NANOS : 0);
  writer.at += 8;
  if (column.nulls !== undefined) writer.array(column.nulls, (count + 7) >> 3);
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      writer.array(column.values, count);
      break;
    case 'ts':
      writer.array(column.values, count);
      if (column.nanos !== undefined) writer.array(column.nanos, count);
      break;
    case 'dec128':
      writer.array(column.high, count);
      writer.array(column.low, count);
      break;
    case 'bytes':
      writeBytes(writer, column, count);
      break;
    case 'list': {
      assert(type.kind === 'ARRAY', `a list column for type ${type.kind}`);
      const inner = writeLengths(writer, column.offsets, count);
      writeColumn(writer, type.element, asFlat(column.element), inner);
      break;
    }
    case 'map': {
      const inner = writeLengths(writer, column.offsets, count);
      const [key, value] = entryTypes(type);
      writeColumn(writer, key, asFlat(column.key), inner);
      writeColumn(writer, value, asFlat(column.value), inner);
      break;
    }
    case 'row':
      assert(type.kind === 'ROW', `a row column for type ${type.kind}`);
      column.children.forEach((child, i) => writeColumn(writer, type.fields[i].type, asFlat(child), count));
      break;
    default:
      unreachable(column);
  }
}

function writeLengths(writer: Writer, offsets: Int32Array, count: number): number {
  const lengths = new Int32Array(count);
  for (let i = 0; i < count; i++) lengths[i] = offsets[i + 1] - offsets[i];
  writer.array(lengths, count);
  writer.view.setUint32(writer.at, offsets[count], true);
  writer.at += 8;
  return offsets[count];
}

function writeBytes(writer: Writer, column: FlatColumn & { layout: 'bytes' }, count: number): void {
  const { bytes: source, starts, ends, nulls } = column;
  const out = writer.bytes;
  const lengths = new Int32Array(out.buffer, out.byteOffset + writer.at, count);
  const totalAt = writer.at + padded(count * 4);
  const from = totalAt + 8;
  let at = from;
  for (let i = 0; i < count; i++) {
    if (nulls !== undefined && (nulls[i >> 3] & (1 << (i & 7))) !== 0) continue;
    const start = starts[i];
    const length = ends[i] - start;
    lengths[i] = length;
    if (length < 64) for (let k = 0; k < length; k++) out[at + k] = source[start + k];
    else out.set(source.subarray(start, start + length), at);
    at += length;
  }
  writer.view.setUint32(totalAt, at - from, true);
  writer.at = from + padded(at - from + BYTES_SLACK);
}
