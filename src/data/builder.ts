import { BYTES_SLACK, type Column, hasNanos, layoutOf, type Nulls } from './column.ts';
import { unreachable } from './errors.ts';
import { mapTypes, type TimestampValue } from './read.ts';
import type { SqlType } from './types.ts';

const MASK64 = (1n << 64n) - 1n;

/** A column of plain values (the forms of data/read.ts). For sources of objects, tests and constants; not for hot loops. */
export function columnFromValues(type: SqlType, values: readonly unknown[]): Column {
  const count = values.length;
  const nulls = nullBitmap(values);
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return { layout, values: Int8Array.from(values, (v) => (v === null ? 0 : Number(v))), nulls };
    case 'i16':
      return { layout, values: Int16Array.from(values, numberOf), nulls };
    case 'i32':
      return { layout, values: Int32Array.from(values, numberOf), nulls };
    case 'f32':
      return { layout, values: Float32Array.from(values, numberOf), nulls };
    case 'f64':
      return { layout, values: Float64Array.from(values, numberOf), nulls };
    case 'i64':
      return { layout, values: BigInt64Array.from(values, bigintOf), nulls };
    case 'dec128':
      return {
        layout,
        high: BigInt64Array.from(values, (v) => bigintOf(v) >> 64n),
        low: BigInt64Array.from(values, (v) => BigInt.asIntN(64, bigintOf(v) & MASK64)),
        nulls,
      };
    case 'ts':
      return {
        layout,
        values: Float64Array.from(values, (v) => (v === null ? 0 : (v as TimestampValue).ms)),
        nanos: hasNanos(type)
          ? Int32Array.from(values, (v) => (v === null ? 0 : (v as TimestampValue).nanos))
          : undefined,
        nulls,
      };
    case 'bytes':
      return bytesColumn(values, nulls);
    case 'list': {
      if (type.kind !== 'ARRAY') throw new Error(`a list column holds ${type.kind}`);
      const { offsets, inner } = flatten(values);
      return { layout, offsets, element: columnFromValues(type.element, inner), nulls };
    }
    case 'map': {
      const types = mapTypes(type);
      const { offsets, inner } = flatten(values);
      const pairs = inner as (readonly [unknown, unknown])[];
      return {
        layout,
        offsets,
        key: columnFromValues(
          types.key,
          pairs.map((pair) => pair[0]),
        ),
        value: columnFromValues(
          types.value,
          pairs.map((pair) => pair[1]),
        ),
        nulls,
      };
    }
    case 'row': {
      if (type.kind !== 'ROW') throw new Error(`a row column holds ${type.kind}`);
      const rows = values as readonly (readonly unknown[] | null)[];
      return {
        layout,
        children: type.fields.map((field, i) =>
          columnFromValues(
            field.type,
            rows.map((row) => (row === null ? null : row[i])),
          ),
        ),
        nulls,
      };
    }
    default:
      return unreachable(layout);
  }

  function flatten(lists: readonly unknown[]): { offsets: Int32Array; inner: unknown[] } {
    const offsets = new Int32Array(count + 1);
    const inner: unknown[] = [];
    lists.forEach((list, i) => {
      if (list !== null) inner.push(...(list as unknown[]));
      offsets[i + 1] = inner.length;
    });
    return { offsets, inner };
  }
}

const numberOf = (value: unknown): number => (value === null ? 0 : (value as number));
const bigintOf = (value: unknown): bigint => (value === null ? 0n : (value as bigint));

function nullBitmap(values: readonly unknown[]): Nulls {
  if (!values.includes(null)) return undefined;
  const nulls = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value === null) nulls[i >> 3] |= 1 << (i & 7);
  });
  return nulls;
}

function bytesColumn(values: readonly unknown[], nulls: Nulls): Column {
  const parts = values.map((value) =>
    value === null ? Buffer.alloc(0) : typeof value === 'string' ? Buffer.from(value, 'utf8') : (value as Uint8Array),
  );
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0) + BYTES_SLACK);
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  let at = 0;
  parts.forEach((part, i) => {
    starts[i] = at;
    bytes.set(part, at);
    at += part.length;
    ends[i] = at;
  });
  return { layout: 'bytes', bytes, view: new DataView(bytes.buffer), starts, ends, nulls };
}
