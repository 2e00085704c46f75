import type { Column } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { SqlType } from '../data/types.ts';
import { type ColumnKernel, compileColumn } from './column-kernel.ts';
import type { KeyedColumnsSpec, KeyedTable } from './contracts.ts';
import { KeyLog } from './key-log.ts';
import { grownCapacity, KeyRecords } from './key-records.ts';
import { compileFind, compileResolve, type FindKernel, type ResolveKernel } from './resolve-kernel.ts';
import { exchanged } from './exchanged.ts';
import { SlotIndex } from './slot-index.ts';
import {
  clearSlotColumn,
  createSlotColumn,
  exchangeSlotColumns,
  growSlotColumn,
  type OwnedColumn,
  resetSlot,
  slotColumnMemory,
} from './slot-column.ts';

/** The generated loops of one state table; shared by its namespaces, whose arrays are of the same kinds. */
export interface TableKernels {
  readonly types: readonly SqlType[];
  readonly ttl: number | undefined;
  readonly resolve: ResolveKernel;
  readonly find: FindKernel;
  readonly columns: readonly ColumnKernel[];
}

export function compileKernels(spec: KeyedColumnsSpec): TableKernels {
  return {
    types: spec.columns,
    ttl: spec.ttl,
    resolve: compileResolve(spec.ttl !== undefined),
    find: compileFind(spec.ttl !== undefined),
    columns: spec.columns.map(compileColumn),
  };
}

const MIN_SLOTS = 16;
/** Slots are taken again when this part of them is free. */
const FREE_PART = 8;
const EMPTY_FLAGS = new Float64Array(0);

/** A slot's dirty byte: changed since the last snapshot; inserted since the last snapshot. */
export const DIRTY = 1;
export const FRESH = 2;

/**
 * A hash table from key bytes to dense slots, with columns by slot. Fields are public for the generated loops and for
 * snapshots; operators see KeyedTable.
 */
export class SlotTable implements KeyedTable {
  index = new SlotIndex(MIN_SLOTS * 2);
  readonly records = new KeyRecords(MIN_SLOTS * 8);
  /** Record of each slot; 0 of a free one. */
  refs = new Int32Array(MIN_SLOTS);
  dirty = new Uint8Array(MIN_SLOTS);
  lastWrite: Float64Array;
  readonly ttl: number;
  readonly columns: readonly OwnedColumn[];
  readonly kernels: TableKernels;
  slotCount = 0;
  size = 0;
  /** Something may be dirty. */
  changed = false;
  /** Keys freed since the last snapshot; undefined when nobody takes deltas. */
  readonly tombstones: KeyLog | undefined;
  /** Keeps the reads of the touch pass alive. */
  touched = 0;
  /** Where the search for the next free slot goes on. */
  private cursor = 0;
  private scanned = 0;
  private sweepAt = 0;
  /** The latest time it was told. */
  private latest = Number.NEGATIVE_INFINITY;
  private misses = new Int32Array(0);

  /** `tracked`: keeps tombstones for deltas. A table used on its own needs none. */
  constructor(spec: KeyedColumnsSpec, kernels: TableKernels = compileKernels(spec), tracked = false) {
    this.kernels = kernels;
    this.ttl = spec.ttl ?? Infinity;
    this.lastWrite = spec.ttl === undefined ? EMPTY_FLAGS : new Float64Array(MIN_SLOTS);
    this.columns = spec.columns.map((type) => createSlotColumn(type, MIN_SLOTS));
    this.tombstones = tracked ? new KeyLog() : undefined;
  }

  resolve(keys: KeyBatch, count: number, slots: Int32Array, isNew?: Uint8Array, now = NaN): number {
    if (this.kernels.ttl !== undefined) this.tick(now, count, (slot) => this.free(slot));
    this.changed = true;
    return this.kernels.resolve(this, keys, count, slots, isNew, now);
  }

  find(keys: KeyBatch, count: number, slots: Int32Array, now = this.latest): void {
    this.kernels.find(this, keys, count, slots, now);
  }

  /** Looks up one row of a key batch, whatever its age: slot or -1. */
  findOne(keys: KeyBatch, row: number): number {
    const { records } = this;
    const { places, mask } = this.index;
    const hash = keys.hashes[row];
    const start = keys.starts[row];
    const length = keys.ends[row] - start;
    for (let p = hash & mask; places[p] !== 0; p = (p + 1) & mask) {
      const ref = places[p];
      if (records.hashOf(ref) !== hash || records.lengthOf(ref) !== length) continue;
      if (records.equals(ref, keys.bytes, start, length)) return records.words[ref + 1];
    }
    return -1;
  }

