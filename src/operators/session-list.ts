import type { BytesColumn } from '../data/column.ts';
import type { KeyBatch } from '../data/hash.ts';
import { DOUBLE, notNull, type SqlType } from '../data/types.ts';
import { newKeyBatch } from '../expressions/index.ts';
import type { OrderedKeyedList, SlotColumn, SlotQueue, StateContext } from '../state/contracts.ts';
import { ensureI32 } from './rows.ts';
import { isClosed, type WindowClock } from './window-clock.ts';
import { StoredWatermark } from './window-store.ts';

const NUMBER = notNull(DOUBLE);
/** Places of a session's own columns; what its owner keeps for it follows. */
const START = 0;
const END = 1;
const LANE = 2;
export const OWN_COLUMNS = 3;
/** Sessions handed over at a time. */
const CHUNK = 4096;

/** What a session did with a row. */
export interface SessionChange {
  /** The row's session, or -1: it is late. */
  slot: number;
  /** A session that is now part of `slot`'s: its owner moves what it keeps for it. Then it is removed. Or -1. */
  absorbed: number;
}

/** Sessions that closed: slots, each with the row of its key in `keys`. */
export interface ClosedSessions {
  readonly keys: KeyBatch;
  readonly slots: Int32Array;
  readonly count: number;
}

/**
 * The open sessions of each key: [start, end) on the clock's line, kept apart by more than nothing, for sessions that
 * touch are one. The sessions of a key have lanes, small numbers that tell them apart. All wait in a queue by the time
 * at which they close; the place of a session is not moved when it grows: that is found out when its time has come.
 */
export class SessionList {
  readonly columns: () => readonly SlotColumn[];
  readonly change: SessionChange = { slot: -1, absorbed: -1 };
  private readonly list: OrderedKeyedList;
  private readonly queue: SlotQueue;
  private readonly time: StoredWatermark;
  private readonly gap: number;
  private readonly clock: WindowClock;
  /** Of the rows of a batch. */
  private owners: Int32Array = new Int32Array(0);
  private readonly due = new Int32Array(CHUNK);
  private readonly dueKeys = newKeyBatch(0);

  /** `kept`: types of the columns that the owner keeps for each session; zero and NULL in a new one. */
  constructor(gap: number, clock: WindowClock, kept: readonly SqlType[], state: StateContext) {
    this.gap = gap;
    this.clock = clock;
    this.list = state.orderedList('sessions', { columns: [NUMBER, NUMBER, NUMBER, ...kept] });
    this.queue = state.slotQueue();
    this.time = new StoredWatermark(state);
    this.columns = () => this.list.columns.slice(OWN_COLUMNS);
  }

  start(slot: number): number {
    return this.numbers(START)[slot];
  }
  end(slot: number): number {
    return this.numbers(END)[slot];
  }
  lane(slot: number): number {
    return this.numbers(LANE)[slot];
  }

  /** Finds the keys of a batch, before its rows are added. */
  resolve(keys: KeyBatch, count: number): void {
    this.fillQueue();
    this.owners = ensureI32(this.owners, count);
    this.list.resolveOwners(keys, count, this.owners);
  }

  /** Puts a row of the batch at `local` time into the sessions of its key; `change` says what came of it. */
  add(row: number, local: number): void {
    const { change, list } = this;
    const owner = this.owners[row];
    const starts = this.numbers(START);
    const ends = this.numbers(END);
    change.slot = -1;
    change.absorbed = -1;
    let start = local;
    let end = local + this.gap;
    const first = list.firstOf(owner, -Infinity);
    for (let slot = first; slot >= 0; slot = list.next(slot)) {
      if (starts[slot] > end) break;
      if (ends[slot] < start) continue;
      if (change.slot < 0) change.slot = slot;
      else change.absorbed = slot;
      start = Math.min(start, starts[slot]);
      end = Math.max(end, ends[slot]);
    }
    if (isClosed(end, this.time.get(), this.clock)) {
      change.slot = -1;
      change.absorbed = -1;
      return;
    }
    if (change.slot < 0) {
      change.slot = this.open(owner, local, first < 0 ? 0 : this.freeLane(first));
    } else {
      starts[change.slot] = start;
      ends[change.slot] = end;
      list.touch(change.slot);
    }
  }

  /** Removes a session that is part of another now. */
  remove(slot: number): void {
    this.queue.remove(slot);
    this.list.remove(slot);
  }

  /** Tells that a row of the batch got no session, after all of them have been added. */
  release(row: number): void {
    this.list.releaseOwner(this.owners[row]);
  }

  /** No session closes below this watermark; Infinity when none is open. */
  nextClose(): number {
    this.fillQueue();
    return this.queue.next();
  }

  /** Raises the watermark and hands the sessions that it closes over, some at a time, to be removed afterwards. */
  advance(time: number, closed: (sessions: ClosedSessions) => void): void {
    const { queue, list, due, dueKeys, clock } = this;
    this.time.raise(time);
    this.fillQueue();
    for (let popped = queue.pop(time, due); popped > 0; popped = queue.pop(time, due)) {
      const ends = this.numbers(END);
      let count = 0;
      for (let i = 0; i < popped; i++) {
        const slot = due[i];
        if (isClosed(ends[slot], time, clock)) due[count++] = slot;
        else queue.push(slot, clock.closes(ends[slot]));
      }
      if (count === 0) continue;
      list.keysOf(due, count, dueKeys);
      closed({ keys: dueKeys, slots: due, count });
      // In order of memory, and so taken again: sessions that open together stay together.
      list.removeAll(due.subarray(0, count).sort(), count);
    }
  }

  private open(owner: number, local: number, lane: number): number {
    // A session keeps its first row's time within, so the order by it is that of the sessions.
    const slot = this.list.insertAt(owner, local);
    const end = local + this.gap;
    this.numbers(START)[slot] = local;
    this.numbers(END)[slot] = end;
    this.numbers(LANE)[slot] = lane;
    this.queue.push(slot, this.clock.closes(end));
    return slot;
  }

  /** The smallest lane that none of a key's sessions has, from its first session. */
  private freeLane(first: number): number {
    const taken: number[] = [];
    for (let slot = first; slot >= 0; slot = this.list.next(slot)) taken.push(this.lane(slot));
    let lane = 0;
    while (taken.includes(lane)) lane += 1;
    return lane;
  }

  /** After a restore the queue is empty: every session is in it, or none of the restored ones. */
  private fillQueue(): void {
    const { queue, list, clock } = this;
    if (queue.size === list.size) return;
    queue.clear();
    const ends = this.numbers(END);
    for (const slot of list.rowSlots()) queue.push(slot, clock.closes(ends[slot]));
  }

  private numbers(column: number): Float64Array {
    const found = this.list.columns[column];
    if (found.layout !== 'f64') throw new Error(`times in a column of layout ${found.layout}`);
    return found.values;
  }

  /** Copies one of the kept columns out. */
  gather(column: number, slots: Int32Array, count: number): ReturnType<OrderedKeyedList['gather']> {
    return this.list.gather(OWN_COLUMNS + column, slots, count);
  }
}

/** Keys as a column for a KeyDecoder. */
export function keyColumn({ bytes, view, starts, ends, length }: KeyBatch): BytesColumn {
  return {
    layout: 'bytes',
    bytes,
    view,
    starts: starts.slice(0, length),
    ends: ends.slice(0, length),
    nulls: undefined,
  };
}
