import type { BytesColumn, Column } from '../data/column.ts';
import type { SortKey } from '../planner/physical.ts';
import { isNullAt } from './cells.ts';

/** Below 0 where row a comes before row b. */
export type Compare = (a: number, b: number) => number;

/** The order of a flat column's rows by a sort key. NaN is the greatest number. */
export function comparerOf(column: Column, { descending, nullsFirst }: SortKey): Compare {
  const values = valueOrder(column);
  return (a, b) => {
    const [nullA, nullB] = [isNullAt(column, a), isNullAt(column, b)];
    if (nullA || nullB) {
      if (nullA && nullB) return 0;
      return nullA === nullsFirst ? -1 : 1;
    }
    return descending ? values(b, a) : values(a, b);
  };
}

function valueOrder(column: Column): Compare {
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32': {
      const { values } = column;
      return (a, b) => values[a] - values[b];
    }
    case 'f32':
    case 'f64': {
      const { values } = column;
      return (a, b) => numberOrder(values[a], values[b]);
    }
    case 'i64': {
      const { values } = column;
      return (a, b) => bigOrder(values[a], values[b]);
    }
    case 'dec128': {
      const { high, low } = column;
      return (a, b) => bigOrder(high[a], high[b]) || bigOrder(BigInt.asUintN(64, low[a]), BigInt.asUintN(64, low[b]));
    }
    case 'ts': {
      const { values, nanos } = column;
      return (a, b) => values[a] - values[b] || (nanos === undefined ? 0 : nanos[a] - nanos[b]);
    }
    case 'bytes':
      return (a, b) => bytesOrder(column, a, b);
    case 'const':
    case 'dict':
    case 'list':
    case 'map':
    case 'row':
      throw new Error(`no order of a column of layout ${column.layout}`);
  }
}

function numberOrder(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function bigOrder(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function bytesOrder({ bytes, starts, ends }: BytesColumn, a: number, b: number): number {
  const length = Math.min(ends[a] - starts[a], ends[b] - starts[b]);
  for (let i = 0; i < length; i++) {
    const difference = bytes[starts[a] + i] - bytes[starts[b] + i];
    if (difference !== 0) return difference;
  }
  return ends[a] - starts[a] - (ends[b] - starts[b]);
}
