import type { F64Column } from '../data/column.ts';

/** One number per slot, growing on demand. */
export class SlotNumbers {
  values: Float64Array = new Float64Array(16);

  set(slot: number, value: number): void {
    if (slot >= this.values.length) {
      const next = new Float64Array(Math.max(slot + 1, this.values.length * 2));
      next.set(this.values);
      this.values = next;
    }
    this.values[slot] = value;
  }

  /** The numbers of slots, as a column. */
  pick(slots: Int32Array): F64Column {
    const values = new Float64Array(slots.length);
    for (let i = 0; i < slots.length; i++) values[i] = this.values[slots[i]];
    return { layout: 'f64', values, nulls: undefined };
  }
}

/** A growing list of numbers. */
export class NumberLog extends SlotNumbers {
  private length = 0;

  push(value: number): void {
    this.set(this.length++, value);
  }
  clear(): void {
    this.length = 0;
  }
}
