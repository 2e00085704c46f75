import { dirname } from 'node:path';
import type { EpochCommit, SplitRow, StateRow } from '../checkpoint/epoch-commit.ts';
import type { RestoredState } from '../checkpoint/epoch-store.ts';
import { decideRecovery, type RecoveryDecision } from '../checkpoint/recovery.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import { commitDurably } from './durable-commit.ts';
import { EpochLoop, type EpochTiming } from './epochs.ts';
import type { JobEnvironment } from './job-environment.ts';
import type { JobOptions } from './job-options.ts';
import type { EngineReport, TaskCounters, TaskSnapshot } from './messages.ts';
import { Pacing } from './pacing.ts';
import { dealSplits, planSplits } from './plan-splits.ts';
import { RateLimit } from './rate-limit.ts';
import { deserializeError } from './serialized-error.ts';
import { StoreFailure } from './store-client.ts';

/** How one run of a job ended; `thread-died`: the job may run again from its last checkpoint. */
export interface RunEnd {
  readonly status: 'finished' | 'stopped' | 'cancelled' | 'failed' | 'thread-died';
  readonly error: HeadwaterError | undefined;
  /** The thread died while it worked for this job, or for none that is known. */
  readonly blamed: boolean;
}

/** What a run tells its job. */
export interface RunHost {
  /** The epoch is durable. */
  committed(commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming): void;
}

/** One run of a job, from its checkpoint on: recovery, deployment, epochs, end. The work happens in the tasks. */
export class JobRun {
  readonly done: Promise<RunEnd>;
  /** Counters of each task, at most a tenth of a second old while it works. */
  readonly counters: (TaskCounters | undefined)[];
  recovery: RecoveryDecision | undefined;
  restoredSplits: readonly SplitRow[] = [];
  /** The epoch that the run began after; 0 when it began anew. */
  firstEpoch = 0;

  private readonly plan: PhysicalPlan;
  private readonly options: JobOptions;
  private readonly env: JobEnvironment;
  private readonly host: RunHost;
  private generation = 0;
  private lastEpoch = 0;
  private epochs: EpochLoop | undefined;
  private inFlight: Promise<void> | undefined;
  private stopping = false;
  private readonly ready = new Set<number>();
  private readonly sourcesFinished = new Set<number>();
  private finish!: (end: RunEnd) => void;
  private becomeReady!: () => void;
  private readonly allReady: Promise<void>;
  private ended = false;

