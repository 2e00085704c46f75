import { type Batch, withSelection } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import { compileKeyEncoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { StateContext } from '../state/contracts.ts';
import { AggregateSet } from './aggregate-set.ts';
import { subsetKeys } from './key-rows.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';
import { NO_WINDOW, WindowPartition } from './window-partition.ts';
import { assignWindows } from './window-assign.ts';
import { type WindowClock, windowClock } from './window-clock.ts';
import type { WindowStore } from './window-store.ts';
import { createWindowStore } from './window-store-factory.ts';

/**
 * Window aggregation over rows, for windows on a grid. A row whose windows have all closed is dropped and counted; a
 * window's rows go out when the watermark reaches its end - 1.
 */
export class WindowAggregate implements Operator {
  private readonly node: WindowAggregateNode;
  private readonly clock: WindowClock;
  private readonly aggregates: AggregateSet;
  private readonly store: WindowStore;
  private readonly encoder: KeyEncoder;
  private readonly output: Output;
  private readonly count: OperatorContext['count'];
  private readonly partition = new WindowPartition();
  private readonly keys = newKeyBatch(1024);
  private readonly windowKeys = newKeyBatch(1024);
  private slots: Int32Array = new Int32Array(0);
  private rows: Int32Array = new Int32Array(0);

  constructor(node: WindowAggregateNode, inputSchema: Schema, context: OperatorContext) {
    const keyTypes = node.keys.map((key) => inputSchema[key].type);
    this.node = node;
    this.clock = windowClock(node.local === true, context.zone);
    const options = { retract: node.retractInput === true };
    const aggregatesOver = (state: StateContext): AggregateSet =>
      new AggregateSet(node.aggregates, inputSchema, options, state);
    const { aggregates, store } = createWindowStore(node, keyTypes, aggregatesOver, context);
    this.aggregates = aggregates;
    this.store = store;
    this.encoder = compileKeyEncoder(keyTypes);
    this.output = context.output;
    this.count = context.count;
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    this.slots = ensureI32(this.slots, batch.selectedCount);
    this.encoder.encode(
      this.node.keys.map((key) => batch.columns[key]),
      batch,
      this.keys,
    );
    const { partition } = this;
    assignWindows(partition, batch, this.node, this.clock);
    for (let w = 0; w < partition.ends.length; w++) {
      const end = partition.ends[w];
      if (end === NO_WINDOW || this.store.isLate(end)) this.drop(end, partition.offsets[w + 1] - partition.offsets[w]);
      else if (partition.ends.length === 1) this.add(end, batch, this.keys);
      else this.addPart(end, w, batch);
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

  private addPart(end: number, window: number, batch: Batch): void {
    const { positions, offsets } = this.partition;
    const from = offsets[window];
    const count = offsets[window + 1] - from;
    this.rows = ensureI32(this.rows, count);
    const { rows } = this;
    const { selection } = batch;
    for (let i = 0; i < count; i++) {
      const position = positions[from + i];
      rows[i] = selection === undefined ? position : selection[position];
    }
    const keys = subsetKeys(this.keys, positions, from, count, this.windowKeys);
    this.add(end, withSelection(batch, rows, count), keys);
  }

  private add(end: number, batch: Batch, keys: typeof this.keys): void {
    const namespace = this.store.namespace(end);
    const table = this.store.table(namespace);
    table.resolve(keys, batch.selectedCount, this.slots);
    this.aggregates.apply(namespace, batch, keys, this.slots, table.columns);
  }
}
