import { rowNumbers } from '../data/row-numbers.ts';
import { type Batch, makeBatch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import { BOOLEAN, type Field, type Schema, type SqlType } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { AggregateCall } from '../expressions/typed.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { StateContext } from '../state/contracts.ts';
import { AggregateSet } from './aggregate-set.ts';
import { rowAt } from './cells.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { rowsColumnOf } from './partial-schema.ts';
import { ensureI32 } from './rows.ts';
import { WindowPartition } from './window-partition.ts';
import type { WindowStore } from './window-store.ts';
import { createWindowStore } from './window-store-factory.ts';

/** The second phase of a window aggregate: adds partial accumulators (see partialSchema); otherwise the same. */
export class GlobalWindowAggregate implements Operator {
  private readonly keyTypes: readonly SqlType[];
  private readonly aggregates: AggregateSet;
  private readonly store: WindowStore;
  private readonly encoder: KeyEncoder;
  private readonly output: Output;
  private readonly count: OperatorContext['count'];
  /** Of the partials: how many rows went into them. */
  private readonly rowsColumn: number;
  private readonly partition = new WindowPartition();
  private readonly keys = newKeyBatch(1024);
  private slots: Int32Array = new Int32Array(0);
  private rows: Int32Array = new Int32Array(0);

  /** `partials` is the input's schema: partialSchema of the node. */
  constructor(node: WindowAggregateNode, partials: Schema, context: OperatorContext) {
    this.keyTypes = node.keys.map((_key, i) => partials[i].type);
    const options = { retract: node.retractInput === true };
    const input = argumentSchema(node.aggregates);
    this.rowsColumn = rowsColumnOf(partials);
    const aggregatesOver = (state: StateContext): AggregateSet =>
      new AggregateSet(node.aggregates, input, options, state);
    const { aggregates, store } = createWindowStore(node, this.keyTypes, aggregatesOver, context);
    this.aggregates = aggregates;
    this.store = store;
    this.encoder = compileKeyEncoder(this.keyTypes);
    this.output = context.output;
    this.count = context.count;
  }

  process(_input: number, batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    const { partition } = this;
    partition.byEnd(batch, batch.columns[this.keyTypes.length]);
    for (let w = 0; w < partition.ends.length; w++) {
      const end = partition.ends[w];
      const size = partition.offsets[w + 1] - partition.offsets[w];
      // What comes through an exchange is whole already: dense, and of one window.
      const part = size === batch.length ? batch.columns : this.columnsOf(w, batch, size);
      if (this.store.isLate(end)) this.drop(part, size);
      else this.merge(end, part, size);
    }
  }

  watermark(time: number): void {
    this.store.advance(time);
    this.output.watermark(time);
  }

  /** The columns of the rows of a window, dense. */
  private columnsOf(window: number, batch: Batch, count: number): Column[] {
    const { ends, offsets } = this.partition;
    const positions = ends.length === 1 ? rowNumbers(batch.selectedCount) : this.partition.positions;
    const from = offsets[window];
    this.rows = ensureI32(this.rows, count);
    for (let i = 0; i < count; i++) this.rows[i] = rowAt(batch, positions[from + i]);
    return batch.columns.map((column) => gatherColumn(column, this.rows, count));
  }

  private drop(partials: readonly Column[], count: number): void {
    const rows = partials[this.rowsColumn];
    assert(rows.layout === 'f64', `row counts of layout ${rows.layout}`);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += rows.values[i];
    this.count('lateRecordsDropped', sum);
  }

  private merge(end: number, partials: readonly Column[], count: number): void {
    const keyCount = this.keyTypes.length;
    this.slots = ensureI32(this.slots, count);
    this.encoder.encode(partials.slice(0, keyCount), makeBatch(partials, count), this.keys);
    const table = this.store.table(this.store.namespace(end));
    table.resolve(this.keys, count, this.slots);
    this.aggregates.merge(partials.slice(keyCount + 1), count, this.slots, table.columns);
  }
}

/** The schema of the rows that were pre-aggregated, as far as the calls show it. */
function argumentSchema(calls: readonly AggregateCall[]): Schema {
  const refs = calls.flatMap((call) => [call.arg, call.second, call.filter]).filter((ref) => ref !== undefined);
  const width = Math.max(0, ...refs.map((ref) => ref.index + 1));
  const fields = Array.from({ length: width }, (_, i): Field => ({ name: `$input_${i}`, type: BOOLEAN }));
  for (const ref of refs) fields[ref.index] = { name: `$input_${ref.index}`, type: ref.type };
  return fields;
}
