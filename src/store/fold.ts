import { KEY_GROUPS, keyGroupOf } from '../data/hash.ts';
import type { Schema } from '../data/types.ts';
import { type Chunk, ChunkFormat } from './chunk.ts';
import { APPLY_ROWS, RowTable } from './row-table.ts';

/**
 * Folds a table's committed log into its base: the rows as they are after the last chunk, one base blob per key
 * group that has rows, in ascending order. Pure: the same input gives the same rows. Chunks come in the order of
 * their epochs.
 */
export function foldChunks(
  schema: Schema,
  primaryKey: readonly number[],
  bases: readonly Uint8Array[],
  chunks: readonly Uint8Array[],
): Uint8Array[] {
  const format = new ChunkFormat(schema, primaryKey);
  return encodeBases(foldedRows(schema, format, bases, chunks), format);
}

/** The rows as they are after the last chunk. */
export function foldedRows(
  schema: Schema,
  format: ChunkFormat,
  bases: readonly Uint8Array[],
  chunks: readonly Uint8Array[],
): RowTable {
  const rows = new RowTable(schema);
  for (const bytes of bases) applyAll(rows, format.decode(bytes));
  for (const bytes of chunks) applyAll(rows, format.decode(bytes));
  return rows;
}

/** The rows of a table as base blobs, one per key group that has rows. */
export function encodeBases(rows: RowTable, format: ChunkFormat): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  slotsByKeyGroup(rows).forEach((slots, keyGroup) => {
    if (slots.length > 0) blobs.push(format.encode(rows.gatherBase(slots, slots.length, keyGroup)));
  });
  return blobs;
}

function applyAll(rows: RowTable, chunk: Chunk): void {
  for (let from = 0; from < chunk.count; from += APPLY_ROWS) {
    rows.apply(chunk, from, Math.min(chunk.count, from + APPLY_ROWS));
  }
}

function slotsByKeyGroup(rows: RowTable): Int32Array[] {
  const { table } = rows;
  const live = rows.slots();
  const counts = new Int32Array(KEY_GROUPS);
  for (const slot of live) counts[keyGroupOf(table.hashOf(slot))]++;
  const groups = Array.from(counts, (count) => new Int32Array(count));
  const filled = new Int32Array(KEY_GROUPS);
  for (const slot of live) {
    const group = keyGroupOf(table.hashOf(slot));
    groups[group][filled[group]++] = slot;
  }
  return groups;
}
