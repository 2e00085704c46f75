import type { FollowerStatus } from '../connectors/follower/status.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import { topicSinks } from './feature-tables.ts';
import type { FollowerClient } from './follower-client.ts';
import type { FollowOptions } from './job-options.ts';
import type { RetainedLog } from './retained-log.ts';
import type { StoreClient } from './store-client.ts';

/** How long the end of a job waits for its topics. */
const DRAIN_MS = 10_000;

export interface TopicSinksHost {
  readonly followers: FollowerClient;
  readonly store: StoreClient;
  readonly dataDir: string;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly jobPath: (job: string) => string;
  readonly retained: RetainedLog;
}

interface WrittenTable {
  readonly table: string;
  readonly topic: string;
  /** The log was deleted up to this epoch. */
  forgotten: number;
  forgetting: Promise<void> | undefined;
}

/** The tables of this process's jobs that are written to topics: their followers, and the log that they have written. */
export class TopicSinks {
  private readonly host: TopicSinksHost;
  private readonly jobs = new Map<string, WrittenTable[]>();

  constructor(host: TopicSinksHost) {
    this.host = host;
    host.followers.events.on('status', (status) => this.onStatus(status));
  }

  /** Makes this process the writer of a job's topics; rejects with what is wrong with one. */
  async follow(plan: PhysicalPlan, generation: number, options: FollowOptions): Promise<void> {
    const job = plan.jobName;
    const { dataDir, followers, jobPath } = this.host;
    const { rebuildTables = [], patient = false } = options;
    const written: WrittenTable[] = [];
    this.jobs.set(job, written);
    for (const { node, options } of topicSinks(plan)) {
      const table = node.table.name;
      written.push({ table, topic: options.topic, forgotten: 0, forgetting: undefined });
      const { schema, primaryKey } = node;
      const force = rebuildTables.includes(table);
      const spec = { job, table, path: jobPath(job), dataDir, schema, primaryKey, options, generation, force, patient };
      await followers.followTopic(spec);
    }
  }

  onCommitted(job: string): void {
    const written = this.jobs.get(job) ?? [];
    if (written.length === 0) return;
    this.host.followers.notify(job);
    const alarm = (topic: string): string =>
      `topic ${topic} does not take it. Nothing of it can be left out: the job's file grows until it is written`;
    this.host.retained.onCommitted(
      job,
      written.map(({ table, topic }) => ({ table, alarm: alarm(topic) })),
    );
  }

  private onStatus(status: FollowerStatus): void {
    const entry = this.jobs.get(status.job)?.find(({ table }) => table === status.table);
    if (entry !== undefined) void this.forget(status.job, entry, status.appliedEpoch);
  }

  /** Deletes what is written from the log; one deletion of a table at a time. */
  private async forget(job: string, entry: WrittenTable, epoch: number): Promise<void> {
    await entry.forgetting;
    if (epoch <= entry.forgotten) return;
    entry.forgotten = epoch;
    // A job that has ended meanwhile keeps what it has: the next start finds it written.
    entry.forgetting = this.host.store.forget(job, entry.table, epoch).catch(() => undefined);
    await entry.forgetting;
  }

  /** Waits until the topics have a job's last epoch, for a while. */
  async drain(job: string, epoch: number): Promise<void> {
    const written = this.jobs.get(job) ?? [];
    if (written.length === 0) return;
    const late = await this.host.followers.drained(job, epoch, DRAIN_MS);
    for (const entry of written) {
      const status = this.host.followers.status(job, entry.table);
      if (status !== undefined) await this.forget(job, entry, status.appliedEpoch);
      if (status === undefined || !late.includes(status)) continue;
      this.host.log(
        'warn',
        `${job}: topic ${entry.topic} has table ${entry.table} up to epoch ${status.appliedEpoch} of ${epoch} only` +
          `${status.reason === undefined ? '' : ` (${status.reason})`}; the next start goes on from there`,
      );
    }
  }

  /** Ends what is done for a job. */
  async leave(job: string): Promise<void> {
    const written = this.jobs.get(job) ?? [];
    this.jobs.delete(job);
    this.host.retained.leave(job);
    if (written.length > 0) await this.host.followers.leave(job);
  }

  async close(): Promise<void> {
    for (const job of [...this.jobs.keys()]) await this.leave(job);
  }
}
