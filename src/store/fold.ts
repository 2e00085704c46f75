import type { BasePart, ChunkFolder } from '../checkpoint/table-fold.ts';
import { keyGroupOf } from '../data/hash.ts';
import { Scratch } from '../data/scratch.ts';
import { SlabPool } from '../data/slab-pool.ts';
import type { Schema } from '../data/types.ts';
import { keysOfColumn } from '../state/key-log.ts';
import { type Chunk, ChunkFormat, keyGroupsOf } from './chunk.ts';
import { slotsByKeyGroup } from '../state/key-group-order.ts';
import { APPLY_ROWS, RowTable } from './row-table.ts';

/**
 * Folds the committed log of a table into its base, some key groups at a time: the same input gives the same rows. Keeps
 * its buffers and generated loops from step to step, so a table wants one of its own.
 */
export function tableFolder(schema: Schema, primaryKey: readonly number[]): ChunkFolder {
  const memory = new SlabPool();
  const format = new ChunkFormat(schema, primaryKey, memory.allocate);
  const rows = new RowTable(schema, primaryKey);
  let folds = 0;
  const scratch = new Scratch();
  const decode = (bytes: Uint8Array): Chunk => {
    scratch.reset();
    return format.decode(bytes, scratch.make);
  };
  return {
    mayHold: (head, from, to) => {
      const groups = keyGroupsOf(head);
      return groups.lowest < to && groups.highest >= from;
    },
    fold: (bases, chunks, from, to) => {
      rows.clear();
      memory.release(folds);
      for (const bytes of bases) applyAll(rows, decode(bytes));
      for (const bytes of chunks) applyGroups(rows, decode(bytes), from, to);
      const parts = baseParts(rows, format);
      memory.seal(++folds);
      return parts;
    },
  };
}

/** The rows as they are after the last chunk. */
export function foldedRows(
  schema: Schema,
  format: ChunkFormat,
  bases: readonly Uint8Array[],
  chunks: readonly Uint8Array[],
): RowTable {
  const rows = new RowTable(schema, format.primaryKey);
  for (const bytes of bases) applyAll(rows, format.decode(bytes));
  for (const bytes of chunks) applyAll(rows, format.decode(bytes));
  return rows;
}

/** The rows of a table as base blobs, one per key group that has rows. */
export function encodeBases(rows: RowTable, format: ChunkFormat): Uint8Array[] {
  return baseParts(rows, format).map((part) => part.bytes);
}

function baseParts(rows: RowTable, format: ChunkFormat): BasePart[] {
  const parts: BasePart[] = [];
  slotsByKeyGroup(rows.table, rows.slots()).forEach((slots, keyGroup) => {
    if (slots.length === 0) return;
    parts.push({ keyGroup, bytes: format.encode(rows.gatherBase(slots, slots.length, keyGroup)) });
  });
  return parts;
}

/** Applies the rows of key groups from .. to - 1: runs of them, since a chunk has its rows in the order of key groups. */
function applyGroups(rows: RowTable, chunk: Chunk, from: number, to: number): void {
  for (let start = 0; start < chunk.count; start += APPLY_ROWS) {
    const end = Math.min(chunk.count, start + APPLY_ROWS);
    const { hashes } = keysOfColumn(chunk.keys, start, end);
    const inside = (row: number): boolean => {
      const group = keyGroupOf(hashes[row - start]);
      return group >= from && group < to;
    };
    for (let row = start; row < end;) {
      const first = row;
      while (row < end && inside(row)) row++;
      if (row > first) rows.apply(chunk, first, row);
      while (row < end && !inside(row)) row++;
    }
  }
}

function applyAll(rows: RowTable, chunk: Chunk): void {
  for (let from = 0; from < chunk.count; from += APPLY_ROWS) {
    rows.apply(chunk, from, Math.min(chunk.count, from + APPLY_ROWS));
  }
}
