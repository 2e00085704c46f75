import type { Batch } from '../data/batch.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { Schema } from '../data/types.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { StateContext } from '../state/contracts.ts';
import { AggregateSet } from './aggregate-set.ts';
import { KeyedWindows } from './keyed-windows.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';
import { NO_WINDOW } from './window-partition.ts';
import { windowClock } from './window-clock.ts';
import type { WindowStore } from './window-store.ts';
import { createWindowStore } from './window-store-factory.ts';

/**
 * Window aggregation over rows, for windows on a grid. A row whose windows have all closed is dropped and counted; a
 * window's rows go out when the watermark reaches its end - 1.
 */
export class WindowAggregate implements Operator {
  private readonly aggregates: AggregateSet;
  private readonly store: WindowStore;
  private readonly windows: KeyedWindows;
  private readonly output: Output;
  private readonly count: OperatorContext['count'];
  private slots: Int32Array = new Int32Array(0);

  constructor(node: WindowAggregateNode, inputSchema: Schema, context: OperatorContext) {
    const keyTypes = node.keys.map((key) => inputSchema[key].type);
    const options = { retract: node.retractInput === true };
    const aggregatesOver = (state: StateContext): AggregateSet =>
      new AggregateSet(node.aggregates, inputSchema, options, state);
    const { aggregates, store } = createWindowStore(node, keyTypes, aggregatesOver, context);
    this.aggregates = aggregates;
    this.store = store;
    this.windows = new KeyedWindows(node, keyTypes, windowClock(node.local === true, context.zone));
    this.output = context.output;
    this.count = context.count;
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    const { windows } = this;
    const ends = windows.split(batch);
    for (let w = 0; w < ends.length; w++) {
      const end = ends[w];
      if (end === NO_WINDOW || this.store.isLate(end)) this.drop(end, windows.size(w));
      else this.add(end, windows.part(batch, w), windows.keys);
    }
  }

  watermark(time: number): void {
    this.store.advance(time);
    this.output.watermark(time);
  }

  nextClose(): number {
    return this.store.nextClose();
  }

  private drop(end: number, rows: number): void {
    this.count(end === NO_WINDOW ? 'nullRowtimeRecordsDropped' : 'lateRecordsDropped', rows);
  }

  private add(end: number, batch: Batch, keys: KeyBatch): void {
    this.slots = ensureI32(this.slots, batch.selectedCount);
    const namespace = this.store.namespace(end);
    const table = this.store.table(namespace);
    table.resolve(keys, batch.selectedCount, this.slots);
    this.aggregates.apply(namespace, batch, keys, this.slots, table.columns);
  }
}
