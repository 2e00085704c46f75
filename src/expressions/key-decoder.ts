import { decodeValues } from '../data/codec-value.ts';
import { type BytesColumn, type Column, hasNanos, layoutOf, type Nulls } from '../data/column.ts';
import { assert, unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import { isSingleBytes } from './key-encoder.ts';

/** Gives key columns back from key bytes (see KeyEncoder). For results that fire, not for every row that comes in. */
export class KeyDecoder {
  private readonly types: readonly SqlType[];

  constructor(types: readonly SqlType[]) {
    this.types = types;
  }

  /** Rows 0 .. count - 1 of `keys` as columns. Strings are views into the key bytes: valid as long as those. */
  decode(keys: BytesColumn, count: number): Column[] {
    if (isSingleBytes(this.types)) return [markNulls(keys, count)];
    const cursor: KeyCursor = { bytes: keys.bytes, view: keys.view, at: keys.starts.slice(0, count), count };
    return this.types.map((type) => decodeColumn(type, cursor));
  }
}

interface KeyCursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the next column of each key starts. */
  readonly at: Int32Array;
  readonly count: number;
}

/** NULL keys have length -1 or are marked already. */
function markNulls(keys: BytesColumn, count: number): Column {
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    if (keys.ends[i] >= keys.starts[i]) continue;
    nulls ??= keys.nulls === undefined ? new Uint8Array((count + 7) >> 3) : keys.nulls.slice();
    nulls[i >> 3] |= 1 << (i & 7);
  }
  return nulls === undefined ? keys : { ...keys, nulls };
}

function decodeColumn(type: SqlType, cursor: KeyCursor): Column {
  const { view, at, count } = cursor;
  const layout = layoutOf(type);
  if (layout === 'list' || layout === 'map' || layout === 'row') return decodeNested(type, cursor);
  const nulls = type.nullable ? readNulls(cursor) : undefined;
  const present = (i: number): boolean => nulls === undefined || (nulls[i >> 3] & (1 << (i & 7))) === 0;
  switch (layout) {
    case 'i8': {
      const values = new Int8Array(count);
      for (let i = 0; i < count; i++) if (present(i)) values[i] = view.getInt8(at[i]++);
      return { layout, values, nulls };
    }
    case 'i16': {
      const values = new Int16Array(count);
      for (let i = 0; i < count; i++) if (present(i)) values[i] = view.getInt16(skip(at, i, 2), true);
      return { layout, values, nulls };
    }
    case 'i32': {
      const values = new Int32Array(count);
      for (let i = 0; i < count; i++) if (present(i)) values[i] = view.getInt32(skip(at, i, 4), true);
      return { layout, values, nulls };
    }
    case 'i64': {
      const values = new BigInt64Array(count);
      for (let i = 0; i < count; i++) if (present(i)) values[i] = view.getBigInt64(skip(at, i, 8), true);
      return { layout, values, nulls };
    }
    case 'f32': {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) if (present(i)) values[i] = view.getFloat32(skip(at, i, 4), true);
      return { layout, values, nulls };
    }
    case 'f64': {
      const values = new Float64Array(count);
      for (let i = 0; i < count; i++) if (present(i)) values[i] = view.getFloat64(skip(at, i, 8), true);
      return { layout, values, nulls };
    }
    case 'ts': {
      const values = new Float64Array(count);
      const nanos = hasNanos(type) ? new Int32Array(count) : undefined;
      for (let i = 0; i < count; i++) {
        if (!present(i)) continue;
        values[i] = view.getFloat64(skip(at, i, 8), true);
        if (nanos !== undefined) nanos[i] = view.getInt32(skip(at, i, 4), true);
      }
      return { layout, values, nanos, nulls };
    }
    case 'dec128': {
      const high = new BigInt64Array(count);
      const low = new BigInt64Array(count);
      for (let i = 0; i < count; i++) {
        if (!present(i)) continue;
        high[i] = view.getBigInt64(skip(at, i, 8), true);
        low[i] = view.getBigInt64(skip(at, i, 8), true);
      }
      return { layout, high, low, nulls };
    }
    case 'bytes': {
      const starts = new Int32Array(count);
      const ends = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        if (!present(i)) continue;
        const size = view.getInt32(skip(at, i, 4), true);
        starts[i] = skip(at, i, size);
        ends[i] = starts[i] + size;
      }
      return { layout, bytes: cursor.bytes, view, starts, ends, nulls };
    }
    default:
      return unreachable(layout);
  }
}

function skip(at: Int32Array, row: number, size: number): number {
  const start = at[row];
  at[row] = start + size;
  return start;
}

function readNulls({ bytes, at, count }: KeyCursor): Nulls {
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    if (bytes[at[i]++] === 0) continue;
    nulls ??= new Uint8Array((count + 7) >> 3);
    nulls[i >> 3] |= 1 << (i & 7);
  }
  return nulls;
}

function decodeNested(type: SqlType, cursor: KeyCursor): Column {
  const { at, count, view } = cursor;
  if (type.nullable) {
    const nulls = readNulls(cursor);
    assert(nulls === undefined, 'a nested key holds its own NULL');
  }
  const starts = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const size = view.getInt32(skip(at, i, 4), true);
    starts[i] = skip(at, i, size);
  }
  return decodeValues(type, cursor, starts, count);
}
