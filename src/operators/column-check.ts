import { BYTES_SLACK, type Column, hasNanos, layoutOf, type Nulls } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';

/** What is wrong with a column of so many rows, or undefined. */
export function columnProblem(type: SqlType, column: Column, length: number): string | undefined {
  if (column.layout === 'const') return columnProblem(type, column.value, 1);
  if (!coversNulls(column.nulls, length)) return `a null bitmap of ${column.nulls?.length} bytes for ${length} rows`;
  if (column.layout === 'dict') {
    if (column.indices.length < length) return tooShort(column.indices, length);
    return columnProblem(type, column.values, 0);
  }
  const expected = layoutOf(type);
  if (column.layout !== expected) return `layout ${column.layout}, expected ${expected} for ${type.kind}`;
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return tooShort(column.values, length);
    case 'ts':
      if (hasNanos(type) && column.nanos === undefined) return 'no nanoseconds for a precision over 3';
      return tooShort(column.values, length) ?? tooShort(column.nanos, length);
    case 'dec128':
      return tooShort(column.high, length) ?? tooShort(column.low, length);
    case 'bytes': {
      const short = tooShort(column.starts, length) ?? tooShort(column.ends, length);
      if (short !== undefined) return short;
      if (column.view.byteLength !== column.bytes.length || column.view.byteOffset !== column.bytes.byteOffset) {
        return 'the view does not cover the bytes';
      }
      return bytesProblem(column, length);
    }
    case 'list':
    case 'map':
      return tooShort(column.offsets, length + 1);
    case 'row':
      return undefined;
    default:
      return unreachable(column);
  }
}

function bytesProblem(column: Column & { readonly layout: 'bytes' }, length: number): string | undefined {
  for (let i = 0; i < length; i++) {
    if (column.nulls !== undefined && (column.nulls[i >> 3] & (1 << (i & 7))) !== 0) continue;
    const start = column.starts[i];
    const end = column.ends[i];
    if (start < 0 || end < start || end + BYTES_SLACK > column.bytes.length) {
      return `row ${i} has bytes [${start}, ${end}) of ${column.bytes.length}, ${BYTES_SLACK} of them slack`;
    }
  }
  return undefined;
}

function tooShort(values: { readonly length: number } | undefined, length: number): string | undefined {
  if (values === undefined || values.length >= length) return undefined;
  return `${values.length} values for ${length} rows`;
}

function coversNulls(nulls: Nulls, length: number): boolean {
  return nulls === undefined || nulls.length >= (length + 7) >> 3;
}
