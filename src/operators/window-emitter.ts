import { makeBatch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import { KeyDecoder } from '../expressions/index.ts';
import type { WindowAggregateNode, WindowProperty } from '../planner/physical.ts';
import type { KeyedTable } from '../state/contracts.ts';
import type { AggregateSet } from './aggregate-set.ts';
import type { Output } from './operator.ts';
import type { WindowClock } from './window-clock.ts';
import { windowStart } from './window-slices.ts';

/** Rows in one output batch. */
const CHUNK = 2048;

/** Sends the results of closed windows on: keys, aggregates, window columns. */
export class WindowEmitter {
  private readonly node: WindowAggregateNode;
  private readonly aggregates: AggregateSet;
  private readonly clock: WindowClock;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly slots: Int32Array = new Int32Array(CHUNK);

  constructor(
    node: WindowAggregateNode,
    keyTypes: readonly SqlType[],
    aggregates: AggregateSet,
    clock: WindowClock,
    output: Output,
  ) {
    this.node = node;
    this.aggregates = aggregates;
    this.clock = clock;
    this.decoder = new KeyDecoder(keyTypes);
    this.output = output;
  }

  /** All keys of the window with this end. */
  emit(end: number, table: KeyedTable): void {
    const properties = this.node.properties.map((property) => constantTime(this.propertyTime(property, end)));
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

  private propertyTime(property: WindowProperty, end: number): number {
    const { window } = this.node;
    switch (property) {
      case 'window_start':
        // The start of a session comes with the rows, as a key.
        if (window.kind === 'session') throw new Error('a session is not known by its end');
        return windowStart(window, end);
      case 'window_end':
        return end;
      case 'window_time':
        return this.clock.closes(end);
      default:
        return unreachable(property);
    }
  }
}

/** One time for all rows. */
export function constantTime(time: number): Column {
  const value: Column = { layout: 'ts', values: Float64Array.of(time), nanos: undefined, nulls: undefined };
  return { layout: 'const', value, nulls: undefined };
}
