import { type BytesColumn, type Column, type DictColumn, isNull, type Nulls } from './column.ts';
import { BYTES_SLACK } from './column.ts';
import { unreachable } from './errors.ts';
import { type Room, roomFor } from './room.ts';

/**
 * Copies rows `rows[0 .. count - 1]` of a column into memory of its own, or into that of `room`: nothing is shared with
 * the source, so the result may be kept, or read by another thread. Constant and dictionary columns become flat.
 */
export function gatherColumn(column: Column, rows: Int32Array, count: number, room?: Room): Column {
  switch (column.layout) {
    case 'i8':
      return {
        layout: 'i8',
        values: pick(roomFor(Int8Array, count, room), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'i16':
      return {
        layout: 'i16',
        values: pick16(roomFor(Int16Array, count, room), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'i32':
      return {
        layout: 'i32',
        values: pick32(roomFor(Int32Array, count, room), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'i64':
      return {
        layout: 'i64',
        values: pick64(roomFor(BigInt64Array, count, room), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'f32':
      return {
        layout: 'f32',
        values: pickF32(roomFor(Float32Array, count, room), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'f64':
      return {
        layout: 'f64',
        values: pickF64(roomFor(Float64Array, count, room), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'ts':
      return {
        layout: 'ts',
        values: pickF64(roomFor(Float64Array, count, room), column.values, rows),
        nanos: column.nanos === undefined ? undefined : pick32(roomFor(Int32Array, count, room), column.nanos, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'dec128':
      return {
        layout: 'dec128',
        high: pick64(roomFor(BigInt64Array, count, room), column.high, rows),
        low: pick64(roomFor(BigInt64Array, count, room), column.low, rows),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'bytes':
      return gatherBytes(column, rows, count, room);
    case 'list': {
      const { offsets, inner } = gatherRanges(column.offsets, column.nulls, rows, count, room);
      return {
        layout: 'list',
        offsets,
        element: gatherColumn(column.element, inner, inner.length, room),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    }
    case 'map': {
      const { offsets, inner } = gatherRanges(column.offsets, column.nulls, rows, count, room);
      return {
        layout: 'map',
        offsets,
        key: gatherColumn(column.key, inner, inner.length, room),
        value: gatherColumn(column.value, inner, inner.length, room),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    }
    case 'row':
      return {
        layout: 'row',
        children: column.children.map((child) => gatherColumn(child, rows, count, room)),
        nulls: gatherNulls(column.nulls, rows, count, room),
      };
    case 'const':
      return gatherColumn(column.value, new Int32Array(count), count, room);
    case 'dict':
      return gatherDict(column, rows, count, room);
    default:
      return unreachable(column);
  }
}

// One function per array kind: a loop shared by several kinds is ten times slower.
function pick(out: Int8Array, values: Int8Array, rows: Int32Array): Int8Array {
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]];
  return out;
}
function pick16(out: Int16Array, values: Int16Array, rows: Int32Array): Int16Array {
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]];
  return out;
}
function pick32(out: Int32Array, values: Int32Array, rows: Int32Array): Int32Array {
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]];
  return out;
}
function pick64(out: BigInt64Array, values: BigInt64Array, rows: Int32Array): BigInt64Array {
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]];
  return out;
}
function pickF32(out: Float32Array, values: Float32Array, rows: Int32Array): Float32Array {
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]];
  return out;
}
function pickF64(out: Float64Array, values: Float64Array, rows: Int32Array): Float64Array {
  for (let i = 0; i < out.length; i++) out[i] = values[rows[i]];
  return out;
}

function gatherNulls(nulls: Nulls, rows: Int32Array, count: number, room: Room | undefined): Nulls {
  if (nulls === undefined) return undefined;
  const out = roomFor(Uint8Array, (count + 7) >> 3, room);
  out.fill(0);
  let any = 0;
  for (let i = 0; i < count; i++) {
    const bit = (nulls[rows[i] >> 3] >> (rows[i] & 7)) & 1;
    out[i >> 3] |= bit << (i & 7);
    any |= bit;
  }
  return any === 0 ? undefined : out;
}

/** Longer values are copied by the engine of JavaScript, shorter ones word by word. */
const LONG = 128;

function gatherBytes(column: BytesColumn, rows: Int32Array, count: number, room: Room | undefined): BytesColumn {
  const nulls = gatherNulls(column.nulls, rows, count, room);
  const starts = roomFor(Int32Array, count, room);
  const ends = roomFor(Int32Array, count, room);
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (!isNull(column.nulls, rows[i])) total += column.ends[rows[i]] - column.starts[rows[i]];
  }
  const bytes = roomFor(Uint8Array, total + BYTES_SLACK, room);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const from = column.view;
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    if (!isNull(column.nulls, rows[i])) {
      const start = column.starts[rows[i]];
      const end = column.ends[rows[i]];
      if (end - start > LONG) bytes.set(column.bytes.subarray(start, end), at);
      // Whole words: what is too much is overwritten by the next row, or slack.
      else for (let p = start, q = at; p < end; p += 4, q += 4) view.setInt32(q, from.getInt32(p, true), true);
      at += end - start;
    }
    ends[i] = at;
  }
  return { layout: 'bytes', bytes, view, starts, ends, nulls };
}

function gatherRanges(
  offsets: Int32Array,
  nulls: Nulls,
  rows: Int32Array,
  count: number,
  room: Room | undefined,
): { offsets: Int32Array; inner: Int32Array } {
  const out = roomFor(Int32Array, count + 1, room);
  out[0] = 0;
  for (let i = 0; i < count; i++) {
    out[i + 1] = out[i] + (isNull(nulls, rows[i]) ? 0 : offsets[rows[i] + 1] - offsets[rows[i]]);
  }
  const inner = new Int32Array(out[count]);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const size = out[i + 1] - out[i];
    for (let k = 0; k < size; k++) inner[at++] = offsets[rows[i]] + k;
  }
  return { offsets: out, inner };
}

function gatherDict({ values, indices, nulls }: DictColumn, rows: Int32Array, count: number, room?: Room): Column {
  const inner = new Int32Array(count);
  for (let i = 0; i < count; i++) inner[i] = isNull(nulls, rows[i]) ? 0 : indices[rows[i]];
  const flat = gatherColumn(values, inner, count, room);
  const own = gatherNulls(nulls, rows, count, room);
  if (own === undefined || flat.layout === 'const' || flat.layout === 'dict') return flat;
  const merged = own;
  if (flat.nulls !== undefined) for (let i = 0; i < merged.length; i++) merged[i] |= flat.nulls[i];
  return { ...flat, nulls: merged };
}

/** Memory of a gathered column, in bytes. */
export function columnBytes(column: Column): number {
  const nulls = column.nulls?.byteLength ?? 0;
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return nulls + column.values.byteLength;
    case 'ts':
      return nulls + column.values.byteLength + (column.nanos?.byteLength ?? 0);
    case 'dec128':
      return nulls + column.high.byteLength + column.low.byteLength;
    case 'bytes':
      return nulls + column.bytes.byteLength + column.starts.byteLength + column.ends.byteLength;
    case 'list':
      return nulls + column.offsets.byteLength + columnBytes(column.element);
    case 'map':
      return nulls + column.offsets.byteLength + columnBytes(column.key) + columnBytes(column.value);
    case 'row':
      return column.children.reduce((sum, child) => sum + columnBytes(child), nulls);
    case 'const':
      return columnBytes(column.value);
    case 'dict':
      return nulls + column.indices.byteLength + columnBytes(column.values);
    default:
      return unreachable(column);
  }
}