  constructor(plan: PhysicalPlan, options: JobOptions, env: JobEnvironment, host: RunHost) {
    this.plan = plan;
    this.options = options;
    this.env = env;
    this.host = host;
    this.counters = new Array<TaskCounters | undefined>(options.parallelism).fill(undefined);
    this.done = new Promise((resolve) => (this.finish = resolve));
    this.allReady = new Promise((resolve) => (this.becomeReady = resolve));
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  get isCommitting(): boolean {
    return this.epochs?.isCommitting ?? false;
  }

  /** Recovers and starts to run. Rejects with what is wrong with the input; later failures end the run (see `done`). */
  async start(): Promise<void> {
    try {
      await this.launch();
    } catch (error) {
      const cause = error instanceof StoreFailure ? error.error : error;
      await this.end('failed', cause);
      throw cause;
    }
  }

  private async launch(): Promise<void> {
    const { store } = this.env;
    const job = this.plan.jobName;
    // What an earlier run of this job left behind must not meet the new generation.
    await this.env.leaveTables(job);
    const { generation, summary } = await store.open(
      job,
      this.env.jobPath(job),
      this.env.outputTables(this.plan),
      this.options.fresh,
    );
    this.generation = generation;
    const identities = this.plan.nodes.map((node) => ({ id: node.id, fingerprint: node.fingerprint }));
    const decision = decideRecovery(summary, identities, this.options);
    this.recovery = decision;
    if (decision.action === 'start-fresh' && (decision.discard || this.options.fresh)) await store.discard(job);
    this.firstEpoch = decision.action === 'start-fresh' ? 0 : decision.epoch;
    this.lastEpoch = this.firstEpoch;
    await this.env.loadImages(job, this.plan, this.firstEpoch === 0 ? undefined : summary);
    await this.env.followTables(this.plan, generation, this.options);
    await this.env.recoverFiles(this.plan, this.firstEpoch);
    if (decision.action === 'already-finished') {
      await this.end('finished', undefined);
      return;
    }
    const restored = decision.action === 'resume' ? await store.restore(job) : undefined;
    const splits = await planSplits(this.plan, restored, this.env.discover);
    this.restoredSplits = restored?.splits ?? [];
    if (this.ended) return;
    this.epochs = this.createEpochLoop(decision);
    this.deploy(restored, splits, decision);
    await this.allReady;
    if (this.ended) return;
    this.sendAll((task) => ({ type: 'start', job, task }));
    this.epochs.start();
  }

  private createEpochLoop(decision: RecoveryDecision): EpochLoop {
    const resumed = decision.action === 'resume';
    return new EpochLoop(
      {
        injectBarrier: (epoch, full) => this.injectBarrier(epoch, full),
        commit: (commit, snapshots, timing) => this.commit(commit, snapshots, timing),
        fail: (error) => void this.end('failed', error instanceof StoreFailure ? error.error : error),
        monotonic: this.env.monotonic,
      },
      {
        parallelism: this.options.parallelism,
        generation: this.generation,
        firstEpoch: resumed ? decision.epoch + 1 : 1,
        firstFull: resumed && (decision.rescaled || decision.drop.length > 0),
        policy: this.options.policy,
      },
    );
  }

  private deploy(restored: RestoredState | undefined, splits: readonly SplitRow[], decision: RecoveryDecision): void {
    const job = this.plan.jobName;
    const dropped = new Set(decision.action === 'resume' ? decision.drop : []);
    const state: StateRow[] = (restored?.state ?? []).filter((row) => !dropped.has(row.operator));
    const growing = this.env.growingSources(this.plan);
    const owners = dealSplits(splits, this.options.parallelism, (source) => growing.has(source));
    const pace = Pacing.share(this.options.parallelism);
    const rate = this.options.rateLimit;
    const rateLimit = rate === undefined ? undefined : RateLimit.share(rate);
    const specs = Array.from({ length: this.options.parallelism }, (_, task) => ({
      job,
      task,
      parallelism: this.options.parallelism,
      plan: this.plan,
      dataDir: this.env.dataDir,
      jobDir: dirname(this.env.jobPath(job)),
      generation: this.generation,
      splits: splits.filter((_, i) => owners[i].task === task),
      owners,
      state,
      schemas: restored?.schemas ?? [],
      maxRows: this.options.maxRows,
      memoryLimit: Math.floor(this.options.memoryLimit / this.options.parallelism),
      seed: this.env.seed(),
      pace,
      rateLimit,
    }));
    this.env.engines.listen(job, (report) => this.onReport(report));
    this.env.engines.deploy(specs);
  }

  private onReport(report: EngineReport): void {
    // A task of an earlier run may still have a word on its way.
    if (this.ended || report.generation !== this.generation) return;
    switch (report.type) {
      case 'ready':
        this.ready.add(report.task);
        if (this.ready.size === this.options.parallelism) this.becomeReady();
        break;
      case 'staged':
        this.epochs?.staged(report.bytes);
        break;
      case 'backlog':
        this.epochs?.backlog(report.task, report.backlog);
        break;
      case 'stats':
        this.counters[report.task] = report.counters;
        break;
      case 'sources-finished':
        this.sourcesFinished.add(report.task);
        if (this.sourcesFinished.size === this.options.parallelism) this.epochs?.requestFinal();
        break;
      case 'snapshot':
        this.counters[report.task] = report.snapshot.counters;
        this.epochs?.snapshot(report.snapshot);
        break;
      case 'log':
        this.env.log(report.level, `${this.plan.jobName}: ${report.message}`);
        break;
      case 'failed':
        void this.end('failed', deserializeError(report.error));
        break;
      case 'thread-died':
        void this.end('thread-died', deserializeError(report.error), report.blamed);
        break;
    }
  }

  private injectBarrier(epoch: number, full: boolean): void {
    this.sendAll((task) => ({ type: 'barrier', job: this.plan.jobName, task, epoch, full }));
  }

  private sendAll(command: (task: number) => Parameters<JobEnvironment['engines']['send']>[1]): void {
    for (let task = 0; task < this.options.parallelism; task++) this.env.engines.send(task, command(task));
  }

  private async commit(commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming): Promise<void> {
    this.inFlight = this.makeDurable(commit, snapshots, timing);
    await this.inFlight;
    if (this.ended) return;
    if (commit.finished) await this.end('finished', undefined);
    else if (this.stopping && this.epochs?.isFinal(commit.epoch)) await this.end('stopped', undefined);
  }

  /** An epoch that became durable is told to the job, even when the run has ended in the meantime. */
  private async makeDurable(
    commit: EpochCommit,
    snapshots: readonly TaskSnapshot[],
    timing: EpochTiming,
  ): Promise<void> {
    const operators = this.plan.nodes.map((node) => ({ id: node.id, fingerprint: node.fingerprint }));
    let paused = false;
    await commitDurably(this.env.store, this.plan.jobName, commit, operators, {
      paused: ({ code, message }) => {
        const what = code === 'disk-full' ? 'the disk is full' : 'the data directory does not work';
        this.env.log('error', `${this.plan.jobName}: ${what}, epoch ${commit.epoch} waits: ${message}`);
        if (!paused) this.pauseSources(true);
        paused = true;
      },
      resumed: ({ code }) => {
        const what = code === 'disk-full' ? 'there is space on the disk again' : 'the data directory works again';
        this.env.log('info', `${this.plan.jobName}: ${what}, the job goes on`);
        this.pauseSources(false);
      },
      given: () => this.ended,
    });
    this.lastEpoch = commit.epoch;
    this.host.committed(commit, snapshots, timing);
  }

  private pauseSources(paused: boolean): void {
    this.sendAll((task) => ({ type: 'pause', job: this.plan.jobName, task, paused }));
  }

  /** The bytes of this epoch are not read any more: the tasks may use their memory again. */
  release(epoch: number): void {
    if (!this.ended) this.sendAll((task) => ({ type: 'release', job: this.plan.jobName, task, epoch }));
  }

  /** Asks for a last checkpoint, and ends with it. */
  stop(): void {
    this.stopping = true;
    this.epochs?.requestFinal();
  }

  /** Ends at once, at the last committed epoch. */
  cancel(): Promise<void> {
    return this.end('cancelled', undefined);
  }

  /** Something that works for the job has failed for good. */
  fail(error: HeadwaterError): Promise<void> {
    return this.end('failed', error);
  }

  /** Injects a barrier now. */
  checkpoint(): void {
    this.epochs?.triggerNow();
  }

  /** Redis gets the last epoch; a finished job's tables are looked after for as long as they are served. */
  private async endTables(status: RunEnd['status']): Promise<void> {
    const job = this.plan.jobName;
    if (status === 'finished' || status === 'stopped') {
      await Promise.all([this.env.drainTables(job, this.lastEpoch), this.env.finishFiles(job, this.lastEpoch)]);
    }
    if (status !== 'finished') await this.env.leaveTables(job);
  }

  private async end(status: RunEnd['status'], cause: unknown, blamed = false): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.epochs?.stop();
    this.sendAll((task) => ({ type: 'dispose', job: this.plan.jobName, task }));
    this.env.engines.unlisten(this.plan.jobName);
    this.becomeReady();
    await this.inFlight?.catch(() => undefined);
    await this.endTables(status);
    await this.env.store.close(this.plan.jobName).catch(() => undefined);
    this.finish({ status, error: asError(cause), blamed });
  }
}

function asError(cause: unknown): HeadwaterError | undefined {
  if (cause === undefined || cause instanceof HeadwaterError) return cause;
  return new HeadwaterError('internal-error', String(cause), { kind: 'runtime', cause });
}
