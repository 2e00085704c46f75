import { makeBatch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';
import { KeyDecoder } from '../expressions/index.ts';
import type { WindowAggregateNode, WindowProperty } from '../planner/physical.ts';
import type { KeyedTable } from '../state/contracts.ts';
import { orderByKeyGroup } from '../state/key-group-order.ts';
import type { AggregateSet } from './aggregate-set.ts';
import type { Output } from './operator.ts';
import type { WindowClock } from './window-clock.ts';
import { windowStart } from './window-slices.ts';

/** Rows in one output batch. */
const CHUNK = 2048;
/**
 * Rows of large windows go out in the order of key groups, so many at a time: what lies behind (the committed log, its
 * base, an exchange) then works on keys that lie close together.
 */
const ORDERED = 16 * CHUNK;

/** Sends the results of closed windows on: keys, aggregates, window columns. */
export class WindowEmitter {
  private readonly node: WindowAggregateNode;
  private readonly aggregates: AggregateSet;
  private readonly clock: WindowClock;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly block: Int32Array = new Int32Array(ORDERED);

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
      from = table.scan(from, this.block);
      const found = this.block.subarray(0, this.withRows(table, table.found()));
      const ordered = table.size <= CHUNK ? found : orderByKeyGroup(table, found).ordered;
      for (let at = 0; at < ordered.length; at += CHUNK) {
        this.emitRows(table, ordered.subarray(at, at + CHUNK), properties);
      }
    }
  }

  private emitRows(table: KeyedTable, slots: Int32Array, properties: readonly Column[]): void {
    const count = slots.length;
    const keys = this.decoder.decode(table.keys(slots, count), count);
    const results = this.aggregates.results(table.columns, slots, count);
    this.output.emit(makeBatch([...keys, ...results, ...properties], count));
  }

  /** Keeps the slots of keys that have rows left: all of them when no row is ever taken back. */
  private withRows(table: KeyedTable, found: number): number {
    if (this.aggregates.countColumn < 0) return found;
    const counts = this.aggregates.rowCounts(table.columns);
    let count = 0;
    for (let i = 0; i < found; i++) if (counts[this.block[i]] > 0) this.block[count++] = this.block[i];
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
