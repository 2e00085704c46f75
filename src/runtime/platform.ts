import { EventEmitter } from 'node:events';
import type { EpochCommit } from '../checkpoint/epoch-commit.ts';
import { HeadwaterError } from '../data/errors.ts';
import { releasePart } from '../data/slab-pool.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import { type Freshness, TableImage } from '../store/table-image.ts';
import { seededRandom } from './connector-context.ts';
import type { ConnectorSet } from './connector-set.ts';
import { DataDir } from './data-dir.ts';
import { discoverSplits, growingSources } from './discovery.ts';
import type { EpochTiming } from './epochs.ts';
import { featureSinks, storeTables } from './feature-tables.ts';
import { TableFeeds } from './feeds/table-feeds.ts';
import { FileTables } from './file-tables.ts';
import { hasEnded, Job, type JobOptions } from './job.ts';
import type { JobEnvironment } from './job-environment.ts';
import type { TaskSnapshot } from './messages.ts';
import { ProgressReports } from './progress-reports.ts';
import { RetainedLog } from './retained-log.ts';
import { RedisTables } from './redis-tables.ts';
import { DEFAULT_RESTART_POLICY, type RestartPolicy } from './restart-policy.ts';
import type { Threads } from './threads.ts';
import { TopicSinks } from './topic-sinks.ts';

export interface PlatformOptions {
  /** Where the embedded log lies. */
  readonly dataDir: string;
  /** Where job files lie; the data directory unless the state is for one shot only. */
  readonly stateDir?: string;
  readonly connectors: ConnectorSet;
  readonly threads: Threads;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** How jobs that lost their engine thread run again. */
  readonly restartPolicy?: RestartPolicy;
}

/** The image of an output table and the job that writes it. */
export interface ServedTable {
  readonly image: TableImage;
  readonly job: string;
}

export interface PlatformEvents {
  committed: [job: Job, commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming];
}

/** The process: one data directory, its threads, its jobs and the images of their output tables. Lives on main. */
export class Platform {
  readonly dir: DataDir;
  readonly options: PlatformOptions;
  readonly jobs = new Map<string, Job>();
  readonly tables = new Map<string, ServedTable>();
  readonly events = new EventEmitter<PlatformEvents>();
  /** The tables that are also kept in Redis. */
  readonly redis: RedisTables;
  /** Those who follow the changes of tables. */
  readonly feeds: TableFeeds;
  /** The log that waits for Redis and topics. */
  readonly retained: RetainedLog;
  private readonly files: FileTables;
  private readonly topics: TopicSinks;
  private readonly progress: ProgressReports;

  constructor(options: PlatformOptions) {
    this.options = options;
    this.dir = new DataDir(options.stateDir ?? options.dataDir);
    const { followers, store } = options.threads;
    const { monotonic, log } = options;
    const jobPath = (job: string): string => this.dir.jobFile(job);
    this.retained = new RetainedLog({ store, monotonic, log });
    const { retained } = this;
    this.redis = new RedisTables({ followers, store, monotonic, log, jobPath, retained });
    this.topics = new TopicSinks({ followers, store, log, jobPath, retained, dataDir: options.dataDir });
    this.feeds = new TableFeeds({
      table: (name) => this.tables.get(name),
      tableNames: () => [...this.tables.keys()],
      jobPath,
      monotonic,
      log,
    });
    const { dataDir, now } = options;
    this.progress = new ProgressReports(options.connectors, { dataDir, now, random: seededRandom(1), log });
    this.files = new FileTables({
      jobPath,
      failed: (job, error) => void this.jobs.get(job)?.fail(error),
    });
    followers.events.on('failed', (job, error) => void this.jobs.get(job)?.fail(error));
  }

  /** Starts a job; rejects when its input is wrong. One table has one writing job. */
  async submit(plan: PhysicalPlan, options: JobOptions): Promise<Job> {
    const running = this.jobs.get(plan.jobName);
    if (running !== undefined && !hasEnded(running.status)) {
      throw new HeadwaterError(
        'job-exists',
        `job ${plan.jobName} is ${running.status}: stop it first, or set 'pipeline.name'`,
      );
    }
    if (options.parallelism > this.options.threads.engines.size) {
      throw new HeadwaterError(
        'invalid-option',
        `parallelism ${options.parallelism} needs as many engine threads, there are ${this.options.threads.engines.size}: give --threads`,
      );
    }
    this.checkWriters(plan);
    const isNew = !this.dir.hasFiles(plan.jobName);
    const job = new Job(plan, options, this.environment());
    this.jobs.set(job.name, job);
    try {
      await job.start();
    } catch (error) {
      this.forgetRefused(job, running);
      if (isNew) this.dir.removeFiles(job.name);
      throw error;
    }
    return job;
  }

