import { EventEmitter } from 'node:events';
import type { FollowedTopic } from '../connectors/kafka/sink/follower.ts';
import type { FollowedTable } from '../connectors/redis/follower.ts';
import type { FollowerStatus } from '../connectors/follower/status.ts';
import { type HeadwaterError, runtimeError } from '../data/errors.ts';
import type { EngineThread } from './engine-pool.ts';
import type { FollowerCommand, FollowerReport } from './messages.ts';
import { deserializeError } from './serialized-error.ts';

type Request = FollowerCommand extends infer C ? (C extends { id: number } ? Omit<C, 'id'> : never) : never;

type FollowerThread = Omit<EngineThread, 'turnOf'>;

export interface FollowerEvents {
  status: [status: FollowerStatus];
  failed: [job: string, error: HeadwaterError];
  log: [level: 'info' | 'warn' | 'error', message: string];
}

/** Main's side of the follower thread, which is started with the first table that needs it. */
export class FollowerClient {
  readonly events = new EventEmitter<FollowerEvents>();
  private readonly spawn: () => FollowerThread;
  private readonly statuses = new Map<string, FollowerStatus>();
  private readonly waiting = new Map<number, { resolve: () => void; reject: (error: unknown) => void }>();
  private thread: FollowerThread | undefined;
  private nextId = 1;

  constructor(spawn: () => FollowerThread) {
    this.spawn = spawn;
    this.events.setMaxListeners(0);
  }

  /** The last word of every follower. */
  all(): readonly FollowerStatus[] {
    return [...this.statuses.values()];
  }

  status(job: string, table: string): FollowerStatus | undefined {
    return this.statuses.get(`${job}/${table}`);
  }

  /** Resolves when Redis is this process's to write; rejects with what is wrong with it. */
  follow(table: FollowedTable): Promise<void> {
    this.statuses.set(`${table.job}/${table.table}`, notStarted(table));
    return this.send({ type: 'follow', table });
  }

  /** Resolves when the topic is this process's to write; rejects with what is wrong with it. */
  followTopic(table: FollowedTopic): Promise<void> {
    this.statuses.set(`${table.job}/${table.table}`, notStarted(table));
    return this.send({ type: 'follow-topic', table });
  }

  notify(job: string): void {
    this.thread?.port.postMessage({ type: 'notify', job } satisfies FollowerCommand);
  }

  /** Stops the followers of a job. */
  async leave(job: string): Promise<void> {
    if (this.thread === undefined) return;
    await this.send({ type: 'leave', job });
    for (const [key, status] of this.statuses) if (status.job === job) this.statuses.delete(key);
  }

  /** Waits until all tables of a job hold an epoch, at most `timeoutMs`; returns the tables that do not. */
  async drained(job: string, epoch: number, timeoutMs: number): Promise<readonly FollowerStatus[]> {
    const behind = (): FollowerStatus[] =>
      this.all().filter((status) => status.job === job && status.appliedEpoch < epoch && status.state !== 'failed');
    if (behind().length > 0) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          this.events.off('status', look);
          resolve();
        };
        const look = (): void => (behind().length === 0 ? done() : undefined);
        const timer = setTimeout(done, timeoutMs);
        this.events.on('status', look);
      });
    }
    return behind();
  }

  private send(request: Request): Promise<void> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.started().port.postMessage({ ...request, id });
    });
  }

  private started(): FollowerThread {
    if (this.thread !== undefined) return this.thread;
    const thread = this.spawn();
    this.thread = thread;
    thread.port.on('message', (report: FollowerReport) => this.onReport(report));
    thread.onExit((reason) => this.onExit(reason));
    return thread;
  }

  private onReport(report: FollowerReport): void {
    switch (report.type) {
      case 'ok':
        this.answered(report.id)?.resolve();
        break;
      case 'error':
        this.answered(report.id)?.reject(deserializeError(report.error));
        break;
      case 'status':
        this.statuses.set(`${report.status.job}/${report.status.table}`, report.status);
        this.events.emit('status', report.status);
        break;
      case 'failed':
        this.events.emit('failed', report.job, deserializeError(report.error));
        break;
      case 'log':
        this.events.emit('log', report.level, report.message);
        break;
    }
  }

  private answered(id: number): { resolve: () => void; reject: (error: unknown) => void } | undefined {
    const waiter = this.waiting.get(id);
    this.waiting.delete(id);
    return waiter;
  }

  /** A dead thread: the jobs it worked for fail, and start again with a new one. */
  private onExit(reason: string): void {
    this.thread = undefined;
    const error = runtimeError('follower-died', `the follower thread ended: ${reason}`);
    for (const waiter of this.waiting.values()) waiter.reject(error);
    this.waiting.clear();
    const jobs = new Set(this.all().map((status) => status.job));
    this.statuses.clear();
    for (const job of jobs) this.events.emit('failed', job, error);
  }

  async shutdown(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    await thread?.terminate();
  }
}

function notStarted({ job, table }: Pick<FollowerStatus, 'job' | 'table'>): FollowerStatus {
  const none = { parts: 0, rows: 0, replays: 0, rebuilds: 0, alarms: 0 };
  return { job, table, state: 'starting', appliedEpoch: 0, positionEpoch: 0, reason: undefined, ...none };
}
