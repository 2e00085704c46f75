import { rowNumbers } from '../data/row-numbers.ts';
import { type Batch, MIN_WATERMARK, withSelection } from '../data/batch.ts';
import { isNull, layoutOf, type TsColumn } from '../data/column.ts';
import { assert, runtimeError } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import { type Calc, compileCalc, type ExpressionContext } from '../expressions/index.ts';
import type { Expr } from '../expressions/typed.ts';
import type { WatermarkNode } from '../planner/physical.ts';
import { WatermarkScan } from './watermark-scan.ts';
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
  /** The expression is a column less a constant: then nothing is computed row by row. */
  private readonly delayed: DelayedColumn | undefined;
  private readonly splits = new Map<string, SplitState>();
  private readonly scan: WatermarkScan;

  constructor(node: WatermarkNode, context: ExpressionContext) {
    this.node = node;
    this.panes = clockedPanes(node.panes, context.zone);
    this.expression = compileCalc(undefined, [node.expr], context);
    this.delayed = delayedColumn(node.expr);
    this.scan = new WatermarkScan(this.delayed?.delay ?? 0);
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
      const cut = scan.run(times, behind?.values, batch.selection, from, count, state.boundary);
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

  /** The watermark expression of each row plus the scan's delay, by row number of the batch. */
  private watermarkColumn(batch: Batch): TsColumn {
    const column =
      this.delayed === undefined ? this.expression.run(batch)?.columns[0] : batch.columns[this.delayed.column];
    assert(column !== undefined, 'a projection without filter keeps every row');
    return flatTime(column, batch.length);
  }
}

interface DelayedColumn {
  readonly column: number;
  /** Milliseconds, not below 0: MIN_WATERMARK less some is no exact number. */
  readonly delay: number;
}

/** The usual watermark expressions: a time column, and one less a constant interval. */
function delayedColumn(expr: Expr): DelayedColumn | undefined {
  if (expr.kind === 'input') return { column: expr.index, delay: 0 };
  if (expr.kind !== 'call' || expr.fn !== '-') return undefined;
  const [column, interval] = expr.args;
  if (column.kind !== 'input' || interval.kind !== 'literal') return undefined;
  if (layoutOf(column.type) !== 'ts' || interval.type.kind !== 'INTERVAL_DAY_TIME') return undefined;
  const delay = interval.value === null ? NaN : Number(interval.value);
  return delay >= 0 ? { column: column.index, delay } : undefined;
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