  /** A job that did not come to run holds neither its name nor its tables; an earlier run of it is shown again. */
  private forgetRefused(job: Job, earlier: Job | undefined): void {
    if (earlier !== undefined) {
      this.jobs.set(job.name, earlier);
      return;
    }
    this.jobs.delete(job.name);
    for (const [table, served] of this.tables) if (served.job === job.name) this.tables.delete(table);
  }

  private checkWriters(plan: PhysicalPlan): void {
    for (const node of featureSinks(plan)) {
      const served = this.tables.get(node.table.name);
      if (served !== undefined && served.job !== plan.jobName) {
        throw new HeadwaterError(
          'table-has-writer',
          `table ${node.table.name} is written by job ${served.job}: expected one writing job per table`,
        );
      }
    }
  }

  private environment(): JobEnvironment {
    const { threads, connectors } = this.options;
    return {
      dataDir: this.options.dataDir,
      store: threads.store,
      engines: threads.engines,
      monotonic: this.options.monotonic,
      seed: () => 1,
      restartPolicy: this.options.restartPolicy ?? DEFAULT_RESTART_POLICY,
      log: this.options.log,
      jobPath: (job) => this.dir.jobFile(job),
      outputTables: storeTables,
      discover: (node, schemas, resuming) =>
        discoverSplits(
          node,
          connectors,
          { dataDir: this.options.dataDir, now: this.options.now, log: this.options.log },
          schemas,
          resuming,
        ),
      growingSources: (plan) => growingSources(plan, connectors),
      loadImages: (job, plan, committed) => this.loadImages(job, plan, committed),
      followTables: async (plan, generation, options) => {
        await this.redis.follow(plan, generation, options);
        await this.topics.follow(plan, generation, options);
        await this.progress.follow(plan);
      },
      drainTables: async (job, epoch) => {
        await Promise.all([this.redis.drain(job, epoch), this.topics.drain(job, epoch), this.progress.drain(job)]);
      },
      leaveTables: async (job) => {
        await this.redis.leave(job);
        await this.topics.leave(job);
        await this.progress.leave(job);
      },
      recoverFiles: (plan, epoch) => this.files.recover(plan, epoch),
      finishFiles: (job, epoch) => this.files.finish(job, epoch),
      onCommitted: (job, commit, snapshots, timing) => this.onCommitted(job, commit, snapshots, timing),
    };
  }

  private async loadImages(job: string, plan: PhysicalPlan, committed: Freshness | undefined): Promise<void> {
    for (const table of storeTables(plan)) {
      const image = new TableImage(table.schema, table.primaryKey);
      const files = await this.options.threads.store.loadTable(job, table.name);
      await image.load(files.bases, files.chunks, committed);
      this.tables.set(table.name, { image, job });
    }
  }

  /** Feeds the images: only what is committed is ever readable. */
  private onCommitted(job: Job, commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming): void {
    const images = featureSinks(job.plan).flatMap(({ table }) => {
      const entry = this.tables.get(table.name);
      return entry === undefined || entry.image.error !== undefined ? [] : [{ name: table.name, image: entry.image }];
    });
    let reading = images.length;
    if (reading === 0) job.release(commit.epoch);
    for (const { name, image } of images) {
      const chunks = commit.outputs.filter((row) => row.table === name).map((row) => row.bytes);
      image.applyEpoch(commit.epoch, commit.watermark, chunks, {
        applied: releasePart,
        allApplied: () => {
          if (--reading === 0) job.release(commit.epoch);
        },
      });
    }
    this.feeds.onCommitted(featureSinks(job.plan).map(({ table }) => table.name));
    this.files.onCommitted(job.name, commit.epoch);
    this.redis.onCommitted(job.name, commit.epoch, commit.watermark);
    this.topics.onCommitted(job.name);
    this.progress.onCommitted(job.name, commit.splits);
    this.events.emit('committed', job, commit, snapshots, timing);
  }

  /** Forgets an ended job, what it wrote included. Throws `job-running`. */
  drop(name: string): void {
    const job = this.jobs.get(name);
    if (job !== undefined && !hasEnded(job.status)) {
      throw new HeadwaterError('job-running', `job ${name} is ${job.status}: stop or cancel it first`);
    }
    this.jobs.delete(name);
    for (const [table, served] of this.tables) {
      if (served.job !== name) continue;
      this.tables.delete(table);
      this.feeds.onGone(table);
    }
    this.dir.forgetJob(name);
  }

  /** Stops all jobs with a final checkpoint, then the threads. */
  async shutdown(): Promise<void> {
    await Promise.all(
      [...this.jobs.values()].filter((job) => ['running', 'restarting'].includes(job.status)).map((job) => job.stop()),
    );
    this.feeds.close();
    await this.redis.close();
    await this.topics.close();
    await this.options.threads.shutdown();
    this.dir.close();
  }
}
