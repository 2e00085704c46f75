import { type Column, layoutOf } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import { readValue } from '../data/read.ts';
import { DOUBLE, notNull, type Schema, type SqlType } from '../data/types.ts';
import { KeyDecoder } from '../expressions/key-decoder.ts';
import { newKeyBatch } from '../expressions/key-encoder.ts';
import { readKeys } from '../state/key-log.ts';
import { SlotTable } from '../state/slot-table.ts';
import { type Chunk, DELETED } from './chunk.ts';
import { readSlot } from './read-slot.ts';
import { compileScatter, type Scatter } from './scatter.ts';

/** Rows per step of an apply; the scratch arrays are this long. */
export const APPLY_ROWS = 256;
const EPOCH_COLUMN = 0;

/** Where the values of a column are: in a column of the slot table, or in the key (its part of it). */
type Place = { readonly in: 'column'; readonly column: number } | { readonly in: 'key'; readonly part: number };

/**
 * The current rows of an output table by primary key bytes, outside V8's heap, each with the epoch of its last
 * change. What the key says exactly is kept only there. Behind the table image and behind folding.
 */
export class RowTable {
  readonly table: SlotTable;
  private readonly types: readonly SqlType[];
  private readonly places: readonly Place[];
  /** Of the columns that are kept beside the key. */
  private readonly scatters: readonly { readonly from: number; readonly to: number; readonly scatter: Scatter }[];
  private readonly decoder: KeyDecoder;
  private readonly rows = new Int32Array(APPLY_ROWS);
  private readonly found = new Int32Array(APPLY_ROWS);
  private readonly keys: KeyBatch = newKeyBatch(APPLY_ROWS);
  private readonly oneSlot = new Int32Array(1);

  constructor(schema: Schema, primaryKey: readonly number[]) {
    this.types = schema.map((field) => field.type);
    this.places = placesOf(this.types, primaryKey);
    const kept = this.types.filter((_type, i) => this.places[i].in === 'column');
    this.table = new SlotTable({ columns: [notNull(DOUBLE), ...kept] });
    this.scatters = this.places.flatMap((place, from) =>
      place.in === 'key' ? [] : [{ from, to: place.column, scatter: compileScatter(this.types[from]) }],
    );
    this.decoder = new KeyDecoder(primaryKey.map((column) => this.types[column]));
  }

  get size(): number {
    return this.table.size;
  }
  bytes(): number {
    return this.table.bytes();
  }

  /** Forgets all rows; the buffers stay for reuse. */
  clear(): void {
    this.table.clear();
  }

  /** Applies rows from .. to - 1 of a chunk, whose keys are distinct; at most APPLY_ROWS of them. */
  apply(chunk: Chunk, from: number, to: number): void {
    assert(to - from <= APPLY_ROWS, `${to - from} rows in a step of ${APPLY_ROWS}`);
    const { keys } = this;
    readKeys(chunk.keys, from, to, keys);
    if (this.deletes(chunk, from, to)) this.applyMixed(chunk, keys, from, to);
    else this.upsert(chunk, keys, this.numberRows(from, to), to - from);
  }

  private deletes({ ops }: Chunk, from: number, to: number): boolean {
    for (let row = from; row < to; row++) if (ops[row] === DELETED) return true;
    return false;
  }

  private numberRows(from: number, to: number): Int32Array {
    for (let row = from; row < to; row++) this.rows[row - from] = row;
    return this.rows;
  }

  private applyMixed(chunk: Chunk, keys: KeyBatch, from: number, to: number): void {
    const { rows, found } = this;
    this.table.find(keys, to - from, found);
    let count = 0;
    for (let i = 0; i < to - from; i++) {
      if (chunk.ops[from + i] === DELETED) {
        if (found[i] >= 0) this.table.free(found[i]);
        continue;
      }
      // The kept keys move up: what is overwritten was read before.
      keys.starts[count] = keys.starts[i];
      keys.ends[count] = keys.ends[i];
      keys.hashes[count] = keys.hashes[i];
      rows[count++] = from + i;
    }
    this.upsert(chunk, keys, rows, count);
  }

