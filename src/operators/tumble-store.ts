import type { KeyedColumns, KeyedTable, StateContext } from '../state/contracts.ts';
import type { AggregateSet } from './aggregate-set.ts';
import { isClosed, type WindowClock } from './window-clock.ts';
import type { WindowEmitter } from './window-emitter.ts';
import { StoredWatermark, type WindowStore } from './window-store.ts';

/** Windows that are one pane each, and windows that come with the rows: accumulators by key in one namespace a window. */
export class TumbleStore implements WindowStore {
  private readonly aggregates: AggregateSet;
  private readonly windows: KeyedColumns;
  private readonly emitter: WindowEmitter;
  private readonly clock: WindowClock;
  private readonly time: StoredWatermark;

  constructor(aggregates: AggregateSet, emitter: WindowEmitter, clock: WindowClock, state: StateContext) {
    this.aggregates = aggregates;
    this.windows = state.keyedColumns('windows', { columns: aggregates.stateTypes });
    this.time = new StoredWatermark(state);
    this.emitter = emitter;
    this.clock = clock;
  }

  get watermark(): number {
    return this.time.get();
  }

  isLate(end: number): boolean {
    return isClosed(end, this.watermark, this.clock);
  }

  namespace(end: number): number {
    return end;
  }

  table(end: number): KeyedTable {
    return this.windows.namespace(end);
  }

  nextClose(): number {
    const [first] = this.windows.namespaces();
    return first === undefined ? Infinity : this.clock.closes(first);
  }

  advance(time: number): void {
    this.time.raise(time);
    for (const end of [...this.windows.namespaces()]) {
      if (!isClosed(end, time, this.clock)) break;
      const table = this.windows.peek(end);
      if (table !== undefined) this.emitter.emit(end, table);
      this.windows.drop(end);
      this.aggregates.drop(end);
    }
  }
}
