import { ROW_KIND_NAMES } from '../data/batch.ts';
import { decodeColumns } from '../data/codec.ts';
import type { Column } from '../data/column.ts';
import { readValue } from '../data/read.ts';
import { type Schema, TINYINT } from '../data/types.ts';

/** A row of a SELECT or print sink. */
export interface CollectedRow {
  readonly op: (typeof ROW_KIND_NAMES)[number];
  /** Values as data/read.ts gives them. */
  readonly values: readonly unknown[];
}

/** Undoes the encoding of CollectTarget. */
export function decodeCollected(schema: Schema, bytes: Uint8Array): CollectedRow[] {
  const types = [TINYINT, ...schema.map((field) => field.type)];
  const { columns, count } = decodeColumns(types, bytes);
  const [kinds, ...values] = columns;
  return Array.from({ length: count }, (_, row) => ({
    op: ROW_KIND_NAMES[Number(readValue(TINYINT, kinds, row)) as 0 | 1 | 2 | 3],
    values: values.map((column: Column, i) => readValue(schema[i].type, column, row)),
  }));
}
