import { hasNanos, layoutOf } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import type { SlotColumn } from './contracts.ts';
import { exchanged, type Numbers } from './exchanged.ts';
import { SlotBytesColumn } from './slot-bytes.ts';

/**
 * Storage of one value by slot. Slots at and above the used count are always in the state of a new slot (zero, and
 * NULL when nullable), so that inserting a key writes no column.
 */
export type OwnedColumn = Exclude<SlotColumn, { layout: 'bytes' }> | SlotBytesColumn;

export function createSlotColumn(type: SqlType, capacity: number): OwnedColumn {
  const nulls = type.nullable ? new Uint8Array(capacity).fill(1) : undefined;
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return { layout, values: new Int8Array(capacity), nulls };
    case 'i16':
      return { layout, values: new Int16Array(capacity), nulls };
    case 'i32':
      return { layout, values: new Int32Array(capacity), nulls };
    case 'i64':
      return { layout, values: new BigInt64Array(capacity), nulls };
    case 'f32':
      return { layout, values: new Float32Array(capacity), nulls };
    case 'f64':
      return { layout, values: new Float64Array(capacity), nulls };
    case 'ts': {
      const nanos = hasNanos(type) ? new Int32Array(capacity) : undefined;
      return { layout, values: new Float64Array(capacity), nanos, nulls };
    }
    case 'dec128':
      return { layout, high: new BigInt64Array(capacity), low: new BigInt64Array(capacity), nulls };
    case 'bytes':
    case 'list':
    case 'map':
    case 'row':
      return new SlotBytesColumn(capacity, nulls);
    default:
      return unreachable(layout);
  }
}

export function growSlotColumn(column: OwnedColumn, capacity: number): void {
  if (column.nulls !== undefined) {
    const nulls = new Uint8Array(capacity);
    nulls.set(column.nulls);
    nulls.fill(1, column.nulls.length);
    column.nulls = nulls;
  }
  switch (column.layout) {
    case 'i8':
      column.values = grown(column.values, new Int8Array(capacity));
      break;
    case 'i16':
      column.values = grown(column.values, new Int16Array(capacity));
      break;
    case 'i32':
      column.values = grown(column.values, new Int32Array(capacity));
      break;
    case 'i64':
      column.values = grown(column.values, new BigInt64Array(capacity));
      break;
    case 'f32':
      column.values = grown(column.values, new Float32Array(capacity));
      break;
    case 'f64':
      column.values = grown(column.values, new Float64Array(capacity));
      break;
    case 'ts':
      column.values = grown(column.values, new Float64Array(capacity));
      if (column.nanos !== undefined) column.nanos = grown(column.nanos, new Int32Array(capacity));
      break;
    case 'dec128':
      column.high = grown(column.high, new BigInt64Array(capacity));
      column.low = grown(column.low, new BigInt64Array(capacity));
      break;
    case 'bytes':
      column.grow(capacity);
      break;
    default:
      unreachable(column);
  }
}

const PARTS = ['values', 'nanos', 'high', 'low'] as const;

/**
 * Values 0 .. used - 1 move into the arrays of an empty column of the same type that has more room; it gets the smaller
 * arrays, as new.
 */
export function exchangeSlotColumns(column: OwnedColumn, roomy: OwnedColumn, used: number): void {
  if (column.nulls !== undefined && roomy.nulls !== undefined) {
    [column.nulls, roomy.nulls] = exchanged(column.nulls, roomy.nulls, used);
    roomy.nulls.fill(1, 0, used);
  }
  if (column.layout === 'bytes') {
    if (roomy.layout === 'bytes') column.exchange(roomy, used);
    return;
  }
  const own = column as { [part in (typeof PARTS)[number]]?: Numbers };
  const other = roomy as typeof own;
  for (const part of PARTS) {
    const small = own[part];
    const large = other[part];
    if (small !== undefined && large !== undefined) [own[part], other[part]] = exchanged(small, large, used);
  }
}

/** Brings one slot back to the state of a new one. */
export function resetSlot(column: OwnedColumn, slot: number): void {
  if (column.nulls !== undefined) column.nulls[slot] = 1;
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'f32':
    case 'f64':
      column.values[slot] = 0;
      break;
    case 'i64':
      column.values[slot] = 0n;
      break;
    case 'ts':
      column.values[slot] = 0;
      if (column.nanos !== undefined) column.nanos[slot] = 0;
      break;
    case 'dec128':
      column.high[slot] = 0n;
      column.low[slot] = 0n;
      break;
    case 'bytes':
      column.reset(slot);
      break;
    default:
      unreachable(column);
  }
}

/** Brings slots 0 .. used - 1 back to the state of new ones. */
export function clearSlotColumn(column: OwnedColumn, used: number): void {
  column.nulls?.fill(1, 0, used);
  switch (column.layout) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'f32':
    case 'f64':
      column.values.fill(0, 0, used);
      break;
    case 'i64':
      column.values.fill(0n, 0, used);
      break;
    case 'ts':
      column.values.fill(0, 0, used);
      column.nanos?.fill(0, 0, used);
      break;
    case 'dec128':
      column.high.fill(0n, 0, used);
      column.low.fill(0n, 0, used);
      break;
    case 'bytes':
      column.clear(used);
      break;
    default:
      unreachable(column);
  }
}

export function slotColumnMemory(column: OwnedColumn): number {
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
      return nulls + column.memory();
    default:
      return unreachable(column);
  }
}

/** `from` copied to the start of a larger array of the same kind. */
function grown<T extends { set(source: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
