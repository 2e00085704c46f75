import type { Batch } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import { type Calc, compileCalc } from '../expressions/index.ts';
import type { CalcNode } from '../planner/physical.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';

/** Filter, then project. Each row of an update is judged by itself and keeps its kind. */
export class CalcOperator implements Operator {
  private readonly calc: Calc;
  private readonly output: Output;

  constructor(node: CalcNode, inputSchema: Schema, context: OperatorContext) {
    this.calc = compileCalc(node.filter, node.projections, inputSchema);
    this.output = context.output;
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    const result = this.calc.run(batch);
    if (result !== undefined && result.selectedCount > 0) this.output.emit(result);
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }
}
