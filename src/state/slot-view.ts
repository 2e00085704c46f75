import type { Column, Nulls } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SlotColumn } from './contracts.ts';

/**
 * Slots 0 .. count - 1 as a batch column without copying fixed-width values. `use[i]` = 0 leaves out the bytes of
 * slot i (its row is skipped by the reader).
 */
export function viewSlots(column: SlotColumn, count: number, use: Uint8Array): Column {
  const nulls = packNulls(column.nulls, count);
  switch (column.layout) {
    case 'i8':
      return { layout: 'i8', values: column.values.subarray(0, count), nulls };
    case 'i16':
      return { layout: 'i16', values: column.values.subarray(0, count), nulls };
    case 'i32':
      return { layout: 'i32', values: column.values.subarray(0, count), nulls };
    case 'i64':
      return { layout: 'i64', values: column.values.subarray(0, count), nulls };
    case 'f32':
      return { layout: 'f32', values: column.values.subarray(0, count), nulls };
    case 'f64':
      return { layout: 'f64', values: column.values.subarray(0, count), nulls };
    case 'ts': {
      const nanos = column.nanos?.subarray(0, count);
      return { layout: 'ts', values: column.values.subarray(0, count), nanos, nulls };
    }
    case 'dec128': {
      const low = column.low.subarray(0, count);
      return { layout: 'dec128', high: column.high.subarray(0, count), low, nulls };
    }
    case 'bytes': {
      const starts = column.starts.subarray(0, count);
      const ends = new Int32Array(count);
      for (let i = 0; i < count; i++) ends[i] = starts[i] + (use[i] === 0 ? 0 : column.lengths[i]);
      return { layout: 'bytes', bytes: column.bytes, view: column.view, starts, ends, nulls };
    }
    default:
      return unreachable(column);
  }
}

/** One byte a slot to one bit a row. */
export function packNulls(flags: Uint8Array | undefined, count: number): Nulls {
  if (flags === undefined) return undefined;
  const bits = new Uint8Array((count + 7) >> 3);
  const whole = count >> 3;
  for (let b = 0, i = 0; b < whole; b++, i += 8) {
    bits[b] =
      flags[i] |
      (flags[i + 1] << 1) |
      (flags[i + 2] << 2) |
      (flags[i + 3] << 3) |
      (flags[i + 4] << 4) |
      (flags[i + 5] << 5) |
      (flags[i + 6] << 6) |
      (flags[i + 7] << 7);
  }
  for (let i = whole << 3; i < count; i++) bits[i >> 3] |= flags[i] << (i & 7);
  return bits;
}
