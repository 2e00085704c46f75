import { BYTES_SLACK, type BytesColumn, type Column } from '../data/column.ts';
import { hashBytes, type KeyBatch, type KeyGroupRange, NULL_KEY_HASH } from '../data/hash.ts';
import { BYTES, DOUBLE, notNull } from '../data/types.ts';
import { type BlobBody, type BlobSpec, NO_ROWS, type RowRange, type Rows, rowsInRange } from './blob.ts';
import type { Timers } from './contracts.ts';
import { bucketByGroup, groupsOf } from './key-groups.ts';
import { KeyLog, keysOfColumn } from './key-log.ts';
import { changedSlots, pickKeys } from './keyed-columns.ts';
import { SlotHeap } from './slot-heap.ts';
import { NumberLog } from './slot-numbers.ts';
import { FRESH, SlotTable } from './slot-table.ts';
import { specText, type StateTable } from './state-table.ts';

const NUMBER = notNull(DOUBLE);
/** Time (f64) and a byte that is 1 for the NULL key, before the key's own bytes. */
const PREFIX = 9;
const NULL_FLAG = 8;

/** Timers: a table makes (time, key) unique, a heap orders its slots. */
export class TimerState implements Timers, StateTable {
  readonly spec: BlobSpec = {
    text: specText('timers', [], undefined),
    tombstones: [BYTES, NUMBER],
    entries: [BYTES, NUMBER, NUMBER],
  };
  private readonly table = new SlotTable({ columns: [] });
  private readonly heap = new SlotHeap();
  private readonly one = new KeyLog();
  private readonly slot = new Int32Array(1);
  private readonly removedKeys = new KeyLog();
  private readonly removedTimes = new NumberLog();
  private nextSequence = 0;

  get size(): number {
    return this.table.size;
  }

  next(): number {
    const top = this.heap.top();
    return top === -1 ? Infinity : this.heap.timeOf(top);
  }

  register(time: number, keys: KeyBatch, row: number): void {
    this.add(time, keys, row, this.nextSequence);
  }

  remove(time: number, keys: KeyBatch, row: number): void {
    this.compose(time, keys, row);
    const slot = this.table.findOne(this.one, 0);
    if (slot < 0) return;
    if ((this.table.dirty[slot] & FRESH) === 0) {
      this.removedKeys.add(keys.bytes, keys.starts[row], keys.ends[row], keys.hashes[row]);
      this.removedTimes.push(time);
    }
    this.heap.remove(slot);
    this.table.free(slot);
  }

  pop(until: number, max: number, keys: KeyBatch, times: Float64Array): number {
    const log = new KeyLog();
    let count = 0;
    for (; count < max && this.size > 0 && this.next() <= until; count++) {
      const slot = this.heap.top();
      times[count] = this.heap.timeOf(slot);
      this.copyKey(slot, log);
      this.heap.remove(slot);
      if ((this.table.dirty[slot] & FRESH) === 0) {
        this.copyKey(slot, this.removedKeys);
        this.removedTimes.push(times[count]);
      }
      this.table.free(slot);
    }
    fill(keys, log);
    return count;
  }

  snapshot(full: boolean): BlobBody | undefined {
    if (!full && !this.table.changed) return undefined;
    const section = {
      namespace: 0,
      tombstones: full ? NO_ROWS : this.tombstoneRows(),
      entries: this.entryRows(full),
    };
    this.markClean();
    return { dropped: [], sections: [section] };
  }

  restore(task: readonly BlobBody[], range: KeyGroupRange): void {
    for (const section of task.flatMap((body) => body.sections)) {
      const { tombstones, entries } = section;
      this.forEach(rowsInRange(tombstones, range), (keys, i, time) => this.remove(time, keys, i));
      this.forEach(rowsInRange(entries, range), (keys, i, time, sequence) => this.add(time, keys, i, sequence));
    }
  }

  markClean(): void {
    this.table.markClean();
    this.removedKeys.clear();
    this.removedTimes.clear();
  }

  bytes(): number {
    const logs = this.removedKeys.memory() + this.removedTimes.values.byteLength;
    return this.table.bytes() + this.heap.bytes() + logs;
  }

  private add(time: number, keys: KeyBatch, row: number, sequence: number): void {
    this.compose(time, keys, row);
    if (this.table.resolve(this.one, 1, this.slot) === 0) return;
    this.heap.push(this.slot[0], time, sequence);
    this.nextSequence = Math.max(this.nextSequence, sequence + 1);
  }

