import { selectedRows } from '../data/row-numbers.ts';
import { type Batch, DELETE, makeBatch, UPDATE_BEFORE, withSelection } from '../data/batch.ts';
import { type Column, layoutOf } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import { type KeyBatch, keyGroupOf } from '../data/hash.ts';
import type { Allocate } from '../data/slab-pool.ts';
import { notNull, nullable, type Schema, type SqlType, TINYINT } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import { SlotTable } from '../state/slot-table.ts';
import type { DistinctKeys } from '../planner/physical.ts';
import { ChunkFormat, DELETED, MAX_CHUNK_BYTES, UPSERT } from './chunk.ts';
import { DirectChanges } from './direct-changes.ts';
import { orderByKeyGroup } from '../state/key-group-order.ts';
import { enforceNotNull, type NotNullEnforcer } from './not-null.ts';
import { compileScatter, type Scatter } from './scatter.ts';

const MAX_CHUNK_ROWS = 4096;
/**
 * Rows are put into the order of key groups so many at a time: a full chunk then holds few key groups, and folding
 * reads it for those only, while the rows are still gathered from memory that lies close together.
 */
const ORDERED_ROWS = 8 * MAX_CHUNK_ROWS;
/** Fewer rows in a batch are not worth a chunk of their own. */
const DIRECT_ROWS = 512;
const OP_COLUMN = 0;

/**
 * The output of one sink since the last barrier, net per primary key: the last row of a key wins, as an upsert or a
 * delete (also of a key that was inserted in the same epoch: what was there before it is not known here). A -U counts
 * as a delete: its +U follows, or was filtered away.
 *
 * Where the plan knows which rows have different keys (the rows of one window), they are not looked up as long as the
 * epoch has no others.
 */
export class ChangeBuffer {
  private readonly schema: Schema;
  private readonly primaryKey: readonly number[];
  private readonly enforcer: NotNullEnforcer;
  private readonly format: ChunkFormat;
  private readonly encoder: KeyEncoder;
  private readonly keys: KeyBatch = newKeyBatch(1024);
  private readonly table: SlotTable;
  private readonly scatters: readonly Scatter[];
  private readonly fixedBytes: number;
  private readonly variable: readonly number[];
  private slots = new Int32Array(0);
  /** Bytes of keys and variable-length values that were copied in, and of how many rows. */
  private copiedBytes = 0;
  private copiedRows = 0;

  private readonly distinct: DistinctKeys | undefined;
  private readonly direct: DirectChanges;
  /** The value that all rows of this epoch have in the column within which keys are distinct. */
  private run: number | undefined;
  /** Keys of this epoch may be the same: they are all looked up. */
  private mixed = false;

  constructor(
    schema: Schema,
    primaryKey: readonly number[],
    enforcer: NotNullEnforcer = 'error',
    distinct?: DistinctKeys,
    allocate?: Allocate,
  ) {
    assert(primaryKey.length > 0, 'a feature table has a primary key');
    const types = schema.map((field) => field.type);
    this.schema = schema;
    this.primaryKey = primaryKey;
    this.enforcer = enforcer;
    this.format = new ChunkFormat(schema, primaryKey, allocate);
    this.distinct = distinct;
    this.direct = new DirectChanges(this.format);
    this.encoder = compileKeyEncoder(primaryKey.map((index) => types[index]));
    // All columns nullable: a deleted row may hold NULLs anywhere outside its key.
    this.table = new SlotTable({ columns: [notNull(TINYINT), ...types.map((type) => nullable(type))] });
    this.scatters = types.map((type) => compileScatter(nullable(type)));
    this.fixedBytes = types.reduce((sum, type) => sum + fixedWidth(type), 1);
    this.variable = types.flatMap((type, i) => (layoutOf(type) === 'bytes' ? [i] : []));
  }

  /** Keys that changed since the last `take`. */
  get size(): number {
    return this.table.size + this.direct.rows;
  }

  /** About how many bytes `take` would return, or more: what is packed is not foreseen. */
  bytes(): number {
    return Math.ceil(this.table.size * this.rowBytes()) + this.direct.bytes;
  }

  /** Memory held, in bytes; buffers are kept for the next epoch. */
  memory(): number {
    return this.table.bytes() + this.direct.bytes;
  }

  /** Takes in a batch. Throws `not-null-violation`. */
  add(batch: Batch): void {
    const changes = this.withoutViolations(batch);
    if (changes.selectedCount === 0) return;
    const direct = this.staysDistinct(changes) && changes.selectedCount >= DIRECT_ROWS;
    this.encoder.encode(
      this.primaryKey.map((index) => changes.columns[index]),
      changes,
      this.keys,
    );
    if (direct) this.direct.add(changes, this.keys);
    else this.lookUp(changes);
  }

  /** Whether no other row of this epoch, before or after, can have the key of one of these. */
  private staysDistinct({ columns, kinds }: Batch): boolean {
    if (this.mixed || this.distinct === undefined) return false;
    if (kinds === undefined && this.distinct.of === 'all') return true;
    const value = this.distinct.of === 'column' ? constantTime(columns[this.distinct.column]) : undefined;
    if (kinds === undefined && value !== undefined && (this.run ?? value) === value) {
      this.run = value;
      return true;
    }
    this.mixed = true;
    for (const chunk of this.direct.takeBack()) this.add(makeBatch(chunk.columns, chunk.count));
    return false;
  }

