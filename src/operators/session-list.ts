import type { Batch } from '../data/batch.ts';
import { type BytesColumn, isNull, type TsColumn } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { SqlType } from '../data/types.ts';
import { newKeyBatch } from '../expressions/index.ts';
import type { KeyedColumns, StateContext } from '../state/contracts.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import { ensureI32 } from './rows.ts';
import { SESSION_TYPES, SessionLane } from './session-lane.ts';
import { isClosed, type WindowClock } from './window-clock.ts';
import { StoredWatermark } from './window-store.ts';

/** Lanes of rows without a session. */
export const LATE = -1;
export const NO_TIME = -2;

/** Sessions handed over at a time. */
const CHUNK = 4096;

export interface Session {
  readonly lane: number;
  readonly slot: number;
}

/** Takes what its owner keeps for `from` into `to`, the session of the row at a position and of the same key. */
export type Absorb = (position: number, to: Session, from: Session) => void;

/** Sessions of one lane that closed: slots, each with the row of its key in `keys`. */
export interface ClosedSessions {
  readonly lane: number;
  readonly column: BytesColumn;
  readonly keys: KeyBatch;
  readonly slots: Int32Array;
  readonly count: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/**
 * The open sessions of each key: [start, end) on the clock's line, kept apart by more than nothing, for sessions that
 * touch are one. A key's sessions are in different lanes, each a table of at most one session a key. Nearly all keys
 * have one session at a time, so that a row looks at one slot. A key with sessions in other lanes has a slot in the
 * first one too, which counts them.
 */
export class SessionList {
  /** Of the rows of the batch that was added last, by position: its session, or why it has none. */
  lanes: Int32Array = new Int32Array(0);
  slots: Int32Array = new Int32Array(0);
  private readonly tables: KeyedColumns;
  private readonly open: SessionLane[] = [];
  private readonly time: StoredWatermark;
  private readonly state: StateContext;
  private readonly gap: number;
  private readonly clock: WindowClock;
  private readonly due = new Int32Array(CHUNK);
  private readonly dueKeys = newKeyBatch(0);
  private readonly oneKey = newKeyBatch(1);
  private readonly oneSlot = new Int32Array(1);

  /** `kept`: types of the columns that the owner keeps for each session; zero and NULL in a new one. */
  constructor(gap: number, clock: WindowClock, kept: readonly SqlType[], state: StateContext) {
    this.gap = gap;
    this.clock = clock;
    this.state = state;
    this.tables = state.keyedColumns('sessions', { columns: [...SESSION_TYPES, ...kept] });
    this.time = new StoredWatermark(state);
  }

  lane(lane: number): SessionLane {
    while (this.open.length <= lane) {
      this.open.push(new SessionLane(this.tables.namespace(this.open.length), this.state.slotQueue()));
    }
    return this.open[lane];
  }

  /** Puts the selected rows of a batch into the sessions of their keys, one after the other. */
  add(keys: KeyBatch, times: TsColumn, batch: Batch, absorb: Absorb): void {
    this.restoreQueues();
    const { gap, clock } = this;
    const count = batch.selectedCount;
    const lanes = (this.lanes = ensureI32(this.lanes, count));
    const slots = (this.slots = ensureI32(this.slots, count));
    const first = this.lane(0);
    first.table.resolve(keys, count, slots);
    const { starts, ends, others, queue } = first;
    const watermark = this.time.get();
    let without = 0;
    for (let i = 0; i < count; i++) {
      const row = rowAt(batch, i);
      const slot = slots[i];
      if (isNull(times.nulls, row)) {
        lanes[i] = NO_TIME;
        without++;
        continue;
      }
      const local = times.values[row];
      const end = local + gap;
      const start = starts[slot];
      lanes[i] = 0;
      if (others[slot] !== 0 || (start !== ends[slot] && (start > end || ends[slot] < local))) {
        this.addAmongOthers(keys, i, local, watermark, absorb);
      } else if (start !== ends[slot]) {
        if (local < start) starts[slot] = local;
        if (end > ends[slot]) ends[slot] = end;
      } else if (isClosed(end, watermark, clock)) {
        lanes[i] = LATE;
      } else {
        starts[slot] = local;
        ends[slot] = end;
        queue.push(slot, clock.closes(end));
      }
      if (lanes[i] < 0) without++;
    }
    if (without > 0) this.release(count);
  }

  /** No session closes below this watermark; Infinity when none is open. */
  nextClose(): number {
    this.restoreQueues();
    return this.open.reduce((least, { queue }) => Math.min(least, queue.next()), Infinity);
  }

  /** Raises the watermark and hands the sessions that it closes over, some at a time, to be removed afterwards. */
  advance(time: number, closed: (sessions: ClosedSessions) => void): void {
    this.time.raise(time);
    for (;;) {
      const next = this.nextClose();
      if (next > time) return;
      const due = this.open.flatMap(({ queue }, lane) => (queue.next() <= time ? [lane] : []));
      // The sessions of a key close in order of time: the places of two of them are further apart than the gap.
      const step = this.clock.isPlain ? next + this.gap : next;
      const until = due.length === 1 ? time : Math.min(time, step);
      for (const lane of due) this.close(lane, until, time, closed);
    }
  }

