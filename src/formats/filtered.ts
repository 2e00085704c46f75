import { type Batch, withSelection } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import { type Calc, compileCalc, NO_CONTEXT } from '../expressions/index.ts';
import type { Expr } from '../expressions/typed.ts';
import type { RecordDecoder, RecordFrames } from './contracts.ts';

const NO_ROWS = new Int32Array(0);

/** A decoder whose batches select the rows that pass a filter over the decoded columns; it needs no context. */
export class FilteredDecoder implements RecordDecoder {
  readonly addSchema: RecordDecoder['addSchema'];
  private readonly inner: RecordDecoder;
  private readonly calc: Calc;

  constructor(inner: RecordDecoder, filter: Expr, columns: Schema) {
    this.inner = inner;
    this.addSchema = inner.addSchema?.bind(inner);
    const all = columns.map((column, index): Expr => ({ kind: 'input', index, type: column.type }));
    this.calc = compileCalc(filter, all, NO_CONTEXT);
  }

  get skipped(): number {
    return this.inner.skipped;
  }

  decode(frames: RecordFrames, from: number, to: number): Batch {
    const batch = this.inner.decode(frames, from, to);
    return this.calc.run(batch) ?? withSelection(batch, NO_ROWS, 0);
  }
}
