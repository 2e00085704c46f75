import { type Batch, DELETE, UPDATE_BEFORE } from '../data/batch.ts';
import { type Column, isNull } from '../data/column.ts';
import { assert } from '../data/errors.ts';

/** Whether a row of a column of any layout is NULL. */
export function isNullAt(column: Column, row: number): boolean {
  if (column.layout === 'const') return isNull(column.value.nulls, 0);
  if (isNull(column.nulls, row)) return true;
  return column.layout === 'dict' && isNullAt(column.values, column.indices[row]);
}

/** Whether a row of a BOOLEAN column is TRUE (neither FALSE nor NULL). */
export function isTrueAt(column: Column, row: number): boolean {
  if (column.layout === 'const') return isTrueAt(column.value, 0);
  if (isNull(column.nulls, row)) return false;
  if (column.layout === 'dict') return isTrueAt(column.values, column.indices[row]);
  assert(column.layout === 'i8', `a BOOLEAN column of layout ${column.layout}`);
  return column.values[row] !== 0;
}

/** Row number of a position of the batch. */
export function rowAt(batch: Batch, position: number): number {
  return batch.selection === undefined ? position : batch.selection[position];
}

/** Whether the row at a position takes a former one back. */
export function isRetraction(batch: Batch, position: number): boolean {
  if (batch.kinds === undefined) return false;
  const kind = batch.kinds[rowAt(batch, position)];
  return kind === UPDATE_BEFORE || kind === DELETE;
}
