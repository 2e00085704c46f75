import type { BatchRun } from '../record-batch/assembler.ts';
import type { TopicPartition } from './position.ts';

/** A run of record batches of one partition, and how to give its buffer back once nothing refers to it. */
export interface HeldRun {
  readonly run: BatchRun;
  readonly release: () => void;
}

/** Where record batches come from: a broker or the embedded log. Nothing here blocks. */
export interface RunSource {
  /** The next run, partitions in turn; undefined when none is there now. Throws what cannot be retried. */
  take(): HeldRun | undefined;
  /** Calls back once when `take` may have something; at once when it has. */
  onReady(callback: () => void): void;
  /** Bytes of runs that are held and not released. */
  bytes(): number;
  /** The offset after the last readable record of a split, as far as known. */
  endOffset(split: string): number | undefined;
  /** Reads one more partition, from now on. */
  add(range: PartitionRange): void;
  close(): Promise<void>;
}

/** A partition to read: from `offset` up to, not including, `end`. */
export interface PartitionRange extends TopicPartition {
  readonly offset: number;
  /** Infinity when unbounded. */
  readonly end: number;
}

/** One waiting callback, called once. */
export class ReadySignal {
  private callback: (() => void) | undefined;

  wait(callback: () => void): void {
    this.callback = callback;
  }

  fire(): void {
    const callback = this.callback;
    this.callback = undefined;
    callback?.();
  }
}
