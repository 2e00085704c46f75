import { type Batch, makeBatch, withSelection } from '../data/batch.ts';
import { DOUBLE, notNull } from '../data/types.ts';
import { selectedRows } from '../data/row-numbers.ts';
import type { LimitNode } from '../planner/physical.ts';
import type { OperatorContext, Operator, Output } from './operator.ts';
import { OneCell } from './one-cell.ts';

/** The first rows in order of arrival. State: how many rows came. */
export class Limit implements Operator {
  private readonly node: LimitNode;
  private readonly output: Output;
  private readonly seen: OneCell;

  constructor(node: LimitNode, context: OperatorContext) {
    this.node = node;
    this.output = context.output;
    this.seen = new OneCell(context.state, 'seen', notNull(DOUBLE));
  }

  process(_input: number, batch: Batch): void {
    const { offset, count } = this.node;
    const came = this.seen.get();
    const end = offset + count;
    if (batch.selectedCount === 0 || came >= end) return;
    const from = Math.max(0, offset - came);
    const to = Math.min(batch.selectedCount, end - came);
    this.seen.set(came + to);
    if (from >= to) return;
    if (from === 0 && to === batch.selectedCount) return this.output.emit(batch);
    const rows = selectedRows(batch).slice(from, to);
    this.output.emit(withSelection(makeBatch(batch.columns, batch.length, batch.kinds), rows, to - from));
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }
}
