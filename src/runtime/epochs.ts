import {
  type CoordinatorPolicy,
  type CoordinatorState,
  decideBarrier,
  wantsFullSnapshot,
} from '../checkpoint/coordinator.ts';
import type { EpochCommit, StateRow } from '../checkpoint/epoch-commit.ts';
import { MAX_WATERMARK } from '../data/batch.ts';
import type { TaskSnapshot } from './messages.ts';

/** When an epoch's barrier went out, and when the last task's snapshot was there: milliseconds, monotonic. */
export interface EpochTiming {
  readonly triggered: number;
  readonly aligned: number;
}

/** What the epoch loop needs from its job. */
export interface EpochHost {
  injectBarrier(epoch: number, full: boolean): void;
  /** Makes the epoch durable; called for one epoch at a time, in order. Rejects only when the job has to fail. */
  commit(commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming): Promise<void>;
  fail(error: unknown): void;
  readonly monotonic: () => number;
}

interface PendingEpoch {
  readonly snapshots: TaskSnapshot[];
  readonly triggered: number;
  aligned: number;
}

/** Runs a job's epochs: decides when barriers go out, gathers the tasks' snapshots, commits in order. */
export class EpochLoop {
  private readonly host: EpochHost;
  private readonly parallelism: number;
  private readonly generation: number;
  private readonly policy: CoordinatorPolicy;
  private readonly pending = new Map<number, PendingEpoch>();
  private readonly forcedFull = new Set<number>();
  private readonly backlogs = new Set<number>();
  private finalEpoch: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private state: CoordinatorState;
  private committing = false;
  private stopped = false;
  private fullBytes = 0;
  private deltaBytes = 0;
  private wantFull: boolean;

  constructor(
    host: EpochHost,
    options: {
      parallelism: number;
      generation: number;
      firstEpoch: number;
      firstFull: boolean;
      policy: CoordinatorPolicy;
    },
  ) {
    this.host = host;
    this.parallelism = options.parallelism;
    this.generation = options.generation;
    this.policy = options.policy;
    this.wantFull = options.firstFull;
    const now = host.monotonic();
    this.state = {
      triggered: options.firstEpoch - 1,
      committed: options.firstEpoch - 1,
      lastTrigger: now,
      lastCommit: now,
      stagedBytes: 0,
      backlog: false,
      finalWanted: false,
    };
  }

  get committedEpoch(): number {
    return this.state.committed;
  }

  /** An epoch is on its way to the disk: it may be durable and not yet known to be. */
  get isCommitting(): boolean {
    return this.committing;
  }

  start(): void {
    this.consider();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** A task has staged output since the last barrier. */
  staged(bytes: number): void {
    this.state = { ...this.state, stagedBytes: this.state.stagedBytes + bytes };
    this.consider();
  }

  /** A task's sources work through a backlog from now on, or have caught up. */
  backlog(task: number, backlog: boolean): void {
    if (backlog) this.backlogs.add(task);
    else this.backlogs.delete(task);
    this.state = { ...this.state, backlog: this.backlogs.size > 0 };
    this.consider();
  }

  /** One last barrier is wanted as soon as possible: all sources are at their ends, or a stop was asked for. */
  requestFinal(): void {
    this.state = { ...this.state, finalWanted: true };
    this.consider();
  }

  /** The epoch whose barrier answered a `requestFinal`. */
  isFinal(epoch: number): boolean {
    return epoch === this.finalEpoch;
  }

  /** Injects a barrier now (tests and savepoints). */
  triggerNow(): void {
    this.trigger();
  }

  private consider(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const decision = decideBarrier(this.state, this.policy, this.host.monotonic());
    if (decision.trigger) {
      this.trigger();
      this.consider();
    } else if (decision.waitMs !== undefined) {
      this.timer = setTimeout(() => this.consider(), Math.max(1, Math.ceil(decision.waitMs)));
    }
  }

  private trigger(): void {
    const epoch = this.state.triggered + 1;
    const full = this.wantFull;
    if (full) this.forcedFull.add(epoch);
    this.wantFull = false;
    if (this.state.finalWanted) this.finalEpoch = epoch;
    const now = this.host.monotonic();
    this.pending.set(epoch, { snapshots: [], triggered: now, aligned: now });
    this.state = {
      ...this.state,
      triggered: epoch,
      lastTrigger: now,
      stagedBytes: 0,
      finalWanted: false,
    };
    this.host.injectBarrier(epoch, full);
  }

  snapshot(snapshot: TaskSnapshot): void {
    const pending = this.pending.get(snapshot.epoch);
    if (pending !== undefined) {
      pending.snapshots.push(snapshot);
      pending.aligned = this.host.monotonic();
    }
    void this.commitReady();
  }

  private async commitReady(): Promise<void> {
    if (this.committing) return;
    this.committing = true;
    try {
      for (;;) {
        const epoch = this.state.committed + 1;
        const pending = this.pending.get(epoch);
        if (this.stopped || pending === undefined || pending.snapshots.length < this.parallelism) break;
        this.pending.delete(epoch);
        await this.commitEpoch(epoch, pending.snapshots, pending);
      }
    } catch (error) {
      this.host.fail(error);
    } finally {
      this.committing = false;
    }
  }

  private async commitEpoch(epoch: number, snapshots: readonly TaskSnapshot[], timing: EpochTiming): Promise<void> {
    const full = this.forcedFull.delete(epoch);
    const state = snapshots.flatMap((snapshot) => snapshot.state);
    const commit: EpochCommit = {
      epoch,
      generation: this.generation,
      watermark: Math.min(MAX_WATERMARK, ...snapshots.map((snapshot) => snapshot.counters.watermark)),
      parallelism: this.parallelism,
      finished: snapshots.every((snapshot) => snapshot.sourcesFinished),
      full,
      state,
      splits: snapshots.flatMap((snapshot) => snapshot.splits),
      schemas: snapshots.flatMap((snapshot) => snapshot.schemas),
      outputs: snapshots.flatMap((snapshot) => snapshot.outputs),
    };
    this.account(state, full);
    await this.host.commit(commit, snapshots, timing);
    const hadOutput = commit.outputs.length > 0 || snapshots.some((snapshot) => snapshot.collected.length > 0);
    const lastCommit = hadOutput ? this.host.monotonic() : this.state.lastCommit;
    this.state = { ...this.state, committed: epoch, lastCommit };
    this.consider();
  }

  private account(state: readonly StateRow[], full: boolean): void {
    const bytes = state.reduce((sum, row) => sum + row.bytes.length, 0);
    if (full) {
      this.fullBytes = bytes;
      this.deltaBytes = 0;
    } else {
      this.deltaBytes += bytes;
    }
    if (wantsFullSnapshot(this.fullBytes, this.deltaBytes)) this.wantFull = true;
  }
}
