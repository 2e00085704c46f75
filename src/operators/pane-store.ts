import type { CumulateSpec, HopSpec } from '../planner/physical.ts';
import { createStateBackend } from '../state/backend.ts';
import type { KeyedColumns, KeyedTable, StateContext } from '../state/contracts.ts';
import type { AggregateSet } from './aggregate-set.ts';
import { PaneMerger } from './pane-merger.ts';
import { isClosed, type WindowClock } from './window-clock.ts';
import type { WindowEmitter } from './window-emitter.ts';
import { endDistance, firstEnd, lastEnd, windowStart } from './window-slices.ts';
import { StoredWatermark, type WindowStore } from './window-store.ts';

interface StoreParts {
  readonly aggregates: AggregateSet;
  readonly emitter: WindowEmitter;
  readonly clock: WindowClock;
  readonly state: StateContext;
}

/**
 * Windows that share panes: a row is added once, to its pane; panes are put together when a window closes. A row whose
 * pane has gone out still counts in the later windows that hold it.
 */
abstract class PaneStore<W extends HopSpec | CumulateSpec> implements WindowStore {
  protected readonly window: W;
  protected readonly aggregates: AggregateSet;
  protected readonly panes: KeyedColumns;
  protected readonly emitter: WindowEmitter;
  protected readonly clock: WindowClock;
  private readonly time: StoredWatermark;

  constructor(window: W, { aggregates, emitter, clock, state }: StoreParts) {
    this.window = window;
    this.aggregates = aggregates;
    this.panes = state.keyedColumns('windows', { columns: aggregates.stateTypes });
    this.time = new StoredWatermark(state);
    this.emitter = emitter;
    this.clock = clock;
  }

  get watermark(): number {
    return this.time.get();
  }

  isLate(pane: number): boolean {
    const last = lastEnd(this.window, pane);
    // Between the windows of a HOP whose slide is above its size a row is in none.
    return last < pane || isClosed(last, this.watermark, this.clock);
  }

  namespace(pane: number): number {
    return pane;
  }

  table(namespace: number): KeyedTable {
    return this.panes.namespace(namespace);
  }

  nextClose(): number {
    const end = this.next(this.watermark, -Infinity);
    return end === Infinity ? Infinity : this.clock.closes(end);
  }

  advance(time: number): void {
    const before = this.watermark;
    this.time.raise(time);
    for (let end = this.next(before, -Infinity); isClosed(end, time, this.clock); end = this.next(before, end)) {
      this.fire(end);
      for (const pane of [...this.panes.namespaces()]) if (lastEnd(this.window, pane) <= end) this.drop(pane);
    }
  }

  /** Sends the window with this end on. Some of its panes are there. */
  protected abstract fire(end: number): void;

  protected drop(pane: number): void {
    this.panes.drop(pane);
    this.aggregates.drop(pane);
  }

  /** The end of the earliest window after `fired` that was open at `watermark` and holds a pane; Infinity without. */
  private next(watermark: number, fired: number): number {
    const distance = endDistance(this.window);
    let earliest = Infinity;
    for (const pane of this.panes.namespaces()) {
      let end = firstEnd(this.window, pane);
      if (end >= earliest) break;
      const last = lastEnd(this.window, pane);
      while (end <= last && (end <= fired || isClosed(end, watermark, this.clock))) end += distance;
      if (end <= last && end < earliest) earliest = end;
    }
    return earliest;
  }
}

/** HOP: the panes of a window are added up beside the state, for each is needed again by the next windows. */
export class HopStore extends PaneStore<HopSpec> {
  private readonly scratch = createStateBackend();
  private readonly sums: KeyedColumns;
  private readonly merger: PaneMerger;
  private readonly scratchAggregates: AggregateSet;

  /** `aggregatesOver`: the same aggregates with their own values, over another state. */
  constructor(window: HopSpec, parts: StoreParts & { readonly aggregatesOver: (state: StateContext) => AggregateSet }) {
    super(window, parts);
    const { aggregates, aggregatesOver } = parts;
    this.scratchAggregates = aggregatesOver(this.scratch);
    this.sums = this.scratch.keyedColumns('windows', { columns: aggregates.stateTypes });
    this.merger = new PaneMerger(aggregates, this.scratchAggregates);
  }

  protected fire(end: number): void {
    const start = windowStart(this.window, end);
    const panes = this.panes.namespaces().filter((pane) => pane > start && pane <= end);
    if (panes.length === 1) {
      this.emitter.emit(end, this.panes.namespace(panes[0]));
      return;
    }
    const sums = this.sums.namespace(0);
    for (const pane of panes) this.merger.merge(pane, this.panes.namespace(pane), 0, sums);
    this.emitter.emit(end, sums);
    this.sums.drop(0);
    this.scratchAggregates.drop(0);
  }
}

/** CUMULATE: a pane that went out is added to the first pane of its windows, which so holds the latest of them. */
export class CumulateStore extends PaneStore<CumulateSpec> {
  private readonly merger: PaneMerger;

  constructor(window: CumulateSpec, parts: StoreParts) {
    super(window, parts);
    const { aggregates } = parts;
    this.merger = new PaneMerger(aggregates, aggregates);
  }

  override namespace(pane: number): number {
    return isClosed(pane, this.watermark, this.clock) ? this.firstPane(pane) : pane;
  }

  protected fire(end: number): void {
    const first = this.firstPane(end);
    const table = this.panes.namespace(first);
    const pane = end === first ? undefined : this.panes.peek(end);
    if (pane !== undefined) {
      this.merger.merge(end, pane, first, table);
      this.drop(end);
    }
    this.emitter.emit(end, table);
  }

  private firstPane(end: number): number {
    return windowStart(this.window, end) + this.window.step;
  }
}
