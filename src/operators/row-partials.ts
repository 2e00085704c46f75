import { type Batch, makeBatch, withSelection } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { rowNumbers, selectedRows } from '../data/row-numbers.ts';
import type { ColumnKernel } from '../state/column-kernel.ts';
import {
  clearSlotColumn,
  createSlotColumn,
  growSlotColumn,
  type OwnedColumn,
  slotColumnMemory,
} from '../state/slot-column.ts';
import { packNulls } from '../state/slot-view.ts';
import type { AggregateSet } from './aggregate-set.ts';

/** The accumulators of each row of a batch by itself: partials (see partialSchema) without a table of keys. */
export class RowPartials {
  private readonly aggregates: AggregateSet;
  private readonly keys: readonly number[];
  /** Those of row r in slot r. */
  private readonly columns: readonly OwnedColumn[];
  private readonly kernels: readonly ColumnKernel[];
  private capacity = 1024;

  /** `keys` are the columns of the groups, `kernels` those of the columns of state. */
  constructor(aggregates: AggregateSet, keys: readonly number[], kernels: readonly ColumnKernel[]) {
    this.aggregates = aggregates;
    this.keys = keys;
    this.columns = aggregates.stateTypes.map((type) => createSlotColumn(type, this.capacity));
    this.kernels = kernels;
  }

  /** Partials of the selected rows, with the ends of their windows; valid until `clear`. */
  of(batch: Batch, ends: Column): Batch {
    this.reserve(batch.length);
    this.aggregates.add(batch, selectedRows(batch), this.columns);
    const state = this.columns.map((column, i) => this.asColumn(column, i, batch.length));
    const columns = [...this.keys.map((key) => batch.columns[key]), ends, ...state];
    const partials = makeBatch(columns, batch.length);
    return batch.selection === undefined ? partials : withSelection(partials, batch.selection, batch.selectedCount);
  }

  /** Forgets those of the batch that was given last. */
  clear(batch: Batch): void {
    for (const column of this.columns) clearSlotColumn(column, batch.length);
  }

  bytes(): number {
    return this.columns.reduce((sum, column) => sum + slotColumnMemory(column), 0);
  }

  private asColumn(column: OwnedColumn, index: number, count: number): Column {
    if (column.layout === 'bytes') return this.kernels[index].gather(column, rowNumbers(count), count);
    return { ...column, nulls: packNulls(column.nulls, count) };
  }

  private reserve(rows: number): void {
    if (rows <= this.capacity) return;
    this.capacity = rows * 2;
    for (const column of this.columns) growSlotColumn(column, this.capacity);
  }
}
