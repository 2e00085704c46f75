import type { CoordinatorPolicy } from '../checkpoint/coordinator.ts';
import type { EpochCommit, SplitRow, StateRow } from '../checkpoint/epoch-commit.ts';
import type { RestoredState } from '../checkpoint/epoch-store.ts';
import { decideRecovery, type RecoveryDecision } from '../checkpoint/recovery.ts';
import { MIN_WATERMARK } from '../data/batch.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import { EpochLoop } from './epochs.ts';
import type { JobEnvironment } from './job-environment.ts';
import type { EngineReport, TaskCounters, TaskSnapshot, TaskSpec } from './messages.ts';
import { deserializeError } from './serialized-error.ts';
import { StoreFailure } from './store-client.ts';

export type JobStatus = 'starting' | 'running' | 'stopping' | 'finished' | 'stopped' | 'cancelled' | 'failed';

export interface JobOptions {
  readonly parallelism: number;
  readonly fresh: boolean;
  readonly acceptChangedState: readonly string[];
  readonly maxRows: number;
  readonly memoryLimit: number;
  readonly policy: CoordinatorPolicy;
}

/** How a job ended. */
export interface JobEnd {
  readonly status: 'finished' | 'stopped' | 'cancelled' | 'failed';
  readonly error: HeadwaterError | undefined;
}

const DISK_RETRY_MS = 1000;

/** One job on the main thread: recovery, deployment, epochs, end. Its work happens in the tasks. */
export class Job {
  readonly name: string;
  readonly plan: PhysicalPlan;
  readonly options: JobOptions;
  readonly done: Promise<JobEnd>;
  status: JobStatus = 'starting';
  error: HeadwaterError | undefined;
  /** Counters of each task, at most a tenth of a second old while it works. */
  readonly counters: (TaskCounters | undefined)[];
  epochsCommitted = 0;
  bytesWritten = 0;
  watermark = MIN_WATERMARK;
  /** What the job restored from, for the curious and for tests. */
  recovery: RecoveryDecision | undefined;
  restoredSplits: readonly SplitRow[] = [];

  private readonly env: JobEnvironment;
  private epochs: EpochLoop | undefined;
  private readonly ready = new Set<number>();
  private readonly sourcesFinished = new Set<number>();
  private finish!: (end: JobEnd) => void;
  private becomeReady!: () => void;
  private readonly allReady: Promise<void>;
  private ended = false;

  constructor(plan: PhysicalPlan, options: JobOptions, env: JobEnvironment) {
    this.name = plan.jobName;
    this.plan = plan;
    this.options = options;
    this.env = env;
    this.counters = new Array<TaskCounters | undefined>(options.parallelism).fill(undefined);
    this.done = new Promise((resolve) => (this.finish = resolve));
    this.allReady = new Promise((resolve) => (this.becomeReady = resolve));
  }

  /** The last durable epoch, of this run or of an earlier one; 0 before the first. */
  committedEpoch = 0;

  get isCommitting(): boolean {
    return this.epochs?.isCommitting ?? false;
  }

