import type { SqlType } from '../data/types.ts';
import { makeBatch } from '../data/batch.ts';
import { compileKeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { KeyedColumns, StateContext } from '../state/contracts.ts';

/** One number of an operator that runs in one task, kept under the empty key so that it goes where that task goes. */
export class OneCell {
  private readonly state: KeyedColumns;
  private readonly slot = new Int32Array(1);

  constructor(state: StateContext, name: string, type: SqlType) {
    this.state = state.keyedColumns(name, { columns: [type] });
  }

  /** 0 before the first `set`. */
  get(): number {
    const table = this.state.namespace(0);
    table.find(EMPTY_KEY, 1, this.slot);
    const [column] = table.columns;
    if (column.layout !== 'f64') throw new Error(`a cell of layout ${column.layout}`);
    return this.slot[0] < 0 ? 0 : column.values[this.slot[0]];
  }

  set(value: number): void {
    const table = this.state.namespace(0);
    table.resolve(EMPTY_KEY, 1, this.slot);
    const [column] = table.columns;
    if (column.layout !== 'f64') throw new Error(`a cell of layout ${column.layout}`);
    column.values[this.slot[0]] = value;
  }
}

/** The key of all rows of an operator without keys: one row of it. */
export const EMPTY_KEY: KeyBatch = emptyKeys(1);

/** The empty key, `count` times. */
export function emptyKeys(count: number): KeyBatch {
  const keys = newKeyBatch(count);
  compileKeyEncoder([]).encode([], makeBatch([], count), keys);
  return keys;
}
