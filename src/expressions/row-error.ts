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
