import { rowNumbers } from './row-numbers.ts';
import { CODEC_VERSION, CONSTANT, entryTypes, HAS_NANOS, HAS_NULLS, PACKED, padded } from './codec-format.ts';
import {
  byteLengths,
  type ByteLengths,
  packedWidthF64,
  packedWidthI64,
  packF64,
  packI64,
  type PackedWidth,
} from './codec-packing.ts';
import { BYTES_SLACK, type BytesColumn, type Column, layoutOf } from './column.ts';
import { assert, unreachable } from './errors.ts';
import { gatherColumn } from './gather.ts';
import type { SqlType } from './types.ts';

type FlatColumn = Exclude<Column, { layout: 'const' | 'dict' }>;

/** Encodes rows 0 .. count - 1. Dictionary columns become flat, and so do constants that are not of a fixed width. */
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
  write(target: Uint8Array, at: number): void;
}

/** The encoding of `encodeColumns`, to be written into a larger buffer without a copy in between. */
export function prepareColumns(types: readonly SqlType[], columns: readonly Column[], count: number): PreparedColumns {
  assert(types.length === columns.length, `${types.length} types for ${columns.length} columns`);
  const parts = columns.map((column, i) => prepare(types[i], column, count));
  const size = parts.reduce((sum, part) => sum + part.size, 8);
  const write = (target: Uint8Array, at: number): void => {
    const writer = new Writer(target, at);
    target[at] = CODEC_VERSION;
    writer.view.setUint32(at + 4, count, true);
    writer.at = at + 8;
    for (const part of parts) part.write(writer);
  };
  return { size, write };
}

/** A column of which is known how it is written and how many bytes that takes. */
interface Part {
  readonly size: number;
  write(writer: Writer): void;
}

function prepare(type: SqlType, column: Column, count: number): Part {
  if (column.layout === 'const' && column.nulls === undefined && isFixed(column.value)) {
    return prepareFlat(type, flatten(type, column.value, 1), 1, CONSTANT);
  }
  return prepareFlat(type, flatten(type, column, count), count, 0);
}

function isFixed(column: Column): boolean {
  switch (column.layout) {
    case 'bytes':
    case 'list':
    case 'map':
    case 'row':
    case 'const':
    case 'dict':
      return false;
    default:
      return true;
  }
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

function prepareFlat(type: SqlType, column: FlatColumn, count: number, flags: number): Part {
  const head = 8 + (column.nulls === undefined ? 0 : padded((count + 7) >> 3));
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'f32':
      return prepareArrays(column, [column.values], count, flags);
    case 'i64': {
      const width = packedWidthI64(column.values, count);
      if (width === 8) return prepareArrays(column, [column.values], count, flags);
      return preparePacked(column, () => packI64(column.values, count, width), width, count, flags);
    }
    case 'f64': {
      const width = packedWidthF64(column.values, count);
      if (width === 8) return prepareArrays(column, [column.values], count, flags);
      return preparePacked(column, () => packF64(column.values, count, width), width, count, flags);
    }
    case 'ts':
      return column.nanos === undefined
        ? prepareArrays(column, [column.values], count, flags)
        : prepareArrays(column, [column.values, column.nanos], count, flags | HAS_NANOS);
    case 'dec128':
      return prepareArrays(column, [column.high, column.low], count, flags);
    case 'bytes':
      return prepareBytes(column, byteLengths(column, count), count);
    case 'list':
    case 'map':
    case 'row':
      return prepareNested(type, column, count, head);
    default:
      return unreachable(column);
  }
}

type Values = ArrayBufferView & { readonly BYTES_PER_ELEMENT: number };

function prepareArrays(column: FlatColumn, arrays: readonly Values[], count: number, flags: number): Part {
  const size = arrays.reduce((sum, values) => sum + padded(count * values.BYTES_PER_ELEMENT), headSize(column, count));
  const write = (writer: Writer): void => {
    writer.head(column, count, flags);
    for (const values of arrays) writer.array(values, count);
  };
  return { size, write };
}

function preparePacked(column: FlatColumn, pack: () => Values, width: PackedWidth, count: number, flags: number): Part {
  const write = (writer: Writer): void => {
    writer.head(column, count, flags | PACKED, width);
    writer.array(pack(), count);
  };
  return { size: headSize(column, count) + padded(count * width), write };
}

