import type { SplitPosition } from './positions.ts';

/** Everything that one epoch of one job makes durable, in one SQLite transaction. */
export interface EpochCommit {
  readonly epoch: number;
  readonly generation: number;
  /** Lowest watermark over the sinks' inputs at the barrier, epoch milliseconds (MIN_WATERMARK before the first). */
  readonly watermark: number;
  readonly parallelism: number;
  /** The job is at the end of its bounded input. */
  readonly finished: boolean;
  /** Replaces all earlier state rows of the job. */
  readonly full: boolean;
  readonly state: readonly StateRow[];
  readonly splits: readonly SplitRow[];
  readonly schemas: readonly SchemaRow[];
  readonly outputs: readonly OutputRow[];
}

export interface StateRow {
  readonly operator: string;
  readonly task: number;
  readonly table: string;
  readonly full: boolean;
  readonly bytes: Uint8Array;
}

export interface SplitRow {
  /** Operator id of the source. */
  readonly source: string;
  readonly split: string;
  readonly position: SplitPosition;
  /** The split's own watermark. */
  readonly watermark: number;
  readonly finished: boolean;
}

export interface SchemaRow {
  readonly registry: string;
  readonly id: number;
  readonly text: string;
}

/** A chunk of the committed log of an output table. */
export interface OutputRow {
  readonly table: string;
  readonly index: number;
  readonly bytes: Uint8Array;
}
