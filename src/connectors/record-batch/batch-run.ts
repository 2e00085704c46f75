import type { AbortedTransactions } from './aborted.ts';

/** Record batches of one partition as they came from a fetch, consumed from `at` to `end`. */
export interface BatchRun {
  readonly topic: string;
  readonly partition: number;
  /** BYTES_SLACK readable bytes follow `end`; `view` covers exactly `bytes`. A plain Uint8Array, not a Buffer. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  readonly end: number;
  /** The next offset wanted: moves past every batch taken. */
  nextOffset: number;
  /** Records at or after it are not wanted: Infinity when unbounded. */
  readonly toOffset: number;
  /** Epoch of the leader that wrote the last batch taken, -1 before the first. */
  leaderEpoch: number;
  /** The run ends with a whole batch (the embedded log): one that is cut off is then corrupt, not just for later. */
  readonly whole: boolean;
  /** Set once a batch was taken from this run. */
  taken: boolean;
  /** Aborted transactions of this fetch; undefined reads what is uncommitted too. */
  readonly aborted: AbortedTransactions | undefined;
  /** Records of the batch at `at` before this offset were taken already; unset when none were. */
  partOffset?: number;
  /** The bytes never left this process: their checksums are not checked. Absent for everything from outside. */
  readonly trusted?: boolean;
}