  /** Recovers and starts to run. Rejects with what is wrong with the input; later failures end the job (see `done`). */
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
    const { generation, summary } = await store.open(
      this.name,
      this.env.jobPath(this.name),
      this.env.outputTables(this.plan),
      this.options.fresh,
    );
    const identities = this.plan.nodes.map((node) => ({ id: node.id, fingerprint: node.fingerprint }));
    const decision = decideRecovery(summary, identities, this.options);
    this.recovery = decision;
    if (decision.action === 'start-fresh' && (decision.discard || this.options.fresh)) await store.discard(this.name);
    this.committedEpoch = decision.action === 'start-fresh' ? 0 : decision.epoch;
    await this.env.loadImages(this.name, this.plan, this.committedEpoch === 0 ? undefined : summary);
    if (decision.action === 'already-finished') {
      await this.end('finished', undefined);
      return;
    }
    const restored = decision.action === 'resume' ? await store.restore(this.name) : undefined;
    const splits = await this.planSplits(restored);
    this.epochs = this.createEpochLoop(decision, generation);
    this.deploy(restored, splits, decision, generation);
    await this.allReady;
    if (this.ended) return;
    this.status = 'running';
    for (let task = 0; task < this.options.parallelism; task++) {
      this.env.engines.send(task, { type: 'start', job: this.name, task });
    }
    this.epochs.start();
  }

  private createEpochLoop(decision: RecoveryDecision, generation: number): EpochLoop {
    const resumed = decision.action === 'resume';
    return new EpochLoop(
      {
        injectBarrier: (epoch, full) => this.injectBarrier(epoch, full),
        commit: (commit, snapshots) => this.commit(commit, snapshots),
        fail: (error) => void this.end('failed', error instanceof StoreFailure ? error.error : error),
        monotonic: this.env.monotonic,
      },
      {
        parallelism: this.options.parallelism,
        generation,
        firstEpoch: resumed ? decision.epoch + 1 : 1,
        firstFull: resumed && (decision.rescaled || decision.drop.length > 0),
        policy: this.options.policy,
      },
    );
  }

  /** Splits that exist now, with the positions of the checkpoint where it has them. */
  private async planSplits(restored: RestoredState | undefined): Promise<SplitRow[]> {
    const rows: SplitRow[] = [];
    for (const node of this.plan.nodes) {
      if (node.op !== 'source') continue;
      const known = new Map(restored?.splits.filter((row) => row.source === node.id).map((row) => [row.split, row]));
      for (const { split, start } of await this.env.discover(node, restored?.schemas ?? [], known.size > 0)) {
        const row = known.get(split.id);
        known.delete(split.id);
        rows.push(
          row ?? { source: node.id, split: split.id, position: start, watermark: MIN_WATERMARK, finished: false },
        );
      }
      if (known.size > 0) {
        throw new HeadwaterError(
          'split-vanished',
          `table ${node.table.name} no longer has ${[...known.keys()].join(', ')}, which the checkpoint has read: ` +
            'expected the splits of the checkpoint; was the topic recreated with fewer partitions?',
          { kind: 'runtime' },
        );
      }
    }
    this.restoredSplits = restored?.splits ?? [];
    return rows;
  }

  private deploy(
    restored: RestoredState | undefined,
    splits: readonly SplitRow[],
    decision: RecoveryDecision,
    generation: number,
  ): void {
    const dropped = new Set(decision.action === 'resume' ? decision.drop : []);
    const state: StateRow[] = (restored?.state ?? []).filter((row) => !dropped.has(row.operator));
    const specs = Array.from({ length: this.options.parallelism }, (_, task): TaskSpec => ({
      job: this.name,
      task,
      parallelism: this.options.parallelism,
      plan: this.plan,
      dataDir: this.env.dataDir,
      generation,
      splits: splits.filter((_row, i) => i % this.options.parallelism === task),
      state,
      schemas: restored?.schemas ?? [],
      maxRows: this.options.maxRows,
      memoryLimit: Math.floor(this.options.memoryLimit / this.options.parallelism),
      seed: this.env.seed(),
    }));
    this.env.engines.listen(this.name, (report) => this.onReport(report));
    this.env.engines.deploy(specs);
  }

  private onReport(report: EngineReport): void {
    if (this.ended) return;
    switch (report.type) {
      case 'ready':
        this.ready.add(report.task);
        if (this.ready.size === this.options.parallelism) this.becomeReady();
        break;
      case 'staged':
        this.epochs?.staged(report.bytes);
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
        this.env.log(report.level, `${this.name}: ${report.message}`);
        break;
      case 'failed':
        if (report.task < this.options.parallelism) void this.end('failed', deserializeError(report.error));
        break;
    }
  }

  private injectBarrier(epoch: number, full: boolean): void {
    for (let task = 0; task < this.options.parallelism; task++) {
      this.env.engines.send(task, { type: 'barrier', job: this.name, task, epoch, full });
    }
  }

  private async commit(commit: EpochCommit, snapshots: readonly TaskSnapshot[]): Promise<void> {
    const operators = this.plan.nodes.map((node) => ({ id: node.id, fingerprint: node.fingerprint }));
    await this.commitDurably(commit, operators);
    if (this.ended) return;
    this.committedEpoch = commit.epoch;
    this.epochsCommitted += 1;
    this.watermark = commit.watermark;
    for (const row of commit.state) this.bytesWritten += row.bytes.length;
    for (const row of commit.outputs) this.bytesWritten += row.bytes.length;
    this.env.onCommitted(this, commit, snapshots);
    if (commit.finished) await this.end('finished', undefined);
    else if (this.status === 'stopping' && this.epochs?.isFinal(commit.epoch)) await this.end('stopped', undefined);
  }

  /** A full disk pauses the job: nothing is acknowledged, it asks again and says so. */
  private async commitDurably(
    commit: EpochCommit,
    operators: readonly { id: string; fingerprint: string }[],
  ): Promise<void> {
    let paused = false;
    for (;;) {
      try {
        await this.env.store.commit(this.name, commit, operators);
        if (paused) this.pauseSources(false);
        return;
      } catch (error) {
        if (!(error instanceof StoreFailure) || !error.retry || this.ended) throw error;
        this.env.log('error', `${this.name}: the disk is full, epoch ${commit.epoch} waits: ${error.message}`);
        if (!paused) this.pauseSources(true);
        paused = true;
        await new Promise((resolve) => setTimeout(resolve, DISK_RETRY_MS));
      }
    }
  }

  private pauseSources(paused: boolean): void {
    if (!paused) this.env.log('info', `${this.name}: there is space on the disk again, the job goes on`);
    for (let task = 0; task < this.options.parallelism; task++) {
      this.env.engines.send(task, { type: 'pause', job: this.name, task, paused });
    }
  }

  /** Ends with a last checkpoint. */
  async stop(): Promise<JobEnd> {
    if (this.status === 'running') {
      this.status = 'stopping';
      this.epochs?.requestFinal();
    }
    return this.done;
  }

  /** Ends at once, at the last committed epoch. */
  async cancel(): Promise<JobEnd> {
    await this.end('cancelled', undefined);
    return this.done;
  }

  /** Injects a barrier now. */
  checkpoint(): void {
    this.epochs?.triggerNow();
  }

  private async end(status: JobEnd['status'], cause: unknown): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    this.status = status;
    this.error =
      cause === undefined || cause instanceof HeadwaterError
        ? cause
        : new HeadwaterError('internal-error', String(cause), { kind: 'runtime', cause });
    this.epochs?.stop();
    for (let task = 0; task < this.options.parallelism; task++) {
      this.env.engines.send(task, { type: 'dispose', job: this.name, task });
    }
    this.env.engines.unlisten(this.name);
    this.becomeReady();
    await this.env.store.close(this.name).catch(() => undefined);
    this.finish({ status, error: this.error });
  }
}
