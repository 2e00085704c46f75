import { ensureI32, ensureU8 } from './rows.ts';

/**
 * The groups that a batch touches, numbered in order of their first row. `groupOf` is by position; `slots` and
 * `firsts` (position of the first row) are by group, as is `alive`: whether the group has a state (at first: had one
 * before the batch).
 */
export class TouchedGroups {
  count = 0;
  groupOf: Int32Array = new Int32Array(0);
  slots: Int32Array = new Int32Array(0);
  firsts: Int32Array = new Int32Array(0);
  alive: Uint8Array = new Uint8Array(0);
  /** Group by slot, valid where `slots` of that group points back: needs no clearing. */
  private bySlot: Int32Array = new Int32Array(0);

  collect(slots: Int32Array, isNew: Uint8Array, count: number, slotCount: number): void {
    this.groupOf = ensureI32(this.groupOf, count);
    this.slots = ensureI32(this.slots, count);
    this.firsts = ensureI32(this.firsts, count);
    this.alive = ensureU8(this.alive, count);
    this.bySlot = ensureI32(this.bySlot, slotCount);
    const { groupOf, firsts, alive, bySlot } = this;
    const own = this.slots;
    let groups = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i];
      let group = bySlot[slot];
      if (group >= groups || own[group] !== slot) {
        group = groups++;
        bySlot[slot] = group;
        own[group] = slot;
        firsts[group] = i;
        alive[group] = isNew[i] === 0 ? 1 : 0;
      }
      groupOf[i] = group;
    }
    this.count = groups;
  }
}