  private upsert(chunk: Chunk, keys: KeyBatch, rows: Int32Array, count: number): void {
    const { table, found: slots } = this;
    table.resolve(keys, count, slots);
    const epochs = table.columns[EPOCH_COLUMN];
    assert(epochs.layout === 'f64', 'epochs are doubles');
    const { rowEpochs, epoch } = chunk;
    for (let i = 0; i < count; i++) {
      epochs.values[slots[i]] = rowEpochs === undefined ? epoch : rowEpochs[rows[i]];
    }
    for (const { from, to, scatter } of this.scatters) {
      scatter(chunk.columns[from], table.columns[to], rows, slots, count);
    }
  }

  /** The slot of the first of `keys`, or -1. */
  find(keys: KeyBatch): number {
    this.table.find(keys, 1, this.oneSlot);
    return this.oneSlot[0];
  }

  epochOf(slot: number): number {
    const epochs = this.table.columns[EPOCH_COLUMN];
    assert(epochs.layout === 'f64', 'epochs are doubles');
    return epochs.values[slot];
  }

  /** The slots of all rows. */
  *liveSlots(): Generator<number> {
    const slots = new Int32Array(APPLY_ROWS);
    for (let from = 0; from !== -1;) {
      from = this.table.scan(from, slots);
      yield* slots.subarray(0, this.table.found());
    }
  }

  /** A plain value (data/read.ts). */
  value(column: number, slot: number): unknown {
    const place = this.places[column];
    if (place.in === 'column') return readSlot(this.types[column], this.table, place.column, slot);
    this.oneSlot[0] = slot;
    return readValue(this.types[column], this.keyColumns(this.oneSlot, 1)[place.part], 0);
  }

  /** The columns of the primary key; views of the table's keys. */
  private keyColumns(slots: Int32Array, count: number): Column[] {
    return this.decoder.decode(this.table.keys(slots, count), count);
  }

  /** The slots of all rows. */
  slots(): Int32Array {
    const slots = new Int32Array(this.table.slotCount);
    this.table.scan(0, slots);
    return slots.subarray(0, this.table.found());
  }

  /** A copy of some rows as a base blob's content. */
  gatherBase(slots: Int32Array, count: number, keyGroup: number): Chunk {
    const { table } = this;
    const keyColumns = this.keyColumns(slots, count);
    const epochs = table.gather(EPOCH_COLUMN, slots, count);
    assert(epochs.layout === 'f64', 'epochs are doubles');
    return {
      kind: 'base',
      keyGroup,
      keyGroups: { lowest: keyGroup, highest: keyGroup },
      epoch: epochs.values.reduce((highest, epoch) => Math.max(highest, epoch), 0),
      firstIndex: 0,
      count,
      ops: new Int8Array(count),
      keys: table.keys(slots, count),
      rowEpochs: epochs.values,
      columns: this.places.map((place) =>
        place.in === 'key' ? keyColumns[place.part] : table.gather(place.column, slots, count),
      ),
    };
  }
}

function placesOf(types: readonly SqlType[], primaryKey: readonly number[]): Place[] {
  let next = EPOCH_COLUMN + 1;
  return types.map((type, i) => {
    const part = primaryKey.indexOf(i);
    return part >= 0 && isExactInKey(type) ? { in: 'key', part } : { in: 'column', column: next++ };
  });
}

/** Whether key bytes give the very value back: those of floating point do not tell 0 from -0, nor one NaN from another. */
function isExactInKey(type: SqlType): boolean {
  switch (layoutOf(type)) {
    case 'f32':
    case 'f64':
    case 'list':
    case 'map':
    case 'row':
      return false;
    default:
      return true;
  }
}
