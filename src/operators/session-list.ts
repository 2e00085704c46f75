import type { BytesColumn } from '../data/column.ts';
import type { KeyBatch } from '../data/hash.ts';
import { DOUBLE, notNull, type SqlType } from '../data/types.ts';
import { newKeyBatch } from '../expressions/index.ts';
import type { OrderedKeyedList, SlotColumn, StateContext, Timers } from '../state/contracts.ts';
import { subsetKeys } from './key-rows.ts';
import { isClosed, type WindowClock } from './window-clock.ts';
import { StoredWatermark } from './window-store.ts';

const NUMBER = notNull(DOUBLE);
/** Places of a session's own columns; what its owner keeps for it follows. */
const START = 0;
const END = 1;
const LANE = 2;
export const OWN_COLUMNS = 3;
/** Timers taken at a time. */
const CHUNK = 1024;

/** What a session did with a row. */
export interface SessionChange {
  /** The row's session, or -1: it is late. */
  slot: number;
  /** A session that is now part of `slot`'s: its owner moves what it keeps for it, then removes it. Or -1. */
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
 * touch are one. The sessions of a key have lanes, small numbers that tell them apart. A timer at the end of a session
 * is not moved when the session grows: it finds out when it fires.
 */
export class SessionList {
  readonly columns: () => readonly SlotColumn[];
  readonly change: SessionChange = { slot: -1, absorbed: -1 };
  private readonly list: OrderedKeyedList;
  private readonly timers: Timers;
  private readonly time: StoredWatermark;
  private readonly gap: number;
  private readonly clock: WindowClock;
  private readonly one = newKeyBatch(1);
  private readonly order = new Float64Array(1);
  private readonly slot = new Int32Array(1);
  private readonly popped = newKeyBatch(CHUNK);
  private readonly times = new Float64Array(CHUNK);

  /** `kept`: types of the columns that the owner keeps for each session; zero and NULL in a new one. */
  constructor(gap: number, clock: WindowClock, kept: readonly SqlType[], state: StateContext) {
    this.gap = gap;
    this.clock = clock;
    this.list = state.orderedList('sessions', { columns: [NUMBER, NUMBER, NUMBER, ...kept] });
    this.timers = state.timers('ends');
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

  /** Puts a row at `local` time into the sessions of keys[row]; `change` says what came of it. */
  add(keys: KeyBatch, row: number, local: number): void {
    const { change } = this;
    change.slot = -1;
    change.absorbed = -1;
    let start = local;
    let end = local + this.gap;
    for (let slot = this.list.lowerBound(keys, row, -Infinity); slot >= 0; slot = this.list.next(slot)) {
      if (this.start(slot) > end) break;
      if (this.end(slot) < start) continue;
      if (change.slot < 0) change.slot = slot;
      else change.absorbed = slot;
      start = Math.min(start, this.start(slot));
      end = Math.max(end, this.end(slot));
    }
    if (isClosed(end, this.time.get(), this.clock)) {
      change.slot = -1;
      change.absorbed = -1;
      return;
    }
    if (change.slot < 0) change.slot = this.open(keys, row, local);
    this.numbers(START)[change.slot] = start;
    this.numbers(END)[change.slot] = end;
    this.list.touch(change.slot);
  }

  /** No session closes below this watermark; Infinity when none is open. */
  nextClose(): number {
    return this.timers.next();
  }

  remove(slot: number): void {
    this.list.remove(slot);
  }

  /** Raises the watermark and hands the sessions that it closes over, some at a time; their owner removes them. */
  advance(time: number, closed: (sessions: ClosedSessions) => void): void {
    this.time.raise(time);
    const slots: number[] = [];
    const rows: number[] = [];
    while (this.timers.next() <= time) {
      const count = this.timers.pop(time, CHUNK, this.popped, this.times);
      slots.length = 0;
      rows.length = 0;
      const seen = new Set<number>();
      for (let i = 0; i < count; i++) {
        for (let slot = this.list.lowerBound(this.popped, i, -Infinity); slot >= 0; slot = this.list.next(slot)) {
          const end = this.end(slot);
          if (!isClosed(end, time, this.clock)) this.timers.register(this.clock.closes(end), this.popped, i);
          else if (!seen.has(slot)) {
            seen.add(slot);
            slots.push(slot);
            rows.push(i);
          }
        }
      }
      if (slots.length === 0) continue;
      const keys = subsetKeys(this.popped, Int32Array.from(rows), 0, rows.length, newKeyBatch(rows.length));
      closed({ keys, slots: Int32Array.from(slots), count: slots.length });
    }
  }

  private open(keys: KeyBatch, row: number, local: number): number {
    const one = subsetKeys(keys, Int32Array.of(row), 0, 1, this.one);
    const lane = this.freeLane(keys, row);
    // A session keeps its first row's time within, so the order by it is that of the sessions.
    this.order[0] = local;
    this.list.insert(one, this.order, 1, this.slot);
    const [slot] = this.slot;
    this.numbers(LANE)[slot] = lane;
    this.timers.register(this.clock.closes(local + this.gap), keys, row);
    return slot;
  }

  private freeLane(keys: KeyBatch, row: number): number {
    const taken: number[] = [];
    for (let slot = this.list.lowerBound(keys, row, -Infinity); slot >= 0; slot = this.list.next(slot)) {
      taken.push(this.lane(slot));
    }
    let lane = 0;
    while (taken.includes(lane)) lane += 1;
    return lane;
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
