import type { SqlType } from '../data/types.ts';
import { createSlotColumn, growSlotColumn, type OwnedColumn } from '../state/slot-column.ts';

/** State columns without keys, for versions of accumulators while a batch is worked on. */
export class ScratchSlots {
  readonly columns: readonly OwnedColumn[];
  private capacity = 64;

  constructor(types: readonly SqlType[]) {
    this.columns = types.map((type) => createSlotColumn(type, this.capacity));
  }

  /** Makes slots 0 .. count - 1 usable. */
  ensure(count: number): void {
    if (count <= this.capacity) return;
    while (this.capacity < count) this.capacity *= 2;
    for (const column of this.columns) growSlotColumn(column, this.capacity);
  }
}
