import type { BytesColumn, Column } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import { BYTES } from '../data/types.ts';
import { NO_ROWS, type RowRange, type Rows } from './blob.ts';
import type { KeyedMapSpec, KeyedMapTable, SlotColumn } from './contracts.ts';
import { EntryLinks } from './entry-links.ts';
import { bucketByGroup, groupsOf } from './key-groups.ts';
import { KeyLog, keysOfColumn } from './key-log.ts';
import { changedSlots, gatherStored, pickKeys, scatterStored, storedTypes } from './keyed-columns.ts';
import { NamespacedState, type NamespaceTable } from './namespaced.ts';
import { compileKernels, DIRTY, FRESH, SlotTable, type TableKernels } from './slot-table.ts';
import { RESTORE_CHUNK, specText } from './state-table.ts';

export function createKeyedMap(spec: KeyedMapSpec): NamespacedState<MapTable> {
  const owners = compileKernels({ columns: [] });
  const entries = compileKernels(spec);
  const blob = {
    text: specText('keyed map', spec.columns, spec.ttl),
    tombstones: [BYTES, BYTES],
    entries: [BYTES, BYTES, ...storedTypes(entries)],
  };
  return new NamespacedState(blob, () => new MapTable(spec, owners, entries));
}

/** Marks the sub-key NULL in the owner word of an entry's key. */
const NULL_SUB_KEY = 1 << 31;
/** Bytes of the owner word. */
const OWNER_BYTES = 4;

/**
 * (key, sub-key) -> columns. One table maps keys to owner slots; another has an entry for each (owner slot, sub-key),
 * with the owner slot as the first word of its key; entries of an owner are linked in order of insertion.
 */
export class MapTable implements KeyedMapTable, NamespaceTable<MapTable> {
  private readonly owners: SlotTable;
  private readonly entries: SlotTable;
  private readonly links = new EntryLinks();
  private readonly composite = new KeyLog();
  private readonly freedKeys = new KeyLog();
  private readonly freedSubKeys = new KeyLog();
  private ownerSlots = new Int32Array(0);
  /** No slot was taken again and no entry moved to its owner's end: slots are in order of insertion. */
  private slotsInOrder = true;
  private rows = new Int32Array(0);

  constructor(spec: KeyedMapSpec, owners: TableKernels, entries: TableKernels) {
    this.owners = new SlotTable({ columns: [] }, owners);
    this.entries = new SlotTable(spec, entries);
  }

  get size(): number {
    return this.entries.size;
  }
  get columns(): readonly SlotColumn[] {
    return this.entries.columns;
  }
  get changed(): boolean {
    return this.entries.changed;
  }

  resolve(keys: KeyBatch, subKeys: KeyBatch, count: number, slots: Int32Array, isNew?: Uint8Array, now = NaN): number {
    const { entries } = this;
    if (entries.kernels.ttl !== undefined) entries.tick(now, count, (slot) => this.free(slot));
    return this.insert(keys, subKeys, count, slots, isNew, now);
  }

  find(keys: KeyBatch, subKeys: KeyBatch, count: number, slots: Int32Array, now?: number): void {
    this.reserveRows(count);
    const { ownerSlots, rows, composite } = this;
    this.owners.find(keys, count, ownerSlots);
    composite.clear();
    for (let i = 0; i < count; i++) {
      if (ownerSlots[i] < 0) {
        slots[i] = -1;
      } else {
        rows[composite.length] = i;
        this.addComposite(ownerSlots[i], subKeys, i);
      }
    }
    const known = composite.length;
    const found = known === count ? slots : new Int32Array(known);
    this.entries.find(composite, known, found, now);
    if (found !== slots) for (let k = 0; k < known; k++) slots[rows[k]] = found[k];
  }

  free(slot: number): void {
    this.slotsInOrder = false;
    const owner = this.ownerOf(slot);
    if ((this.entries.dirty[slot] & FRESH) === 0) this.logFreed(owner, slot);
    this.links.unlink(owner, slot);
    this.entries.free(slot);
    if (this.links.first(owner) === -1) this.owners.free(owner);
  }

