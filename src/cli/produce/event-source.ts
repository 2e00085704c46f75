import type { Schema } from '../../data/types.ts';

/** Events to produce, one after another. Row, key and time are those of the last `next`; the row is used again. */
export interface EventSource {
  /** The topic, unless another one is asked for. */
  readonly name: string;
  /** Columns of schema version 1. */
  readonly schema: Schema;
  /** Columns that version 2 has behind them: nullable, so that old readers and new ones read both. */
  readonly added: Schema;
  /** Plain values of the columns of version 2. */
  readonly row: readonly unknown[];
  /** Null: the partitions in turn. */
  readonly key: Uint8Array | null;
  /** Event time, epoch milliseconds. */
  readonly time: number;
  /** Whether `next` may be called; otherwise call `load` first. */
  readonly ready: boolean;
  /** Reads more; false at the end. Errors: `bad-record`, `data-set-missing`. */
  load(): Promise<boolean>;
  /** `now`: the event time of something that happens now. A data set has times of its own. */
  next(now: number): void;
  /** Events that were made later than disorder allows for. */
  readonly late: number;
  close(): void;
}
