import { type Batch, INSERT } from '../data/batch.ts';
import type { ChangelogMode } from '../planner/connector.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** UNION ALL: rows of all inputs, as they come; the watermark is merged before it gets here. */
export class UnionOperator implements Operator {
  private readonly output: Output;
  private readonly appends: boolean;

  constructor(mode: ChangelogMode, context: OperatorContext) {
    this.output = context.output;
    this.appends = mode === 'append';
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount > 0) this.output.emit(this.appends ? batch : withKinds(batch));
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }
}

/** Rows of an input that only adds, among those of one that changes. */
function withKinds(batch: Batch): Batch {
  return batch.kinds === undefined ? { ...batch, kinds: new Uint8Array(batch.length).fill(INSERT) } : batch;
}
