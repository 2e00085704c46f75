import type { Batch } from '../data/batch.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** UNION ALL: rows of all inputs, as they come; the watermark is merged before it gets here. */
export class UnionOperator implements Operator {
  private readonly output: Output;

  constructor(context: OperatorContext) {
    this.output = context.output;
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount > 0) this.output.emit(batch);
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }
}
