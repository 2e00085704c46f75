import { MIN_WATERMARK } from '../data/batch.ts';
import type { KeyedTable, Scalars, StateContext } from '../state/contracts.ts';

/**
 * The open windows of a window aggregate. State is the same whether rows or partial accumulators come in. A pane is
 * known by its end; a tumbling window is one pane.
 */
export interface WindowStore {
  readonly watermark: number;
  /** Every window that holds the pane has gone out (or none does): rows for it are dropped. */
  isLate(pane: number): boolean;
  /** Where rows of a pane that is not late are added, and where the values of their aggregates are kept. */
  namespace(pane: number): number;
  table(namespace: number): KeyedTable;
  /** The watermark that closes the earliest window that is open and has rows; Infinity without. */
  nextClose(): number;
  /** Emits and forgets the windows that close at `time`, in order of their ends. */
  advance(time: number): void;
}

/** The watermark, kept in state so that what is late stays late after a restore. */
export class StoredWatermark {
  private readonly time: Scalars;

  constructor(state: StateContext) {
    this.time = state.scalars('watermark', 1);
  }

  get(): number {
    const stored = this.time.get(0);
    return Number.isNaN(stored) ? MIN_WATERMARK : stored;
  }

  raise(time: number): void {
    if (time > this.get()) this.time.set(0, time);
  }
}
