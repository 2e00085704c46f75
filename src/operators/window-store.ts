import { makeBatch, MIN_WATERMARK } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { KeyDecoder } from '../expressions/index.ts';
import type { SqlType } from '../data/types.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import type { KeyedColumns, KeyedTable, Scalars } from '../state/contracts.ts';
import type { AggregateSet } from './aggregate-set.ts';
import type { OperatorContext, Output } from './operator.ts';
import { isClosed } from './window-time.ts';

/** Rows in one output batch. */
const CHUNK = 2048;
const WATERMARK = 0;

/**
 * The open windows of a window aggregate: accumulators by key in one namespace a window (its end), and the watermark,
 * kept in state so that what is late stays late after a restore. State is the same whether rows or partial
 * accumulators come in.
 */
export class WindowStore {
  private readonly node: WindowAggregateNode;
  private readonly aggregates: AggregateSet;
  private readonly windows: KeyedColumns;
  private readonly time: Scalars;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly slots: Int32Array = new Int32Array(CHUNK);

  constructor(
    node: WindowAggregateNode,
    keyTypes: readonly SqlType[],
    aggregates: AggregateSet,
    context: OperatorContext,
  ) {
    this.node = node;
    this.aggregates = aggregates;
    this.windows = context.state.keyedColumns('windows', { columns: aggregates.stateTypes });
    this.time = context.state.scalars('watermark', 1);
    this.decoder = new KeyDecoder(keyTypes);
    this.output = context.output;
  }

  get watermark(): number {
    const stored = this.time.get(WATERMARK);
    return Number.isNaN(stored) ? MIN_WATERMARK : stored;
  }

  /** The accumulators of the window with this end. */
  table(end: number): KeyedTable {
    return this.windows.namespace(end);
  }

  /** Emits and forgets the windows that close at `time`, in order of their ends. */
  advance(time: number): void {
    if (time > this.watermark) this.time.set(WATERMARK, time);
    for (const end of [...this.windows.namespaces()]) {
      if (!isClosed(end, time)) break;
      this.emit(end);
      this.windows.drop(end);
      this.aggregates.drop(end);
    }
  }

  private emit(end: number): void {
    const table = this.windows.peek(end);
    if (table === undefined) return;
    const properties = this.node.properties.map((property) => propertyColumn(property, end, this.node.window.size));
    for (let from = 0; from >= 0;) {
      from = table.scan(from, this.slots);
      const count = this.withRows(table, table.found());
      if (count === 0) continue;
      const keys = this.decoder.decode(table.keys(this.slots, count), count);
      const results = this.aggregates.results(table.columns, this.slots, count);
      this.output.emit(makeBatch([...keys, ...results, ...properties], count));
    }
  }

  /** Keeps the slots of keys that have rows left: all of them when no row is ever taken back. */
  private withRows(table: KeyedTable, found: number): number {
    if (this.aggregates.countColumn < 0) return found;
    const counts = this.aggregates.rowCounts(table.columns);
    let count = 0;
    for (let i = 0; i < found; i++) if (counts[this.slots[i]] > 0) this.slots[count++] = this.slots[i];
    return count;
  }
}

function propertyColumn(property: WindowAggregateNode['properties'][number], end: number, size: number): Column {
  return constantTime(propertyTime(property, end, size));
}

function propertyTime(property: WindowAggregateNode['properties'][number], end: number, size: number): number {
  switch (property) {
    case 'window_start':
      return end - size;
    case 'window_end':
      return end;
    case 'window_time':
      return end - 1;
  }
}

/** One time for all rows. */
export function constantTime(time: number): Column {
  const value: Column = { layout: 'ts', values: Float64Array.of(time), nanos: undefined, nulls: undefined };
  return { layout: 'const', value, nulls: undefined };
}
