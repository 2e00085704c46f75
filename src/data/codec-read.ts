import { CODEC_VERSION, CONSTANT, entryTypes, HAS_NANOS, HAS_NULLS, PACKED, padded } from './codec-format.ts';
import { unpackF64, unpackI64 } from './codec-packing.ts';
import { BYTES_SLACK, type Column, layoutOf, type Nulls } from './column.ts';
import { assert, runtimeError, unreachable } from './errors.ts';
import { gatherColumn } from './gather.ts';
import { rowNumbers } from './row-numbers.ts';
import { type ArrayKind, makeArray, type MakeArray } from './scratch.ts';
import type { SqlType } from './types.ts';

export interface DecodedColumns {
  readonly columns: Column[];
  readonly count: number;
  /** Where the encoding ends: the offset of what follows it. */
  readonly end: number;
}

/** Decodes what `encodeColumns` wrote at `offset`. The columns are views of `bytes` where they can be; other arrays come from `make`. */
export function decodeColumns(
  types: readonly SqlType[],
  bytes: Uint8Array,
  offset = 0,
  make: MakeArray = makeArray,
): DecodedColumns {
  const reader = new Reader(bytes, offset, make);
  const version = reader.u8();
  if (version !== CODEC_VERSION) {
    throw runtimeError('codec-version', `column encoding has version ${version}, expected ${CODEC_VERSION}`);
  }
  reader.at = offset + 4;
  const count = reader.u32();
  const columns = types.map((type) => readColumn(reader, type, count));
  return { columns, count, end: reader.at };
}

class Reader {
  at: number;
  readonly bytes: Uint8Array;
  readonly make: MakeArray;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, at: number, make: MakeArray) {
    this.bytes = bytes;
    this.make = make;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }
  u8(): number {
    this.need(8);
    return this.bytes[this.at];
  }
  head(): Head {
    const flags = this.u8();
    const head = { flags, width: this.bytes[this.at + 1], length: this.view.getUint32(this.at + 4, true) };
    this.at += 8;
    return head;
  }
  u32(): number {
    this.need(4);
    const value = this.view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }
  private need(size: number): void {
    if (this.at + size > this.bytes.length) {
      throw runtimeError(
        'codec-truncated',
        `column encoding ends after ${this.bytes.length} bytes, expected at least ${this.at + size}`,
      );
    }
  }
  /** A view of the next `count` values, or a copy where the memory is not aligned for one. */
  array<T>(kind: ArrayKind<T>, count: number): T {
    const size = count * kind.BYTES_PER_ELEMENT;
    this.need(size);
    const start = this.bytes.byteOffset + this.at;
    const aligned = start % kind.BYTES_PER_ELEMENT === 0;
    const values = aligned
      ? new kind(this.bytes.buffer, start, count)
      : new kind(this.bytes.slice(this.at, this.at + size).buffer, 0, count);
    this.at += padded(size);
    return values;
  }
}

/** The first eight bytes of a column. */
interface Head {
  readonly flags: number;
  readonly width: number;
  readonly length: number;
}

function readColumn(reader: Reader, type: SqlType, count: number): Column {
  const head = reader.head();
  if ((head.flags & CONSTANT) === 0) return readValues(reader, type, count, head);
  return repeated(readValues(reader, type, 1, head), count, reader.make);
}

/** A column of one value that is the same for all rows. */
function repeated(value: Column, count: number, make: MakeArray): Column {
  if (value.nulls === undefined) {
    if (value.layout === 'ts' && value.nanos === undefined) {
      return { ...value, values: make(Float64Array, count).fill(value.values[0]) };
    }
    if (value.layout === 'i64') return { ...value, values: make(BigInt64Array, count).fill(value.values[0]) };
    if (value.layout === 'i8') return { ...value, values: make(Int8Array, count).fill(value.values[0]) };
  }
  return gatherColumn({ layout: 'const', value, nulls: undefined }, rowNumbers(count), count);
}

