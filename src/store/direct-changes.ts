import { selectedRows } from '../data/row-numbers.ts';
import type { Batch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { gatherColumn } from '../data/gather.ts';
import { type KeyBatch, keyGroupOf } from '../data/hash.ts';
import { type Chunk, type ChunkFormat, type KeyGroups, MAX_CHUNK_BYTES, UPSERT } from './chunk.ts';

/**
 * Upserts that are known to be the only change of their key in the epoch: encoded as they come, a batch a chunk, and
 * given their place in the log at the end of the epoch. No key is looked up for them.
 */
export class DirectChanges {
  private readonly format: ChunkFormat;
  private chunks: Uint8Array[] = [];
  private counts: number[] = [];
  rows = 0;
  bytes = 0;

  constructor(format: ChunkFormat) {
    this.format = format;
  }

  add(batch: Batch, keys: KeyBatch): void {
    const { selectedCount: count } = batch;
    const rows = selectedRows(batch);
    const dense = (column: Column): Column =>
      batch.selection === undefined ? column : gatherColumn(column, rows, count);
    this.encode(batch.columns.map(dense), keys, 0, count);
  }

  /** Rows from .. to - 1 as a chunk, or as several when they are large. */
  private encode(columns: readonly Column[], keys: KeyBatch, from: number, to: number): void {
    const count = to - from;
    const part = (column: Column): Column => (from === 0 ? column : gatherColumn(column, numbers(from, to), count));
    const bytes = this.format.draft({
      kind: 'log',
      keyGroup: undefined,
      keyGroups: keyGroupsOf(keys.hashes, from, to),
      count,
      ops: new Int8Array(count).fill(UPSERT),
      keys: {
        layout: 'bytes',
        bytes: keys.bytes,
        view: keys.view,
        starts: keys.starts.subarray(from, to),
        ends: keys.ends.subarray(from, to),
        nulls: undefined,
      },
      rowEpochs: undefined,
      columns: columns.map(part),
    });
    if (bytes.length > MAX_CHUNK_BYTES && count > 1) {
      const middle = (from + to) >> 1;
      this.encode(columns, keys, from, middle);
      this.encode(columns, keys, middle, to);
      return;
    }
    this.chunks.push(bytes);
    this.counts.push(count);
    this.rows += count;
    this.bytes += bytes.length;
  }

  /** The chunks with their places in the log, from change `firstIndex` of the epoch on, and none left. */
  take(epoch: number, firstIndex: number): Uint8Array[] {
    const { chunks, counts } = this;
    let index = firstIndex;
    chunks.forEach((bytes, i) => {
      this.format.stamp(bytes, epoch, index);
      index += counts[i];
    });
    this.clear();
    return chunks;
  }

  /** The rows again, because something may change them after all; none are left. */
  takeBack(): Chunk[] {
    const chunks = this.chunks.map((bytes) => this.format.decode(this.format.stamp(bytes, 0, 0)));
    this.clear();
    return chunks;
  }

  private clear(): void {
    this.chunks = [];
    this.counts = [];
    this.rows = 0;
    this.bytes = 0;
  }
}

function keyGroupsOf(hashes: Int32Array, from: number, to: number): KeyGroups {
  let lowest = keyGroupOf(hashes[from]);
  let highest = lowest;
  for (let i = from + 1; i < to; i++) {
    const group = keyGroupOf(hashes[i]);
    if (group < lowest) lowest = group;
    else if (group > highest) highest = group;
  }
  return { lowest, highest };
}

function numbers(from: number, to: number): Int32Array {
  const rows = new Int32Array(to - from);
  for (let i = 0; i < rows.length; i++) rows[i] = from + i;
  return rows;
}