function prepareBytes(column: BytesColumn, { length, total }: ByteLengths, count: number): Part {
  const bytes = padded(total + BYTES_SLACK);
  if (length >= 0) {
    const write = (writer: Writer): void => {
      writer.head(column, count, PACKED, 0, length);
      writeBytes(writer, column, count, undefined);
    };
    return { size: headSize(column, count) + bytes, write };
  }
  const write = (writer: Writer): void => {
    writer.head(column, count, 0);
    const lengths = new Int32Array(writer.bytes.buffer, writer.bytes.byteOffset + writer.at, count);
    writer.at += padded(count * 4);
    writer.view.setUint32(writer.at, total, true);
    writer.at += 8;
    writeBytes(writer, column, count, lengths);
  };
  return { size: headSize(column, count) + padded(count * 4) + 8 + bytes, write };
}

function prepareNested(
  type: SqlType,
  column: FlatColumn & { layout: 'list' | 'map' | 'row' },
  count: number,
  head: number,
): Part {
  switch (column.layout) {
    case 'list': {
      assert(type.kind === 'ARRAY', `a list column for type ${type.kind}`);
      const inner = column.offsets[count];
      return withLengths(column, count, [prepareFlat(type.element, asFlat(column.element), inner, 0)]);
    }
    case 'map': {
      const inner = column.offsets[count];
      const [key, value] = entryTypes(type);
      const children = [
        prepareFlat(key, asFlat(column.key), inner, 0),
        prepareFlat(value, asFlat(column.value), inner, 0),
      ];
      return withLengths(column, count, children);
    }
    case 'row': {
      assert(type.kind === 'ROW', `a row column for type ${type.kind}`);
      const children = column.children.map((child, i) => prepareFlat(type.fields[i].type, asFlat(child), count, 0));
      const write = (writer: Writer): void => {
        writer.head(column, count, 0);
        for (const child of children) child.write(writer);
      };
      return { size: children.reduce((sum, child) => sum + child.size, head), write };
    }
    default:
      return unreachable(column);
  }
}

function withLengths(column: FlatColumn & { layout: 'list' | 'map' }, count: number, children: readonly Part[]): Part {
  const size = headSize(column, count) + padded(count * 4) + 8;
  const write = (writer: Writer): void => {
    const { offsets } = column;
    writer.head(column, count, 0);
    const lengths = new Int32Array(count);
    for (let i = 0; i < count; i++) lengths[i] = offsets[i + 1] - offsets[i];
    writer.array(lengths, count);
    writer.view.setUint32(writer.at, offsets[count], true);
    writer.at += 8;
    for (const child of children) child.write(writer);
  };
  return { size: children.reduce((sum, child) => sum + child.size, size), write };
}

/** Children of a gathered column are flat too. */
function asFlat(column: Column): FlatColumn {
  assert(column.layout !== 'const' && column.layout !== 'dict', 'a gathered column is flat');
  return column;
}

function headSize(column: FlatColumn, count: number): number {
  return 8 + (column.nulls === undefined ? 0 : padded((count + 7) >> 3));
}

class Writer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }
  /** Flags and NULLs of a column. */
  head(column: FlatColumn, count: number, flags: number, width = 0, length = 0): void {
    this.bytes[this.at] = flags | (column.nulls === undefined ? 0 : HAS_NULLS);
    this.bytes[this.at + 1] = width;
    this.view.setUint32(this.at + 4, length, true);
    this.at += 8;
    if (column.nulls !== undefined) this.array(column.nulls, (count + 7) >> 3);
  }
  /** Copies the memory of the first `count` values and goes on to the next multiple of eight. */
  array(values: Values, count: number): void {
    const size = count * values.BYTES_PER_ELEMENT;
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, size), this.at);
    this.at += padded(size);
  }
}

/** Below this, copying words beats the native call of TypedArray.set. */
const SHORT = 64;

/** The bytes of all rows that are not NULL, one after the other, and their lengths where they are wanted. */
function writeBytes(writer: Writer, column: BytesColumn, count: number, lengths: Int32Array | undefined): void {
  const { bytes: source, view: words, starts, ends, nulls } = column;
  const { bytes: out, view } = writer;
  const from = writer.at;
  let at = from;
  for (let i = 0; i < count; i++) {
    if (nulls !== undefined && (nulls[i >> 3] & (1 << (i & 7))) !== 0) continue;
    const start = starts[i];
    const length = ends[i] - start;
    if (lengths !== undefined) lengths[i] = length;
    if (length < SHORT) {
      let k = 0;
      for (; k + 4 <= length; k += 4) view.setInt32(at + k, words.getInt32(start + k, true), true);
      for (; k < length; k++) out[at + k] = source[start + k];
    } else {
      out.set(source.subarray(start, start + length), at);
    }
    at += length;
  }
  writer.at = from + padded(at - from + BYTES_SLACK);
}