  first(keys: KeyBatch, row: number, now?: number): number {
    const owner = this.owners.findOne(keys, row);
    return owner < 0 ? -1 : this.skipExpired(this.links.first(owner), now);
  }

  next(slot: number, now?: number): number {
    return this.skipExpired(this.links.next(slot), now);
  }

  /** Marks an entry as changed that was written without a resolve. */
  touch(slot: number): void {
    this.owners.touch(this.ownerOf(slot));
    this.entries.touch(slot);
  }

  subKeys(slots: Int32Array, count: number): BytesColumn {
    const column = this.entries.keys(slots, count);
    const { starts, ends } = column;
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      if (column.view.getInt32(starts[i], true) < 0) {
        nulls ??= new Uint8Array((count + 7) >> 3);
        nulls[i >> 3] |= 1 << (i & 7);
      }
      starts[i] = Math.min(starts[i] + OWNER_BYTES, ends[i]);
    }
    return { ...column, nulls };
  }

  gather(column: number, slots: Int32Array, count: number): Column {
    return this.entries.gather(column, slots, count);
  }

  takeRows(full: boolean): { tombstones: Rows; entries: Rows } {
    return { tombstones: full ? NO_ROWS : this.tombstoneRows(), entries: this.entryRows(full) };
  }

  applyTombstones(rows: RowRange): void {
    const [keys, subKeys] = rows.columns;
    if (keys.layout !== 'bytes' || subKeys.layout !== 'bytes') return;
    const batch = keysOfColumn(keys, rows.from, rows.to);
    const subs = keysOfColumn(subKeys, rows.from, rows.to);
    const slots = new Int32Array(batch.length);
    this.find(batch, subs, batch.length, slots);
    for (const slot of slots) if (slot >= 0 && this.entries.isLive(slot)) this.free(slot);
  }

  applyEntries(rows: RowRange): void {
    const [keys, subKeys, ...values] = rows.columns;
    if (keys.layout !== 'bytes' || subKeys.layout !== 'bytes') return;
    const slots = new Int32Array(Math.min(RESTORE_CHUNK, rows.to - rows.from));
    for (let from = rows.from; from < rows.to; from += RESTORE_CHUNK) {
      const count = Math.min(RESTORE_CHUNK, rows.to - from);
      const batch = keysOfColumn(keys, from, from + count);
      const subs = keysOfColumn(subKeys, from, from + count);
      this.insert(batch, subs, count, slots, undefined, NaN);
      scatterStored(this.entries, slots, values, from, count);
    }
  }

  markClean(): void {
    this.owners.markClean();
    this.entries.markClean();
    this.freedKeys.clear();
    this.freedSubKeys.clear();
  }

  clear(): void {
    this.owners.clear();
    this.entries.clear();
    this.links.clear();
    this.slotsInOrder = true;
    this.freedKeys.clear();
    this.freedSubKeys.clear();
  }

  get capacity(): number {
    return this.entries.capacity;
  }

  exchange(roomy: MapTable): void {
    if (roomy.owners.capacity > this.owners.capacity) this.owners.exchange(roomy.owners);
    this.entries.exchange(roomy.entries);
  }

  bytes(): number {
    const logs = this.composite.memory() + this.freedKeys.memory() + this.freedSubKeys.memory();
    return this.owners.bytes() + this.entries.bytes() + this.links.bytes() + logs;
  }

  private insert(
    keys: KeyBatch,
    subKeys: KeyBatch,
    count: number,
    slots: Int32Array,
    isNew: Uint8Array | undefined,
    now: number,
  ): number {
    this.reserveRows(count);
    const { owners, entries, composite, ownerSlots, links } = this;
    owners.resolve(keys, count, ownerSlots);
    composite.clear();
    for (let i = 0; i < count; i++) this.addComposite(ownerSlots[i], subKeys, i);
    entries.changed = true;
    const flags = isNew ?? new Uint8Array(count);
    if (entries.kernels.ttl !== undefined) this.slotsInOrder = false;
    const fresh = entries.kernels.resolve(entries, composite, count, slots, flags, now);
    links.grow(owners.slotCount, entries.slotCount);
    // An expired entry starts anew in its slot and moves to the end.
    if (fresh > 0) for (let i = 0; i < count; i++) if (flags[i] !== 0) links.append(ownerSlots[i], slots[i]);
    return fresh;
  }

  private reserveRows(count: number): void {
    if (this.ownerSlots.length >= count) return;
    this.ownerSlots = new Int32Array(count);
    this.rows = new Int32Array(count);
  }

  private addComposite(owner: number, subKeys: KeyBatch, row: number): void {
    const start = subKeys.starts[row];
    const length = subKeys.ends[row] - start;
    const size = Math.max(0, length);
    let hash = Math.imul((subKeys.hashes[row] + Math.imul(owner, -1640531535)) | 0, -2048144789);
    hash ^= hash >>> 13;
    const { composite } = this;
    // The arrays may be replaced by `reserve`.
    const added = composite.reserve(OWNER_BYTES + size, OWNER_BYTES + size, hash);
    const at = composite.starts[added];
    composite.view.setInt32(at, length < 0 ? owner | NULL_SUB_KEY : owner, true);
    const { bytes } = composite;
    for (let k = 0; k < size; k++) bytes[at + OWNER_BYTES + k] = subKeys.bytes[start + k];
  }

  private ownerOf(slot: number): number {
    const { records, refs } = this.entries;
    assert(this.entries.isLive(slot), `slot ${slot} is free already`);
    return records.words[records.startOf(refs[slot]) >> 2] & ~NULL_SUB_KEY;
  }

  private skipExpired(from: number, now: number | undefined): number {
    let slot = from;
    while (slot !== -1 && this.entries.isExpired(slot, now)) slot = this.links.next(slot);
    return slot;
  }

  private logFreed(owner: number, slot: number): void {
    const { owners, entries } = this;
    owners.copyKey(owner, this.freedKeys);
    const { bytes, view } = entries.records;
    const sub = entries.records.startOf(entries.refs[slot]) + OWNER_BYTES;
    const isNull = view.getInt32(sub - OWNER_BYTES, true) < 0;
    this.freedSubKeys.add(bytes, sub, isNull ? sub - 1 : sub + entries.lengthOf(slot) - OWNER_BYTES, 0);
  }

  private tombstoneRows(): Rows {
    const count = this.freedKeys.length;
    if (count === 0) return NO_ROWS;
    const { order, offsets } = bucketByGroup(this.freedKeys.hashes, count);
    const columns = [pickKeys(this.freedKeys.column(), order), pickKeys(this.freedSubKeys.column(), order)];
    return { columns, count, index: { kind: 'bucketed', offsets } };
  }

  /** The entries of an owner are in order of insertion, so that they are restored in it. */
  private entryRows(full: boolean): Rows {
    const { owners, entries } = this;
    const slots = this.slotsInOrder ? changedSlots(entries, full) : this.walkChains(full);
    const count = slots.length;
    if (count === 0) return NO_ROWS;
    // In order of memory: in that of key groups every read would miss the cache.
    const ownerSlots = new Int32Array(count);
    for (let i = 0; i < count; i++) ownerSlots[i] = this.ownerOf(slots[i]);
    const columns = [
      owners.keys(ownerSlots, count),
      this.subKeys(slots, count),
      ...gatherStored(entries, slots, count),
    ];
    return { columns, count, index: { kind: 'column', groups: groupsOf(owners, ownerSlots) } };
  }

  /** All entries, or the changed ones, owner by owner along their chains. */
  private walkChains(full: boolean): Int32Array {
    const { owners, entries, links } = this;
    const slots = new Int32Array(entries.size);
    let count = 0;
    for (let owner = 0; owner < owners.slotCount; owner++) {
      if (!owners.isLive(owner) || !(full || (owners.dirty[owner] & DIRTY) !== 0)) continue;
      for (let slot = links.first(owner); slot !== -1; slot = links.next(slot)) {
        if (full || (entries.dirty[slot] & DIRTY) !== 0) slots[count++] = slot;
      }
    }
    return slots.subarray(0, count);
  }
}
