import type { Batch } from '../data/batch.ts';
import type { StateContext } from '../state/contracts.ts';

/**
 * Rows and time only: an operator knows no barrier, source, sink, thread or SQLite. Everything it remembers between
 * calls lives in the state that its context gave it, or is derived and flushed by `flush`.
 */
export interface Operator {
  /** Consumes a batch of input `input`. The batch is valid only until this returns. */
  process(input: number, batch: Batch): void;
  /** The merged watermark of all inputs, strictly rising. The operator emits what it fires, then forwards the time
   *  with `output.watermark`. */
  watermark(time: number): void;
  /** Emits everything held only in memory (a local pre-aggregate). Called before each barrier, watermark and at the end. */
  flush?(): void;
  /** Bytes of what `flush` would emit, and of what is kept ready for it. */
  heldBytes?(): number;
  /** When something falls due by the wall clock, epoch milliseconds; Infinity when nothing does. */
  nextTimer?(): number;
  /** The clock has reached `nextTimer`, with or without rows. */
  onTimer?(now: number): void;
}

/** Where an operator sends its results. The batch may be reused by the caller after `emit` returns. */
export interface Output {
  emit(batch: Batch): void;
  watermark(time: number): void;
}

export interface OperatorContext {
  readonly operatorId: string;
  readonly state: StateContext;
  readonly output: Output;
  /** Wall clock, epoch milliseconds (processing time, TTL). */
  readonly now: () => number;
  /** Id of the session's time zone. */
  readonly zone: string;
  /** Rows after which a local phase is judged (see LocalReduction); JUDGED_ROWS when not given. */
  readonly judgedRows?: number;
  /** Adds to a named counter of this operator (`lateRecordsDropped`, ...). */
  readonly count: (counter: string, by: number) => void;
}
