import type { Slot } from './index.ts';

/** Stores NULL in a row of a slot and of the slots below it. */
export function storeNull(slot: Slot, row: number): void {
  slot.nulls[row >> 3] |= 1 << (row & 7);
  slot.hasNulls = true;
  switch (slot.layout) {
    case 'bytes':
      slot.starts[row] = slot.ends[row] = 0;
      return;
    case 'list':
    case 'map':
      slot.restart(row);
      slot.offsets[row + 1] = slot.count;
      return;
    case 'row':
      for (const child of slot.children) storeNull(child, row);
      return;
    default:
      return;
  }
}

/** A row may be stored more than once (a field that comes twice): the last value counts. */
export function clearNull(slot: Slot, row: number): void {
  if (slot.hasNulls) slot.nulls[row >> 3] &= ~(1 << (row & 7));
}
