import { HeadwaterError } from '../data/errors.ts';

/** An expression failed for one row. `row` is the row's number in the batch that was evaluated. */
export class RowError extends HeadwaterError {
  readonly row: number;

  constructor(code: string, message: string, row: number) {
    super(code, message, { kind: 'runtime' });
    this.name = 'RowError';
    this.row = row;
  }
}

export function divisionByZero(row: number): RowError {
  return new RowError('division-by-zero', '/ by zero', row);
}

/** A failure inside of a function, as an error of the row for which it was called. */
export function atRow(failure: unknown, row: number): unknown {
  return failure instanceof HeadwaterError && !(failure instanceof RowError)
    ? new RowError(failure.code, failure.message, row)
    : failure;
}
