import { rowNumbers } from '../data/row-numbers.ts';
import type { Batch } from '../data/batch.ts';
import { type Column, isNull } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import { ensureI32 } from './rows.ts';
import { type Pane, windowEnd } from './window-time.ts';

/** The end that stands for a row without a time. */
export const NO_WINDOW = -Infinity;

/**
 * The rows of a batch by window. `ends` are the windows of the batch in order of their first row; window w has the
 * positions `positions[offsets[w] .. offsets[w + 1] - 1]`, ascending. With one window `positions` is not filled: it is
 * the whole batch.
 */
export class WindowPartition {
  readonly ends: number[] = [];
  offsets: Int32Array = new Int32Array(16);
  positions: Int32Array = new Int32Array(0);
  /** The end of the window of each position, NO_WINDOW for rows without a time; filled unless all rows have one window. */
  endsByPosition: Float64Array = new Float64Array(0);
  private groups: Int32Array = new Int32Array(0);

  /** Assigns rows to tumbling windows by their time. */
  byTime(batch: Batch, time: Column, pane: Pane): void {
    const count = batch.selectedCount;
    const column = flatTime(time, batch.length);
    const { selection } = batch;
    if (column.nulls === undefined) {
      const single = singleWindow(column.values, selection, count, pane);
      if (single !== undefined) {
        this.single(single, count);
        return;
      }
    }
    const ends = this.ensureEnds(count);
    for (let i = 0; i < count; i++) {
      const row = selection === undefined ? i : selection[i];
      ends[i] = isNull(column.nulls, row) ? NO_WINDOW : windowEnd(column.values[row], pane);
    }
    this.group(ends, count);
  }

  /** Groups rows whose window ends are known. */
  byEnd(batch: Batch, end: Column): void {
    const count = batch.selectedCount;
    if (end.layout === 'const') {
      this.single(flatTime(end, 1).values[0], count);
      return;
    }
    const { values } = flatTime(end, batch.length);
    const ends = this.ensureEnds(count);
    for (let i = 0; i < count; i++) ends[i] = values[batch.selection === undefined ? i : batch.selection[i]];
    this.group(ends, count);
  }

  private ensureEnds(count: number): Float64Array {
    if (this.endsByPosition.length < count) this.endsByPosition = new Float64Array(count * 2);
    return this.endsByPosition;
  }

  private single(end: number, count: number): void {
    this.ends.length = 0;
    this.ends.push(end);
    this.offsets[0] = 0;
    this.offsets[1] = count;
  }

  private group(rowEnds: Float64Array, count: number): void {
    this.groups = ensureI32(this.groups, count);
    const { ends, groups } = this;
    ends.length = 0;
    let last = 0;
    for (let i = 0; i < count; i++) {
      const end = rowEnds[i];
      if (ends[last] !== end) {
        last = ends.indexOf(end);
        if (last < 0) last = ends.push(end) - 1;
      }
      groups[i] = last;
    }
    if (ends.length === 1) {
      this.single(ends[0], count);
      return;
    }
    this.sortByGroup(count);
  }

  /** Counting sort of positions by group. */
  private sortByGroup(count: number): void {
    const windows = this.ends.length;
    this.offsets = ensureI32(this.offsets, windows + 1);
    this.positions = ensureI32(this.positions, count);
    const { offsets, positions, groups } = this;
    offsets.fill(0, 0, windows + 1);
    for (let i = 0; i < count; i++) offsets[groups[i]] += 1;
    let sum = 0;
    for (let w = 0; w < windows; w++) {
      const size = offsets[w];
      offsets[w] = sum;
      sum += size;
    }
    for (let i = 0; i < count; i++) positions[offsets[groups[i]]++] = i;
    for (let w = windows; w > 0; w--) offsets[w] = offsets[w - 1];
    offsets[0] = 0;
  }
}

/** The end of the one window that holds all rows, or undefined. */
function singleWindow(
  values: Float64Array,
  selection: Int32Array | undefined,
  count: number,
  pane: Pane,
): number | undefined {
  let low = Infinity;
  let high = -Infinity;
  if (selection === undefined) {
    for (let i = 0; i < count; i++) {
      const value = values[i];
      if (value < low) low = value;
      if (value > high) high = value;
    }
  } else {
    for (let i = 0; i < count; i++) {
      const value = values[selection[i]];
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const end = windowEnd(low, pane);
  return high < end ? end : undefined;
}

/** A time column as plain timestamps. */
export function flatTime(column: Column, length: number): Column & { readonly layout: 'ts' } {
  const flat = column.layout === 'ts' ? column : gatherColumn(column, rowNumbers(length), length);
  assert(flat.layout === 'ts', `a time column of layout ${flat.layout}`);
  return flat;
}
