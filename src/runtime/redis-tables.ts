import type { FollowerStatus } from '../connectors/follower/status.ts';
import { RedisLookups } from '../connectors/redis/lookups.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import { redisSinks } from './feature-tables.ts';
import type { FollowerClient } from './follower-client.ts';
import type { FollowOptions } from './job-options.ts';
import type { RetainedLog } from './retained-log.ts';
import { RemoteTable } from './remote-table.ts';
import type { StoreClient } from './store-client.ts';

/** An acknowledged epoch is kept in the log for this long: Redis may lose what it acknowledged. */
const KEEP_MS = 30_000;
/** How long the end of a job waits for Redis. */
const DRAIN_MS = 10_000;

interface Acknowledged {
  readonly at: number;
  readonly epoch: number;
}

export interface RedisTablesHost {
  readonly followers: FollowerClient;
  readonly store: StoreClient;
  readonly monotonic: () => number;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly jobPath: (job: string) => string;
  readonly retained: RetainedLog;
}

/** The tables of this process's jobs that are kept in Redis: their followers, their lookups, what the log must keep. */
export class RedisTables {
  readonly tables = new Map<string, RemoteTable>();
  private readonly host: RedisTablesHost;
  private readonly jobs = new Map<string, string[]>();
  private readonly acknowledged = new Map<string, Acknowledged[]>();

  constructor(host: RedisTablesHost) {
    this.host = host;
    host.followers.events.on('status', (status) => this.onStatus(status));
    host.followers.events.on('log', (level, message) => host.log(level, message));
  }

  /** Makes this process the writer of a job's tables; rejects with what is wrong with a Redis. */
  async follow(plan: PhysicalPlan, generation: number, options: FollowOptions): Promise<void> {
    const job = plan.jobName;
    const sinks = redisSinks(plan);
    this.jobs.set(
      job,
      sinks.map(({ node }) => node.table.name),
    );
    const { rebuildTables = [], patient = false } = options;
    for (const { node, address, options } of sinks) {
      const table = node.table.name;
      const spec = { job, table, schema: node.schema, primaryKey: node.primaryKey, address, options };
      const status = (): FollowerStatus | undefined => this.host.followers.status(job, table);
      this.tables.set(table, new RemoteTable(new RedisLookups(spec, this.host.monotonic), status));
      const force = rebuildTables.includes(table);
      await this.host.followers.follow({ ...spec, path: this.host.jobPath(job), generation, force, patient });
    }
  }

  onCommitted(job: string, epoch: number, watermark: number): void {
    const tables = this.jobs.get(job) ?? [];
    for (const table of tables) this.tables.get(table)?.noteCommitted(epoch, watermark);
    if (tables.length === 0) return;
    this.host.followers.notify(job);
    this.host.retained.onCommitted(
      job,
      tables.map((table) => ({ table, alarm: this.alarmOf(job, table, epoch) })),
    );
  }

  private alarmOf(job: string, table: string, epoch: number): string {
    const applied = this.host.followers.status(job, table)?.appliedEpoch ?? 0;
    return (
      `${this.tables.get(table)?.where ?? 'Redis'} has epoch ${applied} of ${epoch}. From 1024 MiB on the log is folded ` +
      'into the image, from which Redis is rebuilt when it takes changes again'
    );
  }

  private onStatus(status: FollowerStatus): void {
    if (!this.tables.has(status.table)) return;
    this.tables.get(status.table)?.noteStatus();
    const epochs = this.acknowledged.get(status.table) ?? [];
    this.acknowledged.set(status.table, epochs);
    const now = this.host.monotonic();
    const last = epochs.at(-1);
    // One note a second is enough to know what is old.
    if (last === undefined || (now - last.at > 1000 && status.appliedEpoch > last.epoch)) {
      epochs.push({ at: now, epoch: status.appliedEpoch });
    }
    let released: number | undefined;
    while (epochs.length > 0 && now - epochs[0].at > KEEP_MS) released = epochs.shift()?.epoch;
    if (released !== undefined) {
      void this.host.store.release(status.job, status.table, released).catch(() => undefined);
    }
  }

  /** Waits until Redis holds a job's last epoch, for a while. */
  async drain(job: string, epoch: number): Promise<void> {
    if ((this.jobs.get(job) ?? []).length === 0) return;
    for (const status of await this.host.followers.drained(job, epoch, DRAIN_MS)) {
      if (!this.tables.has(status.table)) continue;
      this.host.log(
        'warn',
        `${job}: Redis holds table ${status.table} up to epoch ${status.appliedEpoch} of ${epoch} only` +
          `${status.reason === undefined ? '' : ` (${status.reason})`}; the next start goes on from there`,
      );
    }
  }

  /** Ends what is done for a job. */
  async leave(job: string): Promise<void> {
    for (const table of this.jobs.get(job) ?? []) {
      this.tables.get(table)?.close();
      this.tables.delete(table);
      this.acknowledged.delete(table);
    }
    this.host.retained.leave(job);
    if (this.jobs.delete(job)) await this.host.followers.leave(job);
  }

  async close(): Promise<void> {
    for (const job of [...this.jobs.keys()]) await this.leave(job);
  }
}
