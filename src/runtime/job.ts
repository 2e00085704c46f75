import type { EpochCommit, SplitRow } from '../checkpoint/epoch-commit.ts';
import type { RecoveryDecision } from '../checkpoint/recovery.ts';
import { MIN_WATERMARK } from '../data/batch.ts';
import type { HeadwaterError } from '../data/errors.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import type { EpochTiming } from './epochs.ts';
import type { JobEnvironment } from './job-environment.ts';
import type { JobOptions } from './job-options.ts';
import { JobRun, type RunEnd } from './job-run.ts';
import type { TaskCounters, TaskSnapshot } from './messages.ts';
import { decideRestart, isOutage, quarantined } from './restart-policy.ts';

export type { JobOptions } from './job-options.ts';

export type JobStatus =
  'starting' | 'running' | 'restarting' | 'stopping' | 'finished' | 'stopped' | 'cancelled' | 'failed';

export function hasEnded(status: JobStatus): boolean {
  return ['finished', 'stopped', 'cancelled', 'failed'].includes(status);
}

/** How a job ended. */
export interface JobEnd {
  readonly status: 'finished' | 'stopped' | 'cancelled' | 'failed';
  readonly error: HeadwaterError | undefined;
}

/**
 * One job on the main thread: a run from its checkpoint, and after a dead engine thread another one, with back-off.
 * A job that ends its thread again and again is quarantined. A failure of its own tasks ends it at once: the same
 * input would fail it again.
 */
export class Job {
  readonly name: string;
  readonly plan: PhysicalPlan;
  readonly options: JobOptions;
  readonly done: Promise<JobEnd>;
  status: JobStatus = 'starting';
  /** Why it failed, or why it is restarting. */
  error: HeadwaterError | undefined;
  restarts = 0;
  epochsCommitted = 0;
  bytesWritten = 0;
  watermark = MIN_WATERMARK;
  /** The last durable epoch, of this run or of an earlier one; 0 before the first. */
  committedEpoch = 0;

  private readonly env: JobEnvironment;
  private readonly failures: number[] = [];
  private run: JobRun;
  private timer: NodeJS.Timeout | undefined;
  private finish!: (end: JobEnd) => void;

  constructor(plan: PhysicalPlan, options: JobOptions, env: JobEnvironment) {
    this.name = plan.jobName;
    this.plan = plan;
    this.options = options;
    this.env = env;
    this.run = this.newRun(options);
    this.done = new Promise((resolve) => (this.finish = resolve));
  }

  private newRun(options: JobOptions): JobRun {
    return new JobRun(this.plan, options, this.env, {
      committed: (commit, snapshots, timing) => this.onCommitted(commit, snapshots, timing),
    });
  }

  get counters(): readonly (TaskCounters | undefined)[] {
    return this.run.counters;
  }

  get isCommitting(): boolean {
    return this.run.isCommitting;
  }

  /** What the job restored from, for the curious and for tests. */
  get recovery(): RecoveryDecision | undefined {
    return this.run.recovery;
  }

  get restoredSplits(): readonly SplitRow[] {
    return this.run.restoredSplits;
  }

  /** Recovers and starts to run. Rejects with what is wrong with the input; later failures end the job (see `done`). */
  async start(): Promise<void> {
    void this.run.done.then((end) => this.onRunEnd(end));
    await this.launch();
  }

  private async launch(): Promise<void> {
    const { run } = this;
    try {
      await run.start();
    } finally {
      this.committedEpoch = Math.max(this.committedEpoch, run.firstEpoch);
    }
    if (!run.hasEnded && (this.status === 'starting' || this.status === 'restarting')) this.status = 'running';
  }

  private onCommitted(commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming): void {
    this.committedEpoch = commit.epoch;
    this.epochsCommitted += 1;
    this.watermark = commit.watermark;
    for (const row of commit.state) this.bytesWritten += row.bytes.length;
    for (const row of commit.outputs) this.bytesWritten += row.bytes.length;
    this.env.onCommitted(this, commit, snapshots, timing);
  }

  private onRunEnd(end: RunEnd): void {
    if (end.status !== 'thread-died') {
      this.end(end.status, end.error);
      return;
    }
    if (end.error !== undefined) this.restartLater(end.error, end.blamed);
  }

  private restartLater(error: HeadwaterError, blamed: boolean): void {
    if (this.status === 'stopping') {
      this.end('failed', error);
      return;
    }
    const now = this.env.monotonic();
    if (blamed) this.failures.push(now);
    const decision = decideRestart(this.failures, now, this.env.restartPolicy);
    if (decision.action === 'quarantine') {
      this.end('failed', quarantined(this.name, decision.failures, this.env.restartPolicy.window, error));
      return;
    }
    this.status = 'restarting';
    this.error = error;
    this.env.log(
      'error',
      `${this.name}: ${error.message}; runs again from epoch ${this.committedEpoch} in ${decision.delay} ms`,
    );
    this.timer = setTimeout(() => void this.restart(), decision.delay);
  }

  private async restart(): Promise<void> {
    this.restarts += 1;
    this.run = this.newRun({ ...this.options, fresh: false, rebuildTables: [], patient: true });
    const { run } = this;
    try {
      await this.launch();
    } catch (error) {
      const end = await run.done;
      if (end.status === 'failed') this.restartLater(end.error ?? (error as HeadwaterError), !isOutage(end.error));
      return;
    }
    this.error = undefined;
    this.env.log('info', `${this.name}: runs again, from epoch ${run.firstEpoch}`);
    this.onRunEnd(await run.done);
  }

  /** The bytes of this committed epoch are not read any more. */
  release(epoch: number): void {
    this.run.release(epoch);
  }

  /** Ends with a last checkpoint; while it waits for a restart, at its last committed epoch. */
  async stop(): Promise<JobEnd> {
    if (this.status === 'running') {
      this.status = 'stopping';
      this.run.stop();
    } else if (this.status === 'restarting') {
      await this.endWaiting('stopped');
    }
    return this.done;
  }

  /** Ends at once, at the last committed epoch. */
  async cancel(): Promise<JobEnd> {
    await this.endWaiting('cancelled');
    return this.done;
  }

  private async endWaiting(status: 'stopped' | 'cancelled'): Promise<void> {
    clearTimeout(this.timer);
    await this.run.cancel();
    this.end(status, undefined);
  }

  /** Something that works for the job has failed for good. */
  async fail(error: HeadwaterError): Promise<void> {
    await this.run.fail(error);
  }

  /** Injects a barrier now. */
  checkpoint(): void {
    this.run.checkpoint();
  }

  private end(status: JobEnd['status'], error: HeadwaterError | undefined): void {
    if (hasEnded(this.status)) return;
    clearTimeout(this.timer);
    this.status = status;
    this.error = error;
    this.finish({ status, error });
  }
}
