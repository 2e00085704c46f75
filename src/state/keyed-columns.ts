import type { BytesColumn, Column } from '../data/column.ts';
import { BYTES, DOUBLE, notNull, type SqlType } from '../data/types.ts';
import { type BlobSpec, NO_ROWS, type RowRange, type Rows } from './blob.ts';
import type { KeyedColumnsSpec } from './contracts.ts';
import { keyGroupOf } from '../data/hash.ts';
import { bucketByGroup, groupsOf } from './key-groups.ts';
import { type KeyLog, keysOfColumn } from './key-log.ts';
import { NamespacedState, type NamespaceTable } from './namespaced.ts';
import { compileKernels, SlotTable, type TableKernels } from './slot-table.ts';
import { viewSlots } from './slot-view.ts';
import { RESTORE_CHUNK, specText } from './state-table.ts';

/** Keyed columns of an operator, by namespace. */
export function createKeyedColumns(spec: KeyedColumnsSpec): NamespacedState<TrackedTable> {
  const kernels = compileKernels(spec);
  return new NamespacedState(keyedColumnsBlob(spec, kernels), () => new TrackedTable(spec, kernels));
}

function keyedColumnsBlob(spec: KeyedColumnsSpec, kernels: TableKernels): BlobSpec {
  return {
    text: specText('keyed columns', spec.columns, spec.ttl),
    tombstones: [BYTES],
    entries: [BYTES, ...storedTypes(kernels)],
  };
}

/** Value columns as stored, and the last write where there is a TTL. */
export function storedTypes(kernels: TableKernels): SqlType[] {
  const types = kernels.columns.map((column) => column.stored);
  return kernels.ttl === undefined ? types : [...types, notNull(DOUBLE)];
}

/** Below this many slots a snapshot always gathers: bucketed rows are cheaper to restore. */
const SLICE_FROM = 4096;

/** A slot table that can be saved and restored. */
export class TrackedTable extends SlotTable implements NamespaceTable<TrackedTable> {
  constructor(spec: KeyedColumnsSpec, kernels: TableKernels) {
    super(spec, kernels, true);
  }

  takeRows(full: boolean): { tombstones: Rows; entries: Rows } {
    const tombstones = full || this.tombstones === undefined ? NO_ROWS : tombstoneRows(this.tombstones);
    const slots = changedSlots(this, full);
    const slice = this.slotCount >= SLICE_FROM && slots.length * 4 > this.slotCount;
    return { tombstones, entries: slice ? sliceRows(this, slots) : gatherRows(this, slots) };
  }

  applyTombstones(rows: RowRange): void {
    const [keys] = rows.columns;
    if (keys.layout !== 'bytes') return;
    const batch = keysOfColumn(keys, rows.from, rows.to);
    const slots = new Int32Array(batch.length);
    this.find(batch, batch.length, slots);
    // A key is freed once between two snapshots, but the log may name it again after it came and went.
    for (const slot of slots) if (slot >= 0 && this.isLive(slot)) this.free(slot);
  }

  applyEntries(rows: RowRange): void {
    const [keys, ...values] = rows.columns;
    if (keys.layout !== 'bytes') return;
    this.changed = true;
    if (this.size === 0) this.reserve(rows.to - rows.from);
    const slots = new Int32Array(Math.min(RESTORE_CHUNK, rows.to - rows.from));
    for (let from = rows.from; from < rows.to; from += RESTORE_CHUNK) {
      const count = Math.min(RESTORE_CHUNK, rows.to - from);
      const batch = keysOfColumn(keys, from, from + count);
      this.kernels.resolve(this, batch, count, slots, undefined, NaN);
      scatterStored(this, slots, values, from, count);
    }
  }
}

export function tombstoneRows(log: KeyLog): Rows {
  if (log.length === 0) return NO_ROWS;
  const { order, offsets } = bucketByGroup(log.hashes, log.length);
  return { columns: [pickKeys(log.column(), order)], count: log.length, index: { kind: 'bucketed', offsets } };
}

