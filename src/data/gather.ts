import { type BytesColumn, type Column, isNull, type Nulls } from './column.ts';
import { BYTES_SLACK } from './column.ts';
import { unreachable } from './errors.ts';

/**
 * Copies rows `rows[0 .. count - 1]` of a column into new, exactly owned buffers (nothing is shared with the source,
 * so the result may be kept or sent to another thread). Constant and dictionary columns become flat.
 */
export function gatherColumn(column: Column, rows: Int32Array, count: number): Column {
  switch (column.layout) {
    case 'i8':
      return {
        layout: 'i8',
        values: pick(new Int8Array(count), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'i16':
      return {
        layout: 'i16',
        values: pick16(new Int16Array(count), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'i32':
      return {
        layout: 'i32',
        values: pick32(new Int32Array(count), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'i64':
      return {
        layout: 'i64',
        values: pick64(new BigInt64Array(count), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'f32':
      return {
        layout: 'f32',
        values: pickF32(new Float32Array(count), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'f64':
      return {
        layout: 'f64',
        values: pickF64(new Float64Array(count), column.values, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'ts':
      return {
        layout: 'ts',
        values: pickF64(new Float64Array(count), column.values, rows),
        nanos: column.nanos === undefined ? undefined : pick32(new Int32Array(count), column.nanos, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'dec128':
      return {
        layout: 'dec128',
        high: pick64(new BigInt64Array(count), column.high, rows),
        low: pick64(new BigInt64Array(count), column.low, rows),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'bytes':
      return gatherBytes(column, rows, count);
    case 'list': {
      const { offsets, inner } = gatherRanges(column.offsets, column.nulls, rows, count);
      return {
        layout: 'list',
        offsets,
        element: gatherColumn(column.element, inner, inner.length),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    }
    case 'map': {
      const { offsets, inner } = gatherRanges(column.offsets, column.nulls, rows, count);
      return {
        layout: 'map',
        offsets,
        key: gatherColumn(column.key, inner, inner.length),
        value: gatherColumn(column.value, inner, inner.length),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    }
    case 'row':
      return {
        layout: 'row',
        children: column.children.map((child) => gatherColumn(child, rows, count)),
        nulls: gatherNulls(column.nulls, rows, count),
      };
    case 'const':
      return gatherColumn(column.value, new Int32Array(count), count);
    case 'dict':
      return gatherDict(column.values, column.indices, column.nulls, rows, count);
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

function gatherNulls(nulls: Nulls, rows: Int32Array, count: number): Nulls {
  if (nulls === undefined) return undefined;
  const out = new Uint8Array((count + 7) >> 3);
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

function gatherBytes(column: BytesColumn, rows: Int32Array, count: number): BytesColumn {
  const nulls = gatherNulls(column.nulls, rows, count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    if (!isNull(column.nulls, rows[i])) total += column.ends[rows[i]] - column.starts[rows[i]];
  }
  const bytes = new Uint8Array(total + BYTES_SLACK);
  const view = new DataView(bytes.buffer);
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
): { offsets: Int32Array; inner: Int32Array } {
  const out = new Int32Array(count + 1);
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

function gatherDict(values: Column, indices: Int32Array, nulls: Nulls, rows: Int32Array, count: number): Column {
  const inner = new Int32Array(count);
  for (let i = 0; i < count; i++) inner[i] = isNull(nulls, rows[i]) ? 0 : indices[rows[i]];
  const flat = gatherColumn(values, inner, count);
  const own = gatherNulls(nulls, rows, count);
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