  /** Leaves (time, key) in `one`. */
  private compose(time: number, keys: KeyBatch, row: number): void {
    const start = keys.starts[row];
    const length = keys.ends[row] - start;
    const size = Math.max(0, length);
    const { one } = this;
    one.clear();
    const added = one.reserve(PREFIX + size, PREFIX + size, 0);
    const at = one.starts[added];
    // -0 and 0 are one time.
    one.view.setFloat64(at, time + 0, true);
    one.bytes[at + NULL_FLAG] = length < 0 ? 1 : 0;
    for (let k = 0; k < size; k++) one.bytes[at + PREFIX + k] = keys.bytes[start + k];
    one.hashes[0] = hashBytes(one.view, at, at + PREFIX + size);
  }

  private copyKey(slot: number, log: KeyLog): void {
    const [start, end] = this.keyRange(slot);
    const view = this.table.arenaView;
    log.add(this.table.arenaBytes, start, end, end < start ? NULL_KEY_HASH : hashBytes(view, start, end));
  }

  /** The bytes of a slot's own key; end = start - 1 for the NULL key. */
  private keyRange(slot: number): readonly [start: number, end: number] {
    const at = (this.table.refs[slot] + 3) << 2;
    const isNull = this.table.arenaBytes[at + NULL_FLAG] === 1;
    return [at + PREFIX, isNull ? at + PREFIX - 1 : at + this.table.lengthOf(slot)];
  }

  private tombstoneRows(): Rows {
    const count = this.removedKeys.length;
    if (count === 0) return NO_ROWS;
    const rows = Int32Array.from({ length: count }, (_, i) => i);
    const { order, offsets } = bucketByGroup(rows, groupsOf(this.removedKeys.hashes, count), count);
    const columns = [pickKeys(this.removedKeys.column(), order), this.removedTimes.pick(order)];
    return { columns, count, index: { kind: 'bucketed', offsets } };
  }

  private entryRows(full: boolean): Rows {
    const slots = changedSlots(this.table, full);
    const count = slots.length;
    if (count === 0) return NO_ROWS;
    const log = new KeyLog();
    for (const slot of slots) this.copyKey(slot, log);
    const rows = Int32Array.from({ length: count }, (_, i) => i);
    const { order, offsets } = bucketByGroup(rows, groupsOf(log.hashes, count), count);
    const keys: BytesColumn = pickKeys(log.column(), order);
    const columns: Column[] = [
      keys,
      { layout: 'f64', values: Float64Array.from(order, (row) => this.heap.timeOf(slots[row])), nulls: undefined },
      { layout: 'f64', values: Float64Array.from(order, (row) => this.heap.sequenceOf(slots[row])), nulls: undefined },
    ];
    return { columns, count, index: { kind: 'bucketed', offsets } };
  }

  private forEach(range: RowRange, apply: (keys: KeyBatch, row: number, time: number, sequence: number) => void): void {
    if (range.from === range.to) return;
    const [keys, times, sequences] = range.columns;
    if (keys.layout !== 'bytes' || times.layout !== 'f64') return;
    const batch = keysOfColumn(keys, range.from, range.to);
    for (let i = 0; i < batch.length; i++) {
      const row = range.from + i;
      apply(batch, i, times.values[row], sequences?.layout === 'f64' ? sequences.values[row] : 0);
    }
  }
}

/** Copies keys into the caller's batch, replacing arrays that are too short. */
function fill(target: KeyBatch, source: KeyLog): void {
  const { length } = source;
  const used = source.usedBytes;
  if (target.bytes.length < used + BYTES_SLACK) {
    target.bytes = new Uint8Array((used + BYTES_SLACK) * 2);
    target.view = new DataView(target.bytes.buffer);
  }
  if (target.starts.length < length) target.starts = new Int32Array(length);
  if (target.ends.length < length) target.ends = new Int32Array(length);
  if (target.hashes.length < length) target.hashes = new Int32Array(length);
  target.bytes.set(source.bytes.subarray(0, used));
  target.starts.set(source.starts.subarray(0, length));
  target.ends.set(source.ends.subarray(0, length));
  target.hashes.set(source.hashes.subarray(0, length));
  target.length = length;
}