/** Rows of a bytes column in another order (views). */
export function pickKeys(column: BytesColumn, order: Int32Array): BytesColumn {
  const count = order.length;
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const nulls = column.nulls === undefined ? undefined : new Uint8Array((count + 7) >> 3);
  for (let i = 0; i < count; i++) {
    const row = order[i];
    starts[i] = column.starts[row];
    ends[i] = column.ends[row];
    if (nulls !== undefined && column.nulls !== undefined) {
      nulls[i >> 3] |= ((column.nulls[row >> 3] >> (row & 7)) & 1) << (i & 7);
    }
  }
  return { ...column, starts, ends, nulls };
}

/** Live slots in slot order: all, or those with a dirty mark. */
export function changedSlots(table: SlotTable, full: boolean): Int32Array {
  return full ? liveSlots(table) : dirtySlots(table.dirty);
}

function liveSlots({ refs, slotCount, size }: SlotTable): Int32Array {
  const slots = new Int32Array(size);
  let found = 0;
  for (let slot = 0; slot < slotCount; slot++) if (refs[slot] > 0) slots[found++] = slot;
  return slots;
}

/** Looks at eight marks at a time: mostly few are set. No mark combines to a NaN or -0. */
function dirtySlots(dirty: Uint8Array): Int32Array {
  const eights = new Float64Array(dirty.buffer, dirty.byteOffset, dirty.length >> 3);
  let slots = new Int32Array(64);
  let found = 0;
  for (let k = 0; k < eights.length; k++) {
    if (eights[k] === 0) continue;
    if (found + 8 > slots.length) {
      const next = new Int32Array(slots.length * 2);
      next.set(slots);
      slots = next;
    }
    for (let slot = k << 3; slot < (k << 3) + 8; slot++) if (dirty[slot] !== 0) slots[found++] = slot;
  }
  return slots.subarray(0, found);
}

function gatherRows(table: SlotTable, slots: Int32Array): Rows {
  const count = slots.length;
  if (count === 0) return NO_ROWS;
  // In order of memory: in that of key groups every read would miss the cache.
  const columns: Column[] = [table.keys(slots, count), ...gatherStored(table, slots, count)];
  return { columns, count, index: { kind: 'column', groups: groupsOf(table, slots) } };
}

/** The stored columns of slots, and their last write. */
export function gatherStored(table: SlotTable, slots: Int32Array, count: number): Column[] {
  const columns = table.columns.map((column, i) => table.kernels.columns[i].gatherStored(column, slots, count));
  if (table.kernels.ttl === undefined) return columns;
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = table.lastWrite[slots[i]];
  return [...columns, { layout: 'f64', values, nulls: undefined }];
}

/** Writes rows of stored columns (and the last write) to slots. */
export function scatterStored(
  table: SlotTable,
  slots: Int32Array,
  values: readonly Column[],
  from: number,
  count: number,
): void {
  table.columns.forEach((column, i) => {
    table.kernels.columns[i].scatterStored(column, slots, values[i], from, count);
  });
  const last = values[table.columns.length];
  if (table.kernels.ttl === undefined || last.layout !== 'f64') return;
  for (let i = 0; i < count; i++) {
    table.lastWrite[slots[i]] = last.values[from + i];
    table.advance(last.values[from + i]);
  }
}

/** Whole arrays instead of a gather: several times faster when much has changed. Rows that did not are marked -1. */
function sliceRows(table: SlotTable, slots: Int32Array): Rows {
  const { slotCount: count, refs, records } = table;
  const groups = new Int8Array(count).fill(-1);
  const use = new Uint8Array(count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let nulls: Uint8Array | undefined;
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i];
    const ref = refs[slot];
    const length = records.lengthOf(ref);
    groups[slot] = keyGroupOf(records.hashOf(ref));
    use[slot] = 1;
    starts[slot] = records.startOf(ref);
    ends[slot] = starts[slot] + Math.max(0, length);
    if (length < 0) {
      nulls = new Uint8Array((count + 7) >> 3);
      nulls[slot >> 3] |= 1 << (slot & 7);
    }
  }
  const keys: Column = { layout: 'bytes', bytes: records.bytes, view: records.view, starts, ends, nulls };
  const columns: Column[] = [keys, ...table.columns.map((column) => viewSlots(column, count, use))];
  if (table.kernels.ttl !== undefined) {
    columns.push({ layout: 'f64', values: table.lastWrite.subarray(0, count), nulls: undefined });
  }
  return { columns, count, index: { kind: 'column', groups } };
}
