import type { SqlType } from '../data/types.ts';
import { DIRTY, FRESH } from './slot-table.ts';
import { createSlotColumn, growSlotColumn, type OwnedColumn, resetSlot, slotColumnMemory } from './slot-column.ts';

const MIN_SLOTS = 16;
const LIVE = -2;
const END = -1;

/** Slots with columns and marks of change, without keys. */
export class SlotPool {
  readonly columns: readonly OwnedColumn[];
  dirty = new Uint8Array(MIN_SLOTS);
  slotCount = 0;
  size = 0;
  changed = false;
  /** LIVE, or the next free slot, or END. */
  private state = new Int32Array(MIN_SLOTS);
  private freeHead = END;

  constructor(types: readonly SqlType[]) {
    this.columns = types.map((type) => createSlotColumn(type, MIN_SLOTS));
  }

  take(): number {
    let slot = this.freeHead;
    if (slot !== END) {
      this.freeHead = this.state[slot];
    } else {
      if (this.slotCount === this.state.length) this.grow();
      slot = this.slotCount++;
    }
    this.state[slot] = LIVE;
    this.dirty[slot] = DIRTY | FRESH;
    this.changed = true;
    this.size++;
    return slot;
  }

  release(slot: number): void {
    this.state[slot] = this.freeHead;
    this.freeHead = slot;
    this.dirty[slot] = 0;
    this.changed = true;
    this.size--;
    for (const column of this.columns) resetSlot(column, slot);
  }

  /** The slots in front are taken again first. */
  releaseAll(slots: Int32Array, count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      this.state[slots[i]] = this.freeHead;
      this.freeHead = slots[i];
      this.dirty[slots[i]] = 0;
    }
    this.changed = true;
    this.size -= count;
    for (const column of this.columns) for (let i = 0; i < count; i++) resetSlot(column, slots[i]);
  }

  isLive(slot: number): boolean {
    return slot >= 0 && slot < this.slotCount && this.state[slot] === LIVE;
  }

  touch(slot: number): void {
    this.dirty[slot] |= DIRTY;
    this.changed = true;
  }

  /** Live slots in slot order: all, or the changed ones. */
  slots(full: boolean): Int32Array {
    const out = new Int32Array(this.size);
    let found = 0;
    for (let slot = 0; slot < this.slotCount; slot++) {
      if (this.state[slot] === LIVE && (full || this.dirty[slot] !== 0)) out[found++] = slot;
    }
    return out.subarray(0, found);
  }

  markClean(): void {
    if (this.changed) this.dirty.fill(0, 0, this.slotCount);
    this.changed = false;
  }

  bytes(): number {
    return this.columns.reduce((sum, column) => sum + slotColumnMemory(column), this.state.length * 5);
  }

  private grow(): void {
    const capacity = this.state.length * 2;
    const state = new Int32Array(capacity);
    state.set(this.state);
    this.state = state;
    const dirty = new Uint8Array(capacity);
    dirty.set(this.dirty);
    this.dirty = dirty;
    for (const column of this.columns) growSlotColumn(column, capacity);
  }
}
