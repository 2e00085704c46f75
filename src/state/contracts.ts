import type { Column } from '../data/column.ts';
import type { KeyBatch, KeyGroupRange } from '../data/hash.ts';
import type { Allocate } from '../data/slab-pool.ts';
import type { SqlType } from '../data/types.ts';

/**
 * The five shapes of state that operators may hold: keyed columns, keyed map, ordered list, timers, scalars. An operator asks its StateContext for named tables when it is
 * created; the runtime takes deltas at barriers and hands blobs back on restore. Operators never see Map or objects.
 */
export interface StateContext {
  keyedColumns(name: string, spec: KeyedColumnsSpec): KeyedColumns;
  keyedMap(name: string, spec: KeyedMapSpec): KeyedMap;
  orderedList(name: string, spec: OrderedListSpec): OrderedKeyedList;
  scalars(name: string, count: number): Scalars;
  /**
   * Timers. The queue itself is not saved and is empty after a restore: the times are columns of the table whose slots it
   * holds, from which its owner fills it again. Saved beside them, each would be written twice.
   */
  slotQueue(): SlotQueue;
}

export interface KeyedColumnsSpec {
  /** One column per value; `nullable: false` columns have no null flags. */
  readonly columns: readonly SqlType[];
  /** Keeps a last-write time per slot; entries older than this are absent (state TTL, milliseconds). */
  readonly ttl?: number;
}

/**
 * Storage of one value by slot. Arrays are replaced when the table grows, so a hot loop takes them after `resolve`.
 * `nulls` holds one byte per slot (1 = NULL), undefined for NOT NULL columns. A new slot holds zero and NULL.
 */
export type SlotColumn =
  | { readonly layout: 'i8'; values: Int8Array; nulls: Uint8Array | undefined }
  | { readonly layout: 'i16'; values: Int16Array; nulls: Uint8Array | undefined }
  | { readonly layout: 'i32'; values: Int32Array; nulls: Uint8Array | undefined }
  | { readonly layout: 'i64'; values: BigInt64Array; nulls: Uint8Array | undefined }
  | { readonly layout: 'f32'; values: Float32Array; nulls: Uint8Array | undefined }
  | { readonly layout: 'f64'; values: Float64Array; nulls: Uint8Array | undefined }
  | { readonly layout: 'ts'; values: Float64Array; nanos: Int32Array | undefined; nulls: Uint8Array | undefined }
  | { readonly layout: 'dec128'; high: BigInt64Array; low: BigInt64Array; nulls: Uint8Array | undefined }
  | SlotBytes;

/**
 * Variable-length values by slot in one arena: offset and length per slot. Also holds ARRAY, MAP and ROW values, as
 * the one-row encoding of data/codec.ts. `set` copies the bytes; the arena compacts itself when half of it is garbage.
 */
export interface SlotBytes {
  readonly layout: 'bytes';
  bytes: Uint8Array;
  view: DataView;
  starts: Int32Array;
  lengths: Int32Array;
  nulls: Uint8Array | undefined;
  set(slot: number, source: Uint8Array, start: number, end: number): void;
  /** Adds bytes behind the value of a slot; room for more is left behind them. */
  append(slot: number, source: Uint8Array, start: number, end: number): void;
  /** Takes bytes [from, to) out of the value of a slot. */
  cut(slot: number, from: number, to: number): void;
}

export interface KeyedColumns {
  /** The table of a namespace (a window's end in milliseconds, or 0), created when absent. */
  namespace(id: number): KeyedTable;
  /** The table of a namespace, or undefined. */
  peek(id: number): KeyedTable | undefined;
  /** Live namespaces in ascending order. */
  namespaces(): readonly number[];
  /** Drops a namespace with all of its keys: one tombstone in the next delta. Its buffers are pooled. */
  drop(id: number): void;
}

export interface KeyedTable {
  /** Number of slots ever handed out and not compacted, an exclusive upper bound of slot numbers. */
  readonly slotCount: number;
  /** Live keys. */
  readonly size: number;
  readonly columns: readonly SlotColumn[];
  /**
   * Find-or-insert for keys 0 .. count - 1; writes each key's slot to `slots` and marks it dirty. Slots of new keys
   * are zeroed, with NULL set in nullable columns. Returns how many keys are new; `isNew` (if given) gets 1 for the
   * row that inserted a key and 0 otherwise. `now` (epoch ms) stamps the last write when the table has a TTL.
   */
  resolve(keys: KeyBatch, count: number, slots: Int32Array, isNew?: Uint8Array, now?: number): number;
  /** Looks up without inserting or marking: slot or -1 (also -1 for entries past their TTL at `now`). */
  find(keys: KeyBatch, count: number, slots: Int32Array, now?: number): void;
  /** As `find`, of one row, whatever the age of the entry. */
  findOne(keys: KeyBatch, row: number): number;
  /** Marks a slot as changed whose columns are written without a `resolve`. */
  touch(slot: number): void;
  /** Brings the columns of a slot back to those of a new one. */
  renew(slot: number): void;
  /** Frees a slot: a tombstone for its key in the next delta. The slot number may be reused. */
  free(slot: number): void;
  /** Frees slots, passing over those that are free already. */
  freeAll(slots: Int32Array, count: number): void;
  /** Fills `slots` with live slots in slot order, starting the scan at `from`; returns the next `from`, or -1 at the end.
   *  `count` is written to `slots.length` at most; read it from `found()`. */
  scan(from: number, slots: Int32Array): number;
  /** How many slots the last `scan` wrote. */
  found(): number;
  /** The key bytes of slots as a column (views into the key arena: valid until the next resolve). */
  keys(slots: Int32Array, count: number): Column & { readonly layout: 'bytes' };
  /** Copies a value column of slots out as a batch column. */
  gather(column: number, slots: Int32Array, count: number): Column;
  /** The stable hash of a live slot's key. */
  hashOf(slot: number): number;
}

