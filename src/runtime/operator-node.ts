import type { Batch } from '../data/batch.ts';
import type { SlabPool } from '../data/slab-pool.ts';
import type { Operator } from '../operators/operator.ts';
import type { StateBackend } from '../state/contracts.ts';
import type { StateRow } from '../checkpoint/epoch-commit.ts';
import type { Fanout } from './fanout.ts';
import type { Receiver } from './input-gate.ts';

/** Told when a barrier has passed a node, with what the node has to save. */
export type OnBarrier = (epoch: number, state: readonly StateRow[]) => void;

/** Runs one operator: at a barrier it flushes, snapshots the state and passes the barrier on. */
export class OperatorNode implements Receiver {
  readonly id: string;
  readonly backend: StateBackend;
  private readonly operator: Operator;
  private readonly output: Fanout;
  private readonly task: number;
  private readonly slabs: SlabPool;
  private readonly isFull: (epoch: number) => boolean;
  private readonly onBarrier: OnBarrier;

  constructor(parts: {
    id: string;
    task: number;
    operator: Operator;
    backend: StateBackend;
    output: Fanout;
    /** Memory of its state's blobs. */
    slabs: SlabPool;
    isFull: (epoch: number) => boolean;
    onBarrier: OnBarrier;
  }) {
    this.id = parts.id;
    this.task = parts.task;
    this.operator = parts.operator;
    this.backend = parts.backend;
    this.output = parts.output;
    this.slabs = parts.slabs;
    this.isFull = parts.isFull;
    this.onBarrier = parts.onBarrier;
  }

  get blocked(): boolean {
    return this.output.blocked;
  }

  batch(input: number, batch: Batch): void {
    this.operator.process(input, batch);
  }

  watermark(time: number): void {
    this.operator.watermark(time);
  }

  /** Of its state, and of what it holds until the next flush. */
  bytes(): number {
    return this.backend.bytes() + (this.operator.heldBytes?.() ?? 0);
  }

  nextTimer(): number {
    return this.operator.nextTimer?.() ?? Infinity;
  }

  onTimer(now: number): void {
    this.operator.onTimer?.(now);
  }

  barrier(epoch: number): void {
    this.operator.flush?.();
    const state = this.backend.snapshot(this.isFull(epoch), this.slabs.allocate).map((blob) => ({
      operator: this.id,
      task: this.task,
      table: blob.table,
      full: blob.full,
      bytes: blob.bytes,
    }));
    this.slabs.seal(epoch);
    this.output.barrier(epoch);
    this.onBarrier(epoch, state);
  }
}
