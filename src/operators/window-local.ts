import { type Batch, makeBatch, MIN_WATERMARK } from '../data/batch.ts';
import type { KeyBatch } from '../data/hash.ts';
import type { Schema, SqlType } from '../data/types.ts';
import { KeyDecoder } from '../expressions/index.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { KeyedColumnsSpec } from '../state/contracts.ts';
import { compileKernels, SlotTable, type TableKernels } from '../state/slot-table.ts';
import type { AggregateSet } from './aggregate-set.ts';
import { KeyedWindows } from './keyed-windows.ts';
import { JUDGED_ROWS, LocalReduction } from './local-reduction.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { partialAggregates } from './partial-schema.ts';
import { RowPartials } from './row-partials.ts';
import { ensureI32 } from './rows.ts';
import { NO_WINDOW } from './window-partition.ts';
import { closingPanes } from './window-assign.ts';
import { isClosed, type WindowClock, windowClock } from './window-clock.ts';
import { constantTime } from './window-emitter.ts';
import { type ClockedPane, nextCrossing } from './window-time.ts';

/**
 * Keys held, of all windows together, before they are sent on without being asked: about 40 MB. A partial costs several
 * times what a row does, so what is held should be all keys of a window where that is possible.
 */
const MAX_KEYS = 262_144;
/** Of tables that are kept to be filled again. */
const SPARE_BYTES = 64 << 20;
const CHUNK = 4096;

/**
 * The first phase of a window aggregate: accumulators by window and key, in memory only. They are sent on (see
 * partialSchema) before a watermark that closes their window, before barriers, and when there are many. Where keys hardly
 * repeat, rows pass as partials of their own. Late rows are the global phase's business. Watermarks that close no window
 * wait for the next flush, unless something above depends on them.
 */
export class LocalWindowAggregate implements Operator {
  private readonly panes: readonly ClockedPane[];
  private readonly aggregates: AggregateSet;
  private readonly windows: KeyedWindows;
  private readonly clock: WindowClock;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly allWatermarks: boolean;
  private readonly count: OperatorContext['count'];
  private readonly spec: KeyedColumnsSpec;
  private readonly kernels: TableKernels;
  /** What is held of each window, by its end. */
  private readonly tables = new Map<number, SlotTable>();
  private readonly spare: SlotTable[] = [];
  private slots: Int32Array = new Int32Array(0);
  private readonly chunk: Int32Array = new Int32Array(CHUNK);
  private readonly reduction: LocalReduction;
  private readonly rowPartials: RowPartials;
  private held = 0;
  private forwarded = MIN_WATERMARK;
  private pending = MIN_WATERMARK;

  constructor(node: WindowAggregateNode, inputSchema: Schema, context: OperatorContext) {
    const keyTypes: readonly SqlType[] = node.keys.map((key) => inputSchema[key].type);
    this.panes = closingPanes(node, context.zone);
    this.aggregates = partialAggregates(node, inputSchema);
    this.clock = windowClock(node.local === true, context.zone);
    this.windows = new KeyedWindows(node, keyTypes, this.clock);
    this.decoder = new KeyDecoder(keyTypes);
    this.output = context.output;
    this.count = context.count;
    this.allWatermarks = node.allWatermarks === true;
    this.spec = { columns: this.aggregates.stateTypes };
    this.kernels = compileKernels(this.spec);
    this.reduction = new LocalReduction(node.adaptive === true ? (context.judgedRows ?? JUDGED_ROWS) : Infinity);
    this.rowPartials = new RowPartials(this.aggregates, node.keys, this.kernels.columns);
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    const { windows, reduction } = this;
    reduction.took(batch.selectedCount);
    const ends = windows.split(batch);
    for (let w = 0; w < ends.length; w++) {
      if (ends[w] === NO_WINDOW) this.count('nullRowtimeRecordsDropped', windows.size(w));
      else if (!reduction.passes) this.add(ends[w], windows.part(batch, w), windows.keys);
    }
    if (reduction.passes) this.pass(batch);
    reduction.judgeEarly(this.held);
    if (this.held > MAX_KEYS || (reduction.passes && this.held > 0)) this.sendAll();
  }

  /** Windows that stay open keep what they hold. A pane is in no window that closes before the pane does. */
  watermark(time: number): void {
    this.pending = time;
    if (time < nextCrossing(this.forwarded, this.panes)) {
      if (this.allWatermarks) this.forward();
      return;
    }
    for (const end of this.ends()) if (isClosed(end, time, this.clock)) this.send(end);
    this.reduction.judge(this.held);
    // Rows that pass do not overtake those before them.
    if (this.reduction.passes) this.sendAll();
    this.forward();
  }

  flush(): void {
    this.sendAll();
    this.forward();
  }

  private forward(): void {
    if (this.pending <= this.forwarded) return;
    this.forwarded = this.pending;
    this.output.watermark(this.pending);
  }

  heldBytes(): number {
    return bytesOf(this.tables.values()) + bytesOf(this.spare) + this.rowPartials.bytes();
  }

  private add(end: number, batch: Batch, keys: KeyBatch): void {
    const table = this.table(end);
    const count = batch.selectedCount;
    this.slots = ensureI32(this.slots, count);
    const { slots } = this;
    this.held += table.resolve(keys, count, slots);
    this.aggregates.add(batch, slots, table.columns);
  }

  private table(end: number): SlotTable {
    let table = this.tables.get(end);
    if (table === undefined) {
      table = this.spare.pop() ?? new SlotTable(this.spec, this.kernels);
      this.tables.set(end, table);
    }
    return table;
  }

  private ends(): number[] {
    return [...this.tables.keys()].sort((a, b) => a - b);
  }

  /** Sends the rows of the batch that was split on as partials. */
  private pass(batch: Batch): void {
    const rows = this.windows.withEnds(batch);
    if (rows.batch.selectedCount === 0) return;
    this.output.emit(this.rowPartials.of(rows.batch, rows.ends));
    this.rowPartials.clear(batch);
  }

  private sendAll(): void {
    for (const end of this.ends()) this.send(end);
    this.reduction.judge(0);
  }

  private send(end: number): void {
    const table = this.table(end);
    this.emit(end, table);
    this.held -= table.size;
    this.reduction.sent(table.size);
    table.clear();
    this.tables.delete(end);
    if (bytesOf(this.spare) + table.bytes() <= SPARE_BYTES) this.spare.push(table);
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

function bytesOf(tables: Iterable<SlotTable>): number {
  let bytes = 0;
  for (const table of tables) bytes += table.bytes();
  return bytes;
}
