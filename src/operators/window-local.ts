import { type Batch, makeBatch, MIN_WATERMARK, withSelection } from '../data/batch.ts';
import type { KeyBatch } from '../data/hash.ts';
import { DOUBLE, notNull, type Schema, type SqlType } from '../data/types.ts';
import { compileKeyEncoder, KeyDecoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { KeyedColumnsSpec } from '../state/contracts.ts';
import { compileKernels, SlotTable, type TableKernels } from '../state/slot-table.ts';
import { AggregateSet } from './aggregate-set.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import { NO_STATE } from './no-state.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';
import { NO_WINDOW, WindowPartition } from './window-partition.ts';
import { assignWindows, closingPanes } from './window-assign.ts';
import { type WindowClock, windowClock } from './window-clock.ts';
import { constantTime } from './window-emitter.ts';
import { type ClockedPane, nextCrossing } from './window-time.ts';

/** Keys held before they are sent on without being asked. */
const MAX_KEYS = 16_384;
const CHUNK = 2048;

/**
 * The first phase of a window aggregate: accumulators by window and key, in memory only. They are sent on (see
 * partialSchema) before a watermark that closes a window, before barriers, and when there are many. Late rows are the
 * global phase's business. Watermarks that close no window wait for the next flush: nothing depends on them sooner.
 */
export class LocalWindowAggregate implements Operator {
  private readonly node: WindowAggregateNode;
  private readonly clock: WindowClock;
  private readonly panes: readonly ClockedPane[];
  private readonly aggregates: AggregateSet;
  private readonly encoder: KeyEncoder;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly count: OperatorContext['count'];
  private readonly spec: KeyedColumnsSpec;
  private readonly kernels: TableKernels;
  private readonly rowsColumn: number;
  /** Open windows by end, ascending only when flushed. */
  private readonly tables = new Map<number, SlotTable>();
  private readonly spare: SlotTable[] = [];
  private readonly partition = new WindowPartition();
  private readonly keys = newKeyBatch(1024);
  private readonly windowKeys = newKeyBatch(1024);
  private slots: Int32Array = new Int32Array(0);
  private rows: Int32Array = new Int32Array(0);
  private readonly chunk: Int32Array = new Int32Array(CHUNK);
  private held = 0;
  private forwarded = MIN_WATERMARK;
  private pending = MIN_WATERMARK;

  constructor(node: WindowAggregateNode, inputSchema: Schema, context: OperatorContext) {
    const keyTypes: readonly SqlType[] = node.keys.map((key) => inputSchema[key].type);
    this.node = node;
    this.clock = windowClock(node.local === true, context.zone);
    this.panes = closingPanes(node, context.zone);
    this.aggregates = new AggregateSet(node.aggregates, inputSchema, { retract: node.retractInput === true }, NO_STATE);
    this.encoder = compileKeyEncoder(keyTypes);
    this.decoder = new KeyDecoder(keyTypes);
    this.output = context.output;
    this.count = context.count;
    this.rowsColumn = this.aggregates.stateTypes.length;
    this.spec = { columns: [...this.aggregates.stateTypes, notNull(DOUBLE)] };
    this.kernels = compileKernels(this.spec);
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
      if (end === NO_WINDOW) this.count('nullRowtimeRecordsDropped', partition.offsets[w + 1] - partition.offsets[w]);
      else if (partition.ends.length === 1) this.add(end, batch, this.keys);
      else this.addPart(end, w, batch);
    }
    if (this.held > MAX_KEYS) this.flushRows();
  }

  watermark(time: number): void {
    this.pending = time;
    if (time >= nextCrossing(this.forwarded, this.panes)) this.flush();
  }

  flush(): void {
    this.flushRows();
    if (this.pending <= this.forwarded) return;
    this.forwarded = this.pending;
    this.output.watermark(this.pending);
  }

  private addPart(end: number, window: number, batch: Batch): void {
    const { positions, offsets } = this.partition;
    const from = offsets[window];
    const count = offsets[window + 1] - from;
    this.rows = ensureI32(this.rows, count);
    for (let i = 0; i < count; i++) this.rows[i] = rowAt(batch, positions[from + i]);
    const keys = subsetKeys(this.keys, positions, from, count, this.windowKeys);
    this.add(end, withSelection(batch, this.rows, count), keys);
  }

  private add(end: number, batch: Batch, keys: KeyBatch): void {
    const table = this.table(end);
    const { slots } = this;
    const count = batch.selectedCount;
    this.held += table.resolve(keys, count, slots);
    this.aggregates.apply(end, batch, keys, slots, table.columns);
    const rows = table.columns[this.rowsColumn];
    if (rows.layout !== 'f64') throw new Error(`row counts of layout ${rows.layout}`);
    const counts = rows.values;
    for (let i = 0; i < count; i++) counts[slots[i]] += 1;
  }

  private table(end: number): SlotTable {
    let table = this.tables.get(end);
    if (table === undefined) {
      table = this.spare.pop() ?? new SlotTable(this.spec, this.kernels);
      this.tables.set(end, table);
    }
    return table;
  }

  private flushRows(): void {
    for (const end of [...this.tables.keys()].sort((a, b) => a - b)) {
      const table = this.table(end);
      this.emit(end, table);
      table.clear();
      this.spare.push(table);
    }
    this.tables.clear();
    this.held = 0;
  }

  private emit(end: number, table: SlotTable): void {
    for (let from = 0; from >= 0;) {
      from = table.scan(from, this.chunk);
      const count = table.found();
      if (count === 0) continue;
      const keys = this.decoder.decode(table.keys(this.chunk, count), count);
      const state = table.columns.map((_column, i) => table.gather(i, this.chunk, count));
      this.output.emit(makeBatch([...keys, constantTime(end), ...state], count));
    }
  }
}