  /**
   * A row of a key whose session in the first lane, if there is one, is not all that counts. A session that is joined to
   * an earlier one is absorbed by it.
   */
  private addAmongOthers(keys: KeyBatch, i: number, local: number, watermark: number, absorb: Absorb): void {
    const end = local + this.gap;
    const touching: Session[] = [];
    let free = -1;
    let sought = 1 + this.open[0].others[this.slots[i]];
    let lane = 0;
    for (; sought > 0 && lane < this.open.length; lane++) {
      const { table, starts, ends } = this.open[lane];
      const slot = lane === 0 ? this.slots[i] : table.findOne(keys, i);
      if (slot >= 0) sought--;
      if (slot < 0 || starts[slot] === ends[slot]) {
        if (free < 0) free = lane;
      } else if (starts[slot] <= end && ends[slot] >= local) {
        touching.push({ lane, slot });
      }
    }
    assert(sought === 0, 'the sessions of a key are as many as were counted');
    if (touching.length === 0) this.openAmongOthers(keys, i, local, free < 0 ? lane : free, watermark);
    else this.join(i, local, touching, absorb);
  }

  private openAmongOthers(keys: KeyBatch, i: number, local: number, lane: number, watermark: number): void {
    const end = local + this.gap;
    if (isClosed(end, watermark, this.clock)) {
      this.lanes[i] = LATE;
      return;
    }
    const into = this.lane(lane);
    if (lane > 0) {
      this.open[0].others[this.slots[i]]++;
      this.oneSlot[0] = i;
      into.table.resolve(subsetKeys(keys, this.oneSlot, 0, 1, this.oneKey), 1, this.oneSlot);
      this.slots[i] = this.oneSlot[0];
    }
    this.lanes[i] = lane;
    into.open(this.slots[i], local, end, this.clock.closes(end));
  }

  /** Adds a row to a session, and puts it and one that it touches too together. */
  private join(i: number, local: number, touching: readonly Session[], absorb: Absorb): void {
    const [to, from] = touching.length === 1 ? touching : this.inOrder(touching);
    const { table, starts, ends } = this.open[to.lane];
    const own = this.slots[i];
    this.lanes[i] = to.lane;
    this.slots[i] = to.slot;
    starts[to.slot] = Math.min(starts[to.slot], local);
    ends[to.slot] = Math.max(ends[to.slot], local + this.gap);
    table.touch(to.slot);
    if (touching.length === 1) return;
    const absorbed = this.open[from.lane];
    ends[to.slot] = Math.max(ends[to.slot], absorbed.ends[from.slot]);
    absorb(i, to, from);
    absorbed.queue.remove(from.slot);
    if (from.lane === 0) {
      absorbed.empty(from.slot);
    } else {
      absorbed.table.free(from.slot);
      this.open[0].others[own]--;
    }
  }

  private inOrder(sessions: readonly Session[]): readonly Session[] {
    const startOf = ({ lane, slot }: Session): number => this.open[lane].starts[slot];
    return [...sessions].sort((a, b) => startOf(a) - startOf(b));
  }

  private close(lane: number, until: number, time: number, closed: (sessions: ClosedSessions) => void): void {
    const { due, dueKeys, clock } = this;
    const { table, queue } = this.open[lane];
    for (let popped = queue.pop(until, due); popped > 0; popped = queue.pop(until, due)) {
      const { starts, ends } = this.open[lane];
      let count = 0;
      for (let i = 0; i < popped; i++) {
        const slot = due[i];
        if (isClosed(ends[slot], time, clock)) due[count++] = slot;
        else queue.push(slot, clock.closes(ends[slot]));
      }
      if (count === 0) continue;
      const column = keysOf(table, due, count, dueKeys);
      closed({ lane, column, keys: dueKeys, slots: due, count, starts, ends });
      if (lane > 0) this.forgetOthers(count);
      table.freeAll(due, lane === 0 ? this.emptyShared(count) : count);
    }
  }

  /** Empties the due slots of the first lane whose keys have other sessions; the rest is moved to the front. */
  private emptyShared(count: number): number {
    const { due } = this;
    const [first] = this.open;
    const { others } = first;
    let alone = 0;
    for (let i = 0; i < count; i++) {
      if (others[due[i]] === 0) due[alone++] = due[i];
      else first.empty(due[i]);
    }
    return alone;
  }

  /** The keys of sessions of another lane have one less; those that have none any more leave the first lane. */
  private forgetOthers(count: number): void {
    const [{ table, starts, ends, others }] = this.open;
    const left = new Int32Array(count);
    let found = 0;
    for (let i = 0; i < count; i++) {
      const slot = table.findOne(this.dueKeys, i);
      others[slot]--;
      table.touch(slot);
      if (others[slot] === 0 && starts[slot] === ends[slot]) left[found++] = slot;
    }
    table.freeAll(left, found);
  }

  /** Keys of rows that got no session may have none at all. */
  private release(count: number): void {
    const [{ table, starts, ends, others }] = this.open;
    const empty = new Int32Array(count);
    let found = 0;
    for (let i = 0; i < count; i++) {
      const slot = this.slots[i];
      if (this.lanes[i] < 0 && starts[slot] === ends[slot] && others[slot] === 0) empty[found++] = slot;
    }
    table.freeAll(empty, found);
  }

  private restoreQueues(): void {
    const restored = this.tables.namespaces();
    if (restored.length > 0) this.lane(restored[restored.length - 1]);
    for (const lane of this.open) lane.fillQueue(this.clock.closes);
  }
}

/** The keys of slots: as a column, and as a batch of the same views. Valid until the next key comes into the table. */
function keysOf(table: SessionLane['table'], slots: Int32Array, count: number, keys: KeyBatch): BytesColumn {
  const column = table.keys(slots, count);
  keys.length = count;
  keys.bytes = column.bytes;
  keys.view = column.view;
  keys.starts = column.starts;
  keys.ends = column.ends;
  keys.hashes = ensureI32(keys.hashes, count);
  const { hashes } = keys;
  for (let i = 0; i < count; i++) {
    hashes[i] = table.hashOf(slots[i]);
    if (isNull(column.nulls, i)) column.ends[i] = column.starts[i] - 1;
  }
  return column;
}
