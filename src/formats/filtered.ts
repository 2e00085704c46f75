import { type Batch, withSelection } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import { type Calc, compileCalc, NO_CONTEXT } from '../expressions/index.ts';
import type { Expr } from '../expressions/typed.ts';
import type { DirectDecoder, RecordDecoder, RecordFrames, SectionCursor, SourceBytes } from './contracts.ts';

const NO_ROWS = new Int32Array(0);

/** A decoder whose batches select the rows that pass a filter over the decoded columns; it needs no context. */
export class FilteredDecoder implements RecordDecoder {
  readonly addSchema: RecordDecoder['addSchema'];
  readonly refuseSchema: RecordDecoder['refuseSchema'];
  readonly direct: DirectDecoder | undefined;
  private readonly inner: RecordDecoder;
  private readonly calc: Calc;

  constructor(inner: RecordDecoder, filter: Expr, columns: Schema) {
    this.inner = inner;
    this.addSchema = inner.addSchema?.bind(inner);
    this.refuseSchema = inner.refuseSchema?.bind(inner);
    this.direct = inner.direct && new FilteredDirect(inner.direct, (batch) => this.filter(batch));
    const all = columns.map((column, index): Expr => ({ kind: 'input', index, type: column.type }));
    this.calc = compileCalc(filter, all, NO_CONTEXT);
  }

  get skipped(): number {
    return this.inner.skipped;
  }

  decode(frames: RecordFrames, from: number, to: number): Batch {
    return this.filter(this.inner.decode(frames, from, to));
  }

  private filter(batch: Batch): Batch {
    return this.calc.run(batch) ?? withSelection(batch, NO_ROWS, 0);
  }
}

class FilteredDirect implements DirectDecoder {
  private readonly inner: DirectDecoder;
  private readonly filter: (batch: Batch) => Batch;

  constructor(inner: DirectDecoder, filter: (batch: Batch) => Batch) {
    this.inner = inner;
    this.filter = filter;
  }

  get rows(): number {
    return this.inner.rows;
  }

  begin(rows: number): void {
    this.inner.begin(rows);
  }

  read(source: SourceBytes, cursor: SectionCursor): boolean {
    return this.inner.read(source, cursor);
  }

  finish(source: SourceBytes): Batch {
    return this.filter(this.inner.finish(source));
  }
}
