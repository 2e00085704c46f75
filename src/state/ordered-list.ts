import type { Column } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import type { KeyBatch, KeyGroupRange } from '../data/hash.ts';
import { BYTES, DOUBLE, notNull } from '../data/types.ts';
import { type BlobBody, type BlobSpec, NO_ROWS, type RowRange, type Rows, rowsInRange } from './blob.ts';
import { type ColumnKernel, compileColumn } from './column-kernel.ts';
import type { OrderedKeyedList, OrderedListSpec, SlotColumn } from './contracts.ts';
import { bucketByGroup, groupsOf } from './key-groups.ts';
import { KeyLog, keysOfColumn } from './key-log.ts';
import { pickKeys } from './keyed-columns.ts';
import { NumberLog, SlotNumbers } from './slot-numbers.ts';
import { SlotPool } from './slot-pool.ts';
import { FRESH, SlotTable } from './slot-table.ts';
import { SortedRuns } from './sorted-runs.ts';
import { specText, type StateTable } from './state-table.ts';

const NUMBER = notNull(DOUBLE);

/**
 * (key, order) -> rows. A table maps keys to owner slots; each owner has a run of row slots sorted by order and then
 * by arrival, a number that rises with every row and identifies a row of a key in deltas.
 */
export class OrderedListState implements OrderedKeyedList, StateTable {
  readonly spec: BlobSpec;
  private readonly kernels: readonly ColumnKernel[];
  private readonly owners = new SlotTable({ columns: [] });
  private readonly rows: SlotPool;
  private readonly runs: SortedRuns;
  private readonly ttl: number;
  private readonly order = new SlotNumbers();
  private readonly arrival = new SlotNumbers();
  private readonly lastWrite = new SlotNumbers();
  private readonly ownerOf = new SlotNumbers();
  private readonly removedKeys = new KeyLog();
  private readonly removedOrder = new NumberLog();
  private readonly removedArrival = new NumberLog();
  private ownerSlots = new Int32Array(0);
  private nextArrival = 0;
  private latest = Number.NEGATIVE_INFINITY;
  private sweepAt = 0;

  constructor(spec: OrderedListSpec) {
    this.kernels = spec.columns.map(compileColumn);
    this.rows = new SlotPool(spec.columns);
    this.ttl = spec.ttl ?? Infinity;
    this.runs = new SortedRuns(
      (slot) => this.order.values[slot],
      (slot) => this.arrival.values[slot],
    );
    const stored = this.kernels.map((kernel) => kernel.stored);
    const lastWrite = spec.ttl === undefined ? [] : [NUMBER];
    this.spec = {
      text: specText('ordered rows', spec.columns, spec.ttl),
      tombstones: [BYTES, NUMBER, NUMBER],
      entries: [BYTES, NUMBER, NUMBER, ...lastWrite, ...stored],
    };
  }

  get size(): number {
    return this.rows.size;
  }
  get columns(): readonly SlotColumn[] {
    return this.rows.columns;
  }

  insert(keys: KeyBatch, order: Float64Array, count: number, slots: Int32Array, now = NaN): void {
    if (this.ttl !== Infinity) this.tick(now, count);
    this.resolveOwners(keys, count);
    for (let i = 0; i < count; i++) slots[i] = this.add(this.ownerSlots[i], order[i], this.nextArrival++, now);
  }

  lowerBound(keys: KeyBatch, row: number, from: number): number {
    const owner = this.owners.findOne(keys, row);
    return owner < 0 ? -1 : this.skipExpired(owner, this.runs.lowerBound(owner, from), 1);
  }

  next(slot: number): number {
    const owner = this.ownerOf.values[slot];
    return this.skipExpired(owner, this.runs.neighbour(owner, slot, 1), 1);
  }

  previous(slot: number): number {
    const owner = this.ownerOf.values[slot];
    return this.skipExpired(owner, this.runs.neighbour(owner, slot, -1), -1);
  }

  orderOf(slot: number): number {
    return this.order.values[slot];
  }

  remove(slot: number): void {
    assert(this.rows.isLive(slot), `slot ${slot} is free already`);
    const owner = this.ownerOf.values[slot];
    if ((this.rows.dirty[slot] & FRESH) === 0) this.logRemoved(owner, slot);
    this.runs.remove(owner, slot);
    this.rows.release(slot);
    if (this.runs.length(owner) === 0) this.owners.free(owner);
  }

  touch(slot: number): void {
    this.rows.touch(slot);
  }

  gather(column: number, slots: Int32Array, count: number): Column {
    return this.kernels[column].gather(this.rows.columns[column], slots, count);
  }

