import { rowNumbers } from '../data/row-numbers.ts';
import { type Batch, MIN_WATERMARK, withSelection } from '../data/batch.ts';
import { type Column, isNull, type Nulls, type TsColumn } from '../data/column.ts';
import { assert, runtimeError } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import { type Calc, compileCalc, type ExpressionContext } from '../expressions/index.ts';
import type { WatermarkNode } from '../planner/physical.ts';
import { flatTime } from './window-partition.ts';
import { type ClockedPane, clockedPanes, nextCrossing } from './window-time.ts';

/** Where a generator sends what it cut: rows, then the watermark that they made, and so on. */
export interface SegmentTarget {
  rows(batch: Batch): void;
  /** The split's own watermark rose to `time`; the source merges it with those of its other splits. */
  watermark(splitId: string, time: number): void;
}

interface SplitState {
  watermark: number;
  /** The lowest watermark at which a window closes. */
  boundary: number;
}

/**
 * On-event watermarks of one source task, split by split: a row sees the watermark made by the rows before it in its
 * split, whatever the batch size. A batch is cut after each row that raises the watermark across a pane boundary (and,
 * for sessions, before each row that is behind the watermark);
 * where nothing is crossed it goes through whole and the watermark is told at its end. The only state is one number a
 * split, which the source keeps with the split's position.
 */
export class WatermarkGenerator {
  private readonly node: WatermarkNode;
  private readonly panes: readonly ClockedPane[];
  private readonly expression: Calc;
  private readonly splits = new Map<string, SplitState>();
  private readonly scan = new WatermarkScan();

  constructor(node: WatermarkNode, context: ExpressionContext) {
    this.node = node;
    this.panes = clockedPanes(node.panes, context.zone);
    this.expression = compileCalc(undefined, [node.expr], context);
  }

  /** The split's watermark, epoch milliseconds; MIN_WATERMARK before its first. */
  get(splitId: string): number {
    return this.splits.get(splitId)?.watermark ?? MIN_WATERMARK;
  }

  /** Sets a split's watermark, after a restore. */
  set(splitId: string, watermark: number): void {
    this.splits.set(splitId, { watermark, boundary: nextCrossing(watermark, this.panes) });
  }

  /** Forgets a split that went to another task. */
  remove(splitId: string): void {
    this.splits.delete(splitId);
  }

  /** Passes the rows of a batch of one split on. `describeRow` says where row i comes from. */
  process(splitId: string, batch: Batch, target: SegmentTarget, describeRow: (row: number) => string): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    checkRowtime(batch, this.node.column, describeRow);
    const times = this.watermarkColumn(batch);
    const state = this.stateOf(splitId);
    const before = state.watermark;
    const behind = this.node.sessions === true ? flatTime(batch.columns[this.node.column], batch.length) : undefined;
    const { scan } = this;
    scan.max = before;
    let from = 0;
    let told = before;
    while (from < count) {
      const cut = behind
        ? scan.runBehind(behind.values, times, batch.selection, from, count, state.boundary)
        : scan.run(times.values, times.nulls, batch.selection, from, count, state.boundary);
      state.watermark = scan.max;
      target.rows(slice(batch, from, cut));
      from = cut;
      if (scan.max >= state.boundary) state.boundary = nextCrossing(scan.max, this.panes);
      else if (cut === count) continue;
      target.watermark(splitId, scan.max);
      told = scan.max;
    }
    if (state.watermark > told) target.watermark(splitId, state.watermark);
  }

  private stateOf(splitId: string): SplitState {
    let state = this.splits.get(splitId);
    if (state === undefined) {
      state = { watermark: MIN_WATERMARK, boundary: nextCrossing(MIN_WATERMARK, this.panes) };
      this.splits.set(splitId, state);
    }
    return state;
  }

  /** The watermark expression of each row, by row number of the batch. */
  private watermarkColumn(batch: Batch): TsColumn {
    const { expr } = this.node;
    let column: Column | undefined;
    if (expr.kind === 'input') column = batch.columns[expr.index];
    else column = this.expression.run(batch)?.columns[0];
    assert(column !== undefined, 'a projection without filter keeps every row');
    if (column.layout !== 'ts') column = gatherColumn(column, rowNumbers(batch.length), batch.length);
    assert(column.layout === 'ts', `a watermark expression of layout ${column.layout}`);
    return column;
  }
}

/** The hot loop of a generator; an object of its own so that the maximum needs no allocation. */
class WatermarkScan {
  max = MIN_WATERMARK;

  /**
   * Raises `max` over positions [from, to). Stops after the first row that lifts it to the boundary; returns the
   * position after the last row seen.
   */
  run(
    values: Float64Array,
    nulls: Nulls,
    selection: Int32Array | undefined,
    from: number,
    to: number,
    boundary: number,
  ): number {
    let max = this.max;
    let i = from;
    if (selection === undefined && nulls === undefined) {
      for (; i < to; i++) {
        const value = values[i];
        if (value <= max) continue;
        max = value;
        if (value >= boundary) {
          i += 1;
          break;
        }
      }
    } else {
      for (; i < to; i++) {
        const row = selection === undefined ? i : selection[i];
        const value = values[row];
        if (value <= max || isNull(nulls, row)) continue;
        max = value;
        if (value >= boundary) {
          i += 1;
          break;
        }
      }
    }
    this.max = max;
    return i;
  }

  /**
   * As `run`; stops also before a row whose time is not after the watermark made by the rows before it, up to which
   * sessions may have closed that it would touch.
   */
  runBehind(
    rowTimes: Float64Array,
    { values, nulls }: TsColumn,
    selection: Int32Array | undefined,
    from: number,
    to: number,
    boundary: number,
  ): number {
    const told = this.max;
    let max = told;
    let i = from;
    for (; i < to; i++) {
      const row = selection === undefined ? i : selection[i];
      if (max > told && rowTimes[row] <= max + 1) break;
      const value = values[row];
      if (value <= max || isNull(nulls, row)) continue;
      max = value;
      if (value >= boundary) {
        i += 1;
        break;
      }
    }
    this.max = max;
    return i;
  }
}

function checkRowtime(batch: Batch, index: number, describeRow: (row: number) => string): void {
  const column = batch.columns[index];
  const dictNulls = column.layout === 'dict' || column.layout === 'const';
  const flat = dictNulls ? gatherColumn(column, rowNumbers(batch.length), batch.length) : column;
  if (flat.nulls === undefined) return;
  for (let i = 0; i < batch.selectedCount; i++) {
    const row = batch.selection === undefined ? i : batch.selection[i];
    if (isNull(flat.nulls, row)) {
      throw runtimeError(
        'null-rowtime',
        `RowTime field should not be null, please convert it to a non-null long value. Row: ${describeRow(row)}`,
      );
    }
  }
}

/** Positions [from, to) of a batch, without copying. */
function slice(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.selectedCount) return batch;
  const rows = batch.selection ?? rowNumbers(to);
  return withSelection(batch, rows.subarray(from, to), to - from);
}