  private lookUp(changes: Batch): void {
    const count = changes.selectedCount;
    const rows = selectedRows(changes);
    const { columns, kinds } = changes;
    if (this.slots.length < count) this.slots = new Int32Array(count * 2);
    this.table.resolve(this.keys, count, this.slots);
    this.writeOps(kinds, rows, count);
    for (let c = 0; c < columns.length; c++) {
      this.scatters[c](columns[c], this.table.columns[c + 1], rows, this.slots, count);
    }
    this.measure(changes, rows, count);
  }

  private withoutViolations(batch: Batch): Batch {
    const { columns, kinds, selectedCount: count } = batch;
    const rows = selectedRows(batch);
    const kept = enforceNotNull(this.schema, this.primaryKey, columns, kinds, rows, count, this.enforcer);
    return kept === rows ? batch : withSelection(batch, kept, kept.length);
  }

  private writeOps(kinds: Uint8Array | undefined, rows: Int32Array, count: number): void {
    const ops = this.table.columns[OP_COLUMN];
    assert(ops.layout === 'i8', 'operations are bytes');
    const { values } = ops;
    const { slots } = this;
    if (kinds === undefined) for (let i = 0; i < count; i++) values[slots[i]] = UPSERT;
    else
      for (let i = 0; i < count; i++) {
        const kind = kinds[rows[i]];
        values[slots[i]] = kind === DELETE || kind === UPDATE_BEFORE ? DELETED : UPSERT;
      }
  }

  /** Looks at one row of a batch for the length of its values: enough for an estimate. */
  private measure(batch: Batch, rows: Int32Array, count: number): void {
    if (!this.format.keysAreColumn) this.copiedBytes += this.keys.ends[0] - this.keys.starts[0];
    const row = rows[count >> 1];
    for (const c of this.variable) {
      const column = batch.columns[c];
      if (column.layout === 'bytes') this.copiedBytes += Math.max(0, column.ends[row] - column.starts[row]);
    }
    this.copiedRows += 1;
  }

  private rowBytes(): number {
    return this.fixedBytes + (this.copiedRows === 0 ? 0 : this.copiedBytes / this.copiedRows);
  }

  /**
   * The net changes as chunks of the committed log, at most about 1 MiB each, and an empty buffer. The first change is number `firstIndex` of the epoch.
   */
  take(epoch: number, firstIndex = 0): Uint8Array[] {
    const tableFrom = firstIndex + this.direct.rows;
    const chunks = this.direct.take(epoch, firstIndex);
    const rows = Math.max(1, Math.min(MAX_CHUNK_ROWS, Math.floor(MAX_CHUNK_BYTES / this.rowBytes())));
    const block = new Int32Array(Math.min(this.table.size, ORDERED_ROWS));
    let index = tableFrom;
    for (let next = 0; next !== -1 && index - tableFrom < this.table.size;) {
      next = this.table.scan(next, block);
      const { ordered } = orderByKeyGroup(this.table, block.subarray(0, this.table.found()));
      for (let from = 0; from < ordered.length; from += rows) {
        chunks.push(this.encode(epoch, index + from, ordered.subarray(from, from + rows)));
      }
      index += ordered.length;
    }
    this.table.clear();
    this.copiedBytes = 0;
    this.copiedRows = 0;
    this.run = undefined;
    this.mixed = false;
    return chunks;
  }

  private encode(epoch: number, firstIndex: number, slots: Int32Array): Uint8Array {
    const { table } = this;
    const count = slots.length;
    const groupOf = (slot: number): number => keyGroupOf(table.hashOf(slot));
    const ops = table.gather(OP_COLUMN, slots, count);
    assert(ops.layout === 'i8', 'operations are bytes');
    return this.format.encode({
      kind: 'log',
      keyGroup: undefined,
      keyGroups: { lowest: groupOf(slots[0]), highest: groupOf(slots[count - 1]) },
      epoch,
      firstIndex,
      count,
      ops: ops.values,
      keys: table.keys(slots, count),
      rowEpochs: undefined,
      columns: this.schema.map((_field, c) => table.gather(c + 1, slots, count)),
    });
  }
}

/** The time of a column that has one for all rows. */
function constantTime(column: Column): number | undefined {
  if (column.layout !== 'const' || column.value.layout !== 'ts' || column.value.nulls !== undefined) return undefined;
  return column.nulls === undefined && column.value.nanos === undefined ? column.value.values[0] : undefined;
}

/** Bytes of a value in a chunk without its variable part. */
function fixedWidth(type: SqlType): number {
  const layout = layoutOf(type);
  switch (layout) {
    case 'i8':
      return 1;
    case 'i16':
      return 2;
    case 'i32':
    case 'f32':
    case 'bytes':
      return 4;
    case 'i64':
    case 'f64':
      return 8;
    case 'ts':
      return 12;
    case 'dec128':
      return 16;
    case 'list':
    case 'map':
    case 'row':
      return 64;
  }
}
