import { type Batch, DELETE, INSERT, makeBatch } from '../data/batch.ts';
import { gatherColumn } from '../data/gather.ts';
import { unreachable } from '../data/errors.ts';
import { DOUBLE, notNull } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { SetOperationNode } from '../planner/physical.ts';
import type { KeyedColumns, SlotColumn } from '../state/contracts.ts';
import { isRetraction, rowAt } from './cells.ts';
import { ChangeList } from './change-list.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';

/**
 * INTERSECT [ALL] and EXCEPT [ALL]: how often each input has each row (two NULLs are the same) decides how often the
 * result has it; each input row gives what changes by it, as +I or -D.
 */
export class SetOperation implements Operator {
  private readonly node: SetOperationNode;
  private readonly rows: KeyedColumns;
  private readonly encoder: KeyEncoder;
  private readonly output: Output;
  private readonly now: () => number;
  private readonly keys = newKeyBatch(1024);
  private readonly changes = new ChangeList();
  private slots: Int32Array = new Int32Array(0);

  constructor(node: SetOperationNode, context: OperatorContext) {
    this.node = node;
    const ttl = node.ttl > 0 ? node.ttl : undefined;
    this.rows = context.state.keyedColumns('rows', { columns: [notNull(DOUBLE), notNull(DOUBLE)], ttl });
    this.encoder = compileKeyEncoder(node.schema.map((field) => field.type));
    this.output = context.output;
    this.now = context.now;
  }

  process(input: number, batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    const { changes, node } = this;
    this.slots = ensureI32(this.slots, count);
    this.encoder.encode(batch.columns, batch, this.keys);
    const table = this.rows.namespace(0);
    table.resolve(this.keys, count, this.slots, undefined, node.ttl > 0 ? this.now() : undefined);
    const [left, right] = [countsOf(table.columns[0]), countsOf(table.columns[1])];
    const own = input === 0 ? left : right;
    changes.clear(count);
    for (let i = 0; i < count; i++) {
      const row = rowAt(batch, i);
      const slot = this.slots[i];
      const before = times(node, left[slot], right[slot]);
      own[slot] += isRetraction(batch, i) ? -1 : 1;
      const after = times(node, left[slot], right[slot]);
      // One row changes its number by one at most.
      if (after !== before) changes.add(after > before ? INSERT : DELETE, row, 0);
    }
    this.emit(batch);
    this.freeEmpty(count, left, right);
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }

  private emit(batch: Batch): void {
    const { count, rows, kinds } = this.changes;
    if (count === 0) return;
    const columns = batch.columns.map((column) => gatherColumn(column, rows, count));
    this.output.emit(makeBatch(columns, count, kinds.slice(0, count)));
  }

  private freeEmpty(count: number, left: Float64Array, right: Float64Array): void {
    const table = this.rows.namespace(0);
    let empty = 0;
    for (let i = 0; i < count; i++) {
      const slot = this.slots[i];
      if (left[slot] !== 0 || right[slot] !== 0) continue;
      // NaN marks a slot that is in the list already: a row may occur more than once in a batch.
      left[slot] = NaN;
      this.slots[empty++] = slot;
    }
    for (let i = 0; i < empty; i++) table.free(this.slots[i]);
  }
}

/** How often the result has a row that the inputs have so often. A row may be taken back before it comes. */
function times({ operation, all }: SetOperationNode, left: number, right: number): number {
  const [l, r] = [Math.max(0, left), Math.max(0, right)];
  switch (operation) {
    case 'INTERSECT':
      return all ? Math.min(l, r) : l > 0 && r > 0 ? 1 : 0;
    case 'EXCEPT':
      return all ? Math.max(0, l - r) : l > 0 && r === 0 ? 1 : 0;
    default:
      return unreachable(operation);
  }
}

function countsOf(column: SlotColumn): Float64Array {
  if (column.layout !== 'f64') throw new Error(`counts in a column of layout ${column.layout}`);
  return column.values;
}
