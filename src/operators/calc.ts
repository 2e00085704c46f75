import { type Batch, MIN_WATERMARK } from '../data/batch.ts';
import { type Calc, compileCalc } from '../expressions/index.ts';
import type { CalcNode } from '../planner/physical.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** Filter, then project. Each row of an update is judged by itself and keeps its kind. */
export class CalcOperator implements Operator {
  private readonly calc: Calc;
  private readonly output: Output;
  private time = MIN_WATERMARK;

  constructor(node: CalcNode, context: OperatorContext) {
    const { zone, now } = context;
    this.calc = compileCalc(node.filter, node.projections, { zone, now, watermark: () => this.time });
    this.output = context.output;
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    const result = this.calc.run(batch);
    if (result !== undefined && result.selectedCount > 0) this.output.emit(result);
  }

  watermark(time: number): void {
    this.time = time;
    this.output.watermark(time);
  }
}