export interface KeyedMapSpec {
  readonly columns: readonly SqlType[];
  readonly ttl?: number;
}

/** (key, sub-key) -> columns; entries of one key can be walked. Joins, DISTINCT, retractable MIN and MAX. */
export interface KeyedMap {
  namespace(id: number): KeyedMapTable;
  peek(id: number): KeyedMapTable | undefined;
  namespaces(): readonly number[];
  drop(id: number): void;
}

export interface KeyedMapTable {
  readonly size: number;
  readonly columns: readonly SlotColumn[];
  /** Find-or-insert of (keys[i], subKeys[i]); slots are marked dirty; `isNew` as in KeyedTable. */
  resolve(
    keys: KeyBatch,
    subKeys: KeyBatch,
    count: number,
    slots: Int32Array,
    isNew?: Uint8Array,
    now?: number,
  ): number;
  find(keys: KeyBatch, subKeys: KeyBatch, count: number, slots: Int32Array, now?: number): void;
  free(slot: number): void;
  /** The first entry of keys[row], or -1, and the next entry of the same key, or -1 (insertion order). With a TTL,
   *  expired entries are passed over; `now` defaults to the latest time given to `resolve`. */
  first(keys: KeyBatch, row: number, now?: number): number;
  next(slot: number, now?: number): number;
  /** Marks an entry as changed whose columns are written without a `resolve`. */
  touch(slot: number): void;
  /** Sub-key bytes of slots (valid until the next resolve). */
  subKeys(slots: Int32Array, count: number): Column & { readonly layout: 'bytes' };
  gather(column: number, slots: Int32Array, count: number): Column;
}

export interface OrderedListSpec {
  readonly columns: readonly SqlType[];
  readonly ttl?: number;
}

/** (key, order) -> rows, kept sorted by order (ties in arrival order). OVER, Top-N, interval join, ORDER BY. */
export interface OrderedKeyedList {
  readonly size: number;
  readonly columns: readonly SlotColumn[];
  /** Adds one row per key; `order` are numbers (epoch ms or ranks). Writes the new slots, whose columns the caller fills. */
  insert(keys: KeyBatch, order: Float64Array, count: number, slots: Int32Array, now?: number): void;
  /** First slot of keys[row] with order >= from, or -1; next in order, or -1; previous in order, or -1. */
  lowerBound(keys: KeyBatch, row: number, from: number): number;
  next(slot: number): number;
  previous(slot: number): number;
  orderOf(slot: number): number;
  remove(slot: number): void;
  /** Marks a row as changed whose columns are written after the snapshot that followed its insertion. */
  touch(slot: number): void;
  gather(column: number, slots: Int32Array, count: number): Column;
}

/** Slots of a table by time, each at most once; those of one time in order of their coming. */
export interface SlotQueue {
  readonly size: number;
  /** The earliest time, or Infinity. */
  next(): number;
  push(slot: number, time: number): void;
  remove(slot: number): void;
  /** Takes slots out whose time is at most `until`, as many as `slots` holds; returns how many. */
  pop(until: number, slots: Int32Array): number;
  clear(): void;
}

/** A few numbers that are not keyed, such as a window operator's watermark. On restore at another parallelism each
 *  task gets the minimum over the old tasks' values. Initially NaN. */
export interface Scalars {
  get(index: number): number;
  set(index: number, value: number): void;
}

/** What the runtime sees of an operator's state. */
export interface StateBackend extends StateContext {
  /**
   * The changes since the last call (or everything when `full`), as blobs that stay valid after later changes; clears
   * dirty marks. Blobs of one table must be restored in the order in which they were taken; a `full` blob replaces
   * all earlier ones of its table and task. Their bytes come from `allocate`.
   */
  snapshot(full: boolean, allocate?: Allocate): StateBlob[];
  /** Adds a blob's entries whose key group is in the range. Call before the first record. Checks version and checksum. */
  restore(blobs: readonly StateBlob[], range: KeyGroupRange): void;
  /** Memory held, in bytes. */
  bytes(): number;
}

export interface StateBlob {
  readonly table: string;
  readonly full: boolean;
  /** Format version, checksum, key-group index, entries. */
  readonly bytes: Uint8Array;
}