  free(slot: number): void {
    const ref = this.refs[slot];
    assert(slot < this.slotCount && ref > 0, `slot ${slot} is free already`);
    this.index.remove(ref, this.records.hashOf(ref));
    if (this.tombstones !== undefined && (this.dirty[slot] & FRESH) === 0) this.copyKey(slot, this.tombstones);
    this.changed = true;
    this.records.remove(ref);
    this.refs[slot] = 0;
    this.dirty[slot] = 0;
    this.size--;
    for (const column of this.columns) resetSlot(column, slot);
  }

  freeAll(slots: Int32Array, count: number): void {
    const { records, refs, dirty, index, tombstones } = this;
    // The misses of the cache overlap when nothing waits for what is read.
    const { places, mask } = index;
    const { words } = records;
    for (let i = 0; i < count; i++) this.touched ^= places[words[refs[slots[i]]] & mask];
    let freed = 0;
    for (let i = 0; i < count; i++) {
      const slot = slots[i];
      const ref = refs[slot];
      if (ref === 0) continue;
      index.remove(ref, records.hashOf(ref));
      if (tombstones !== undefined && (dirty[slot] & FRESH) === 0) this.copyKey(slot, tombstones);
      records.remove(ref);
      refs[slot] = 0;
      dirty[slot] = 0;
      freed++;
    }
    this.size -= freed;
    this.changed ||= freed > 0;
    this.columns.forEach((column, k) => {
      this.kernels.columns[k].reset(column, slots, count);
    });
  }

  scan(from: number, slots: Int32Array): number {
    const { refs, slotCount, lastWrite, ttl, latest } = this;
    const limit = slots.length;
    let found = 0;
    let slot = from;
    for (; slot < slotCount && found < limit; slot++) {
      if (refs[slot] > 0 && (ttl === Infinity || latest - lastWrite[slot] < ttl)) slots[found++] = slot;
    }
    this.scanned = found;
    return slot < slotCount ? slot : -1;
  }

  found(): number {
    return this.scanned;
  }

