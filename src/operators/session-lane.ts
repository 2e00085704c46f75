import { DOUBLE, INT, notNull, type SqlType } from '../data/types.ts';
import type { KeyedTable, SlotColumn, SlotQueue } from '../state/contracts.ts';

/** A session's own columns; what its owner keeps for it follows. */
const START = 0;
const END = 1;
const OTHERS = 2;
const OWN_COLUMNS = 3;
export const SESSION_TYPES: readonly SqlType[] = [notNull(DOUBLE), notNull(DOUBLE), notNull(INT)];

/**
 * The sessions of a lane, at most one a key: [start, end) by slot. A slot whose start is its end has none: so has a new
 * one. All wait in a queue by the time at which they close; the place of a session is not moved when it grows: that is
 * found out when its time has come.
 */
export class SessionLane {
  readonly table: KeyedTable;
  readonly queue: SlotQueue;
  private filled = false;

  constructor(table: KeyedTable, queue: SlotQueue) {
    this.table = table;
    this.queue = queue;
  }

  get starts(): Float64Array {
    return numbers(this.table.columns[START]);
  }
  get ends(): Float64Array {
    return numbers(this.table.columns[END]);
  }
  /** In the first lane: how many sessions a key has in the others. */
  get others(): Int32Array {
    const column = this.table.columns[OTHERS];
    if (column.layout !== 'i32') throw new Error(`counts in a column of layout ${column.layout}`);
    return column.values;
  }
  /** What the owner keeps. */
  get kept(): readonly SlotColumn[] {
    return this.table.columns.slice(OWN_COLUMNS);
  }
  gather(kept: number, slots: Int32Array, count: number): ReturnType<KeyedTable['gather']> {
    return this.table.gather(OWN_COLUMNS + kept, slots, count);
  }

  /** The queue is empty after a restore. `closes`: the watermark that closes a session with this end. */
  fillQueue(closes: (end: number) => number): void {
    const { table, queue, starts, ends } = this;
    if (this.filled || table.size === 0) return;
    this.filled = true;
    if (queue.size > 0) return;
    const slots = new Int32Array(table.size);
    table.scan(0, slots);
    for (const slot of slots.subarray(0, table.found())) {
      if (starts[slot] !== ends[slot]) queue.push(slot, closes(ends[slot]));
    }
  }

  open(slot: number, start: number, end: number, closes: number): void {
    this.starts[slot] = start;
    this.ends[slot] = end;
    this.queue.push(slot, closes);
  }

  /** The session of a slot is gone, with what was kept for it; the slot stays. */
  empty(slot: number): void {
    const others = this.others[slot];
    this.table.renew(slot);
    this.others[slot] = others;
    this.table.touch(slot);
  }
}

function numbers(column: SlotColumn): Float64Array {
  if (column.layout !== 'f64') throw new Error(`times in a column of layout ${column.layout}`);
  return column.values;
}