  snapshot(full: boolean): BlobBody | undefined {
    if (!full && !this.rows.changed) return undefined;
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
      this.applyTombstones(rowsInRange(section.tombstones, range));
      this.applyEntries(rowsInRange(section.entries, range));
    }
  }

  markClean(): void {
    this.owners.markClean();
    this.rows.markClean();
    this.removedKeys.clear();
    this.removedOrder.clear();
    this.removedArrival.clear();
  }

  bytes(): number {
    const numbers = [this.order, this.arrival, this.lastWrite, this.ownerOf, this.removedOrder, this.removedArrival];
    const own = numbers.reduce((sum, part) => sum + part.values.byteLength, this.removedKeys.memory());
    return own + this.owners.bytes() + this.rows.bytes() + this.runs.bytes();
  }

  private ownersOf(slots: Int32Array, count: number): Int32Array {
    const owners = new Int32Array(count);
    for (let i = 0; i < count; i++) owners[i] = this.ownerOf.values[slots[i]];
    return owners;
  }

  /** Finds or makes the keys 0 .. count - 1. */
  private resolveOwners(keys: KeyBatch, count: number): void {
    if (this.ownerSlots.length < count) this.ownerSlots = new Int32Array(count);
    this.owners.resolve(keys, count, this.ownerSlots);
    this.runs.grow(this.owners.slotCount);
  }

  private add(owner: number, order: number, arrival: number, now: number): number {
    const slot = this.rows.take();
    this.order.set(slot, order);
    this.arrival.set(slot, arrival);
    this.ownerOf.set(slot, owner);
    if (this.ttl !== Infinity) this.lastWrite.set(slot, now);
    this.runs.insert(owner, slot);
    return slot;
  }

  private tick(now: number, count: number): void {
    assert(!Number.isNaN(now), 'a list with a TTL is told the time');
    if (now > this.latest) this.latest = now;
    const end = Math.min(this.rows.slotCount, this.sweepAt + 2 * count + 16);
    for (let slot = this.sweepAt; slot < end; slot++) {
      if (this.rows.isLive(slot) && this.isExpired(slot)) this.remove(slot);
    }
    this.sweepAt = end >= this.rows.slotCount ? 0 : end;
  }

  private isExpired(slot: number): boolean {
    return this.ttl !== Infinity && this.latest - this.lastWrite.values[slot] >= this.ttl;
  }

  private skipExpired(owner: number, from: number, by: number): number {
    let slot = from;
    while (slot !== -1 && this.isExpired(slot)) slot = this.runs.neighbour(owner, slot, by);
    return slot;
  }

  private logRemoved(owner: number, slot: number): void {
    this.owners.copyKey(owner, this.removedKeys);
    this.removedOrder.push(this.order.values[slot]);
    this.removedArrival.push(this.arrival.values[slot]);
  }

  private tombstoneRows(): Rows {
    const count = this.removedKeys.length;
    if (count === 0) return NO_ROWS;
    const { order, offsets } = bucketByGroup(this.removedKeys.hashes, count);
    const keys = pickKeys(this.removedKeys.column(), order);
    const columns = [keys, this.removedOrder.pick(order), this.removedArrival.pick(order)];
    return { columns, count, index: { kind: 'bucketed', offsets } };
  }

  private entryRows(full: boolean): Rows {
    const slots = this.rows.slots(full);
    const count = slots.length;
    if (count === 0) return NO_ROWS;
    // In order of memory: in that of key groups every read would miss the cache.
    const owners = this.ownersOf(slots, count);
    const columns = [
      this.owners.keys(owners, count),
      this.order.pick(slots),
      this.arrival.pick(slots),
      ...(this.ttl === Infinity ? [] : [this.lastWrite.pick(slots)]),
      ...this.kernels.map((kernel, i) => kernel.gatherStored(this.rows.columns[i], slots, count)),
    ];
    return { columns, count, index: { kind: 'column', groups: groupsOf(this.owners, owners) } };
  }

  private applyTombstones(range: RowRange): void {
    if (range.from === range.to) return;
    const [keys, order, arrival] = range.columns;
    if (keys.layout !== 'bytes' || order.layout !== 'f64' || arrival.layout !== 'f64') return;
    const batch = keysOfColumn(keys, range.from, range.to);
    for (let i = 0; i < batch.length; i++) {
      const row = range.from + i;
      const slot = this.findRow(this.owners.findOne(batch, i), order.values[row], arrival.values[row]);
      if (slot >= 0) this.remove(slot);
    }
  }

  private applyEntries(range: RowRange): void {
    if (range.from === range.to) return;
    const [keys, order, arrival, ...others] = range.columns;
    const values = this.ttl === Infinity ? others : others.slice(1);
    if (keys.layout !== 'bytes' || order.layout !== 'f64' || arrival.layout !== 'f64') return;
    const batch = keysOfColumn(keys, range.from, range.to);
    const slots = new Int32Array(batch.length);
    this.resolveOwners(batch, batch.length);
    for (let i = 0; i < batch.length; i++) {
      const row = range.from + i;
      const owner = this.ownerSlots[i];
      const found = this.findRow(owner, order.values[row], arrival.values[row]);
      const known = found >= 0 ? found : this.add(owner, order.values[row], arrival.values[row], 0);
      if (this.ttl !== Infinity) this.restoreLastWrite(known, others[0], row);
      this.nextArrival = Math.max(this.nextArrival, arrival.values[row] + 1);
      slots[i] = known;
    }
    this.kernels.forEach((kernel, i) => {
      kernel.scatterStored(this.rows.columns[i], slots, values[i], range.from, batch.length);
    });
  }

  private restoreLastWrite(slot: number, column: Column, row: number): void {
    if (column.layout !== 'f64') return;
    this.lastWrite.set(slot, column.values[row]);
    if (column.values[row] > this.latest) this.latest = column.values[row];
  }

  /** A row by its identity, or -1. */
  private findRow(owner: number, order: number, arrival: number): number {
    if (owner < 0) return -1;
    const slot = this.runs.lowerBound(owner, order, arrival);
    return slot >= 0 && this.order.values[slot] === order && this.arrival.values[slot] === arrival ? slot : -1;
  }
}