function readValues(reader: Reader, type: SqlType, count: number, head: Head): Column {
  const { flags } = head;
  const packed = (flags & PACKED) !== 0;
  const nulls: Nulls = (flags & HAS_NULLS) === 0 ? undefined : reader.array(Uint8Array, (count + 7) >> 3);
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return { layout, values: reader.array(Int8Array, count), nulls };
    case 'i16':
      return { layout, values: reader.array(Int16Array, count), nulls };
    case 'i32':
      return { layout, values: reader.array(Int32Array, count), nulls };
    case 'i64':
      return {
        layout,
        values: packed
          ? unpackI64(readPacked(reader, count, head.width), reader.make(BigInt64Array, count))
          : reader.array(BigInt64Array, count),
        nulls,
      };
    case 'f32':
      return { layout, values: reader.array(Float32Array, count), nulls };
    case 'f64':
      return {
        layout,
        values: packed
          ? unpackF64(readPacked(reader, count, head.width), reader.make(Float64Array, count))
          : reader.array(Float64Array, count),
        nulls,
      };
    case 'ts': {
      const values = reader.array(Float64Array, count);
      const nanos = (flags & HAS_NANOS) === 0 ? undefined : reader.array(Int32Array, count);
      return { layout, values, nanos, nulls };
    }
    case 'dec128': {
      const high = reader.array(BigInt64Array, count);
      return { layout, high, low: reader.array(BigInt64Array, count), nulls };
    }
    case 'bytes':
      return packed ? readUniform(reader, count, head.length, nulls) : readBytes(reader, count, nulls);
    case 'list': {
      assert(type.kind === 'ARRAY', `a list column for type ${type.kind}`);
      const offsets = readOffsets(reader, count);
      return { layout, offsets, element: readColumn(reader, type.element, offsets[count]), nulls };
    }
    case 'map': {
      const [key, value] = entryTypes(type);
      const offsets = readOffsets(reader, count);
      const keys = readColumn(reader, key, offsets[count]);
      return { layout, offsets, key: keys, value: readColumn(reader, value, offsets[count]), nulls };
    }
    case 'row':
      assert(type.kind === 'ROW', `a row column for type ${type.kind}`);
      return { layout, children: type.fields.map((field) => readColumn(reader, field.type, count)), nulls };
    default:
      return unreachable(layout);
  }
}

function readOffsets(reader: Reader, count: number): Int32Array {
  const lengths = reader.array(Int32Array, count);
  const offsets = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) offsets[i + 1] = offsets[i] + lengths[i];
  checkTotal(reader, offsets[count]);
  return offsets;
}

function readPacked(reader: Reader, count: number, width: number): Int8Array | Int16Array | Int32Array {
  switch (width) {
    case 1:
      return reader.array(Int8Array, count);
    case 2:
      return reader.array(Int16Array, count);
    case 4:
      return reader.array(Int32Array, count);
    default:
      throw runtimeError('codec-corrupt', `column encoding has integers of ${width} bytes, expected 1, 2 or 4`);
  }
}

/** Values that all have the same length. */
function readUniform(reader: Reader, count: number, length: number, nulls: Nulls): Column {
  const bytes = reader.array(Uint8Array, count * length + BYTES_SLACK);
  const starts = reader.make(Int32Array, count);
  const ends = reader.make(Int32Array, count);
  for (let i = 0; i < count; i++) {
    starts[i] = i * length;
    ends[i] = (i + 1) * length;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { layout: 'bytes', bytes, view, starts, ends, nulls };
}

function readBytes(reader: Reader, count: number, nulls: Nulls): Column {
  const lengths = reader.array(Int32Array, count);
  const starts = reader.make(Int32Array, count);
  const ends = reader.make(Int32Array, count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    at += lengths[i];
    ends[i] = at;
  }
  checkTotal(reader, at);
  const bytes = reader.array(Uint8Array, at + BYTES_SLACK);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { layout: 'bytes', bytes, view, starts, ends, nulls };
}

function checkTotal(reader: Reader, sum: number): void {
  const total = reader.u32();
  reader.at += 4;
  if (total !== sum) {
    throw runtimeError('codec-corrupt', `column encoding has lengths that add up to ${sum}, expected ${total}`);
  }
}