  keys(slots: Int32Array, count: number): Column & { readonly layout: 'bytes' } {
    const { refs, records } = this;
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const ref = refs[slots[i]];
      const length = records.lengthOf(ref);
      starts[i] = records.startOf(ref);
      ends[i] = starts[i] + Math.max(0, length);
      if (length < 0) {
        nulls ??= new Uint8Array((count + 7) >> 3);
        nulls[i >> 3] |= 1 << (i & 7);
      }
    }
    return { layout: 'bytes', bytes: records.bytes, view: records.view, starts, ends, nulls };
  }

  gather(column: number, slots: Int32Array, count: number): Column {
    return this.kernels.columns[column].gather(this.columns[column], slots, count);
  }

  /** Makes room for so many keys, so that adding them need not grow step by step. */
  reserve(keys: number): void {
    if (keys > this.refs.length) this.growSlots((keys + 7) & ~7);
    this.fitIndex(keys);
  }

  isLive(slot: number): boolean {
    return this.refs[slot] > 0;
  }
  isExpired(slot: number, now = this.latest): boolean {
    return this.ttl !== Infinity && now - this.lastWrite[slot] >= this.ttl;
  }
  hashOf(slot: number): number {
    return this.records.hashOf(this.refs[slot]);
  }
  /** Length in bytes of a slot's key, -1 for the NULL key. */
  lengthOf(slot: number): number {
    return this.records.lengthOf(this.refs[slot]);
  }
  /** Adds a slot's key to a log. */
  copyKey(slot: number, log: KeyLog): void {
    this.records.copyTo(log, this.refs[slot]);
  }
  /** Marks a slot that was written without a resolve. */
  touch(slot: number): void {
    this.changed = true;
    this.dirty[slot] |= DIRTY;
  }

  /** Everything up to here is saved. */
  markClean(): void {
    if (!this.changed) return;
    this.changed = false;
    this.dirty.fill(0, 0, this.slotCount);
    this.tombstones?.clear();
  }

  /** Forgets all keys; the buffers stay for reuse and are cleared only as far as they were used. */
  clear(): void {
    this.index.clear(this.size, this.refs, this.slotCount, this.records.words);
    for (const column of this.columns) clearSlotColumn(column, this.slotCount);
    this.refs.fill(0, 0, this.slotCount);
    this.dirty.fill(0, 0, this.slotCount);
    this.tombstones?.clear();
    this.slotCount = 0;
    this.size = 0;
    this.records.clear();
    this.cursor = 0;
    this.sweepAt = 0;
    this.changed = false;
  }

  /** Slots that there is room for. */
  get capacity(): number {
    return this.refs.length;
  }

  /**
   * Moves into the buffers of an empty table of the same kind with more capacity, which gets the smaller ones, cleared:
   * cheaper than growing, and nothing is allocated.
   */
  exchange(roomy: SlotTable): void {
    const { slotCount } = this;
    for (let c = 0; c < this.columns.length; c++) exchangeSlotColumns(this.columns[c], roomy.columns[c], slotCount);
    this.records.exchange(roomy.records);
    [this.refs, roomy.refs] = exchanged(this.refs, roomy.refs, slotCount);
    [this.dirty, roomy.dirty] = exchanged(this.dirty, roomy.dirty, slotCount);
    if (this.kernels.ttl !== undefined) {
      [this.lastWrite, roomy.lastWrite] = exchanged(this.lastWrite, roomy.lastWrite, slotCount);
    }
    [this.index, roomy.index] = [roomy.index, this.index];
    roomy.index.reset();
    if (!this.fitIndex(this.size)) this.index.fill(this.refs, slotCount, this.records.words);
  }

  /** Memory held, in bytes. */
  bytes(): number {
    let sum = this.index.bytes() + this.records.memory() + this.refs.byteLength + this.dirty.byteLength;
    sum += this.lastWrite.byteLength + this.misses.byteLength + (this.tombstones?.memory() ?? 0);
    for (const column of this.columns) sum += slotColumnMemory(column);
    return sum;
  }

  /** For the resolve loop: adds a key that is not there. `p` is the empty index position where its search ended. */
  insert(view: DataView, start: number, length: number, hash: number, p: number): number {
    const grows = !this.records.fits(length);
    if (grows && this.records.grow(length, this.refs, this.slotCount)) {
      this.index.reset();
      this.index.fill(this.refs, this.slotCount, this.records.words);
    }
    const position = this.fitIndex(this.size + 1) || grows ? this.index.emptyPosition(hash) : p;
    const slot = this.takeSlot();
    const ref = this.records.add(view, start, length, hash, slot);
    this.index.places[position] = ref;
    this.refs[slot] = ref;
    this.dirty[slot] = DIRTY | FRESH;
    this.size++;
    return slot;
  }

  /** For the resolve loop: an expired entry starts anew in its slot. */
  renew(slot: number): void {
    for (const column of this.columns) resetSlot(column, slot);
  }

  advance(now: number): void {
    if (now > this.latest) this.latest = now;
  }

  /** For the generated loops: rows of a batch. */
  missBuffer(count: number): Int32Array {
    if (this.misses.length < count) this.misses = new Int32Array(count);
    return this.misses;
  }

  /** Notes the time and frees a few expired slots, so that state with a TTL does not grow without bound. */
  tick(now: number, count: number, free: (slot: number) => void): void {
    assert(!Number.isNaN(now), 'a table with a TTL is told the time');
    this.advance(now);
    const { refs, lastWrite, ttl, latest } = this;
    const end = Math.min(this.slotCount, this.sweepAt + 2 * count + 16);
    for (let slot = this.sweepAt; slot < end; slot++) {
      if (refs[slot] > 0 && latest - lastWrite[slot] >= ttl) free(slot);
    }
    this.sweepAt = end >= this.slotCount ? 0 : end;
  }

  /**
   * Free slots are taken in turn, round and round, and only where there are many: keys that come together lie together,
   * however often their slots were used before.
   */
  private takeSlot(): number {
    if ((this.slotCount - this.size) * FREE_PART >= this.slotCount && this.size < this.slotCount) {
      const { refs, slotCount } = this;
      let slot = this.cursor;
      do {
        slot = slot + 1 < slotCount ? slot + 1 : 0;
      } while (refs[slot] !== 0);
      this.cursor = slot;
      return slot;
    }
    if (this.slotCount === this.refs.length) this.growSlots(grownCapacity(this.refs.length));
    return this.slotCount++;
  }

  private growSlots(capacity: number): void {
    const refs = new Int32Array(capacity);
    refs.set(this.refs);
    this.refs = refs;
    const dirty = new Uint8Array(capacity);
    dirty.set(this.dirty);
    this.dirty = dirty;
    if (this.kernels.ttl !== undefined) {
      const lastWrite = new Float64Array(capacity);
      lastWrite.set(this.lastWrite);
      this.lastWrite = lastWrite;
    }
    for (const column of this.columns) growSlotColumn(column, capacity);
  }

  /** Makes room for so many keys; tells whether positions are others now. */
  private fitIndex(keys: number): boolean {
    if (this.index.fits(keys)) return false;
    this.index.grow(keys, this.refs, this.slotCount, this.records.words);
    return true;
  }
}
