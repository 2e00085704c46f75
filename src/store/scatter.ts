import { rowNumbers } from '../data/row-numbers.ts';
import { encodeValue } from '../data/codec-value.ts';
import { type Column, hasNanos, layoutOf } from '../data/column.ts';
import { assert, unreachable } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import type { SqlType } from '../data/types.ts';
import type { SlotColumn } from '../state/contracts.ts';

/** Copies row `rows[i]` of a column into slot `slots[i]`, for i < count in order, so that the last row of a slot wins. */
export type Scatter = (column: Column, target: SlotColumn, rows: Int32Array, slots: Int32Array, count: number) => void;

type Generated = (
  column: Column,
  target: SlotColumn,
  rows: Int32Array,
  slots: Int32Array,
  count: number,
  type: SqlType,
  encode: typeof encodeValue,
) => void;

/**
 * A loop of its own for one column: shared by columns of several kinds it would be ten times slower. A NULL sets the
 * slot's NULL flag; in a slot column without flags it leaves the slot as it is (the caller has refused it before, or
 * does not read it).
 */
export function compileScatter(type: SqlType): Scatter {
  const body = loops(type);
  const generated = new Function(
    'column',
    'target',
    'rows',
    'slots',
    'count',
    'type',
    'encode',
    `'use strict';\n${body}`,
  ) as Generated;
  return (column, target, rows, slots, count) => {
    if (column.layout === 'const' || column.layout === 'dict') {
      const flat = gatherColumn(column, rows, count);
      generated(flat, target, rowNumbers(count), slots, count, type, encodeValue);
      return;
    }
    assert(column.layout === layoutOf(type), `a column of layout ${column.layout} for type ${type.kind}`);
    generated(column, target, rows, slots, count, type, encodeValue);
  };
}

function loops(type: SqlType): string {
  const { before, copy } = copyOf(type);
  return `
const nulls = column.nulls;
const flags = target.nulls;
${before}
if (nulls === undefined) {
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    const slot = slots[i];
    ${copy}
  }
  if (flags !== undefined) for (let i = 0; i < count; i++) flags[slots[i]] = 0;
} else {
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    const slot = slots[i];
    if ((nulls[row >> 3] & (1 << (row & 7))) !== 0) {
      if (flags !== undefined) flags[slot] = 1;
    } else {
      if (flags !== undefined) flags[slot] = 0;
      ${copy}
    }
  }
}`;
}

/** Statements that take the arrays, and the statement that copies one value. */
function copyOf(type: SqlType): { before: string; copy: string } {
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
    case 'f32':
    case 'f64':
      return { before: 'const from = column.values, to = target.values;', copy: 'to[slot] = from[row];' };
    case 'ts': {
      const before = 'const from = column.values, to = target.values;';
      if (!hasNanos(type)) return { before, copy: 'to[slot] = from[row];' };
      return {
        before: `${before}\nconst nanos = column.nanos, toNanos = target.nanos;`,
        copy: 'to[slot] = from[row]; toNanos[slot] = nanos === undefined ? 0 : nanos[row];',
      };
    }
    case 'dec128':
      return {
        before: 'const high = column.high, low = column.low, toHigh = target.high, toLow = target.low;',
        copy: 'toHigh[slot] = high[row]; toLow[slot] = low[row];',
      };
    case 'bytes':
      return {
        before: 'const bytes = column.bytes, starts = column.starts, ends = column.ends;',
        copy: 'target.set(slot, bytes, starts[row], ends[row]);',
      };
    case 'list':
    case 'map':
    case 'row':
      return {
        before: '',
        copy: 'const value = encode(type, column, row); target.set(slot, value, 0, value.length);',
      };
    default:
      return unreachable(layout);
  }
}
