import type { KeyedMapTable } from '../state/contracts.ts';
import { ensureI32 } from './rows.ts';

/** Positions of a multiset's chosen rows, with row number and slot. */
export class ValueChanges {
  count = 0;
  positions: Int32Array = new Int32Array(0);
  rows: Int32Array = new Int32Array(0);
  slots: Int32Array = new Int32Array(0);

  clear(capacity: number): void {
    this.count = 0;
    this.positions = ensureI32(this.positions, capacity);
    this.rows = ensureI32(this.rows, capacity);
    this.slots = ensureI32(this.slots, capacity);
  }
  add(position: number, row: number, slot: number): void {
    this.positions[this.count] = position;
    this.rows[this.count] = row;
    this.slots[this.count++] = slot;
  }
}

/** How often each entry's value is there, by entry slot. */
export function countsOf(table: KeyedMapTable): Float64Array {
  const column = table.columns[0];
  if (column.layout !== 'f64') throw new Error(`counts in a column of layout ${column.layout}`);
  return column.values;
}
