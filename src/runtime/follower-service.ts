import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { type FollowedTopic, TopicFollower } from '../connectors/kafka/sink/follower.ts';
import { type FollowedTable, type FollowerHost, TableFollower } from '../connectors/redis/follower.ts';
import type { FollowerStatus } from '../connectors/follower/status.ts';
import type { FollowerCommand, FollowerReport } from './messages.ts';
import { serializeError } from './serialized-error.ts';

type Clocks = Pick<FollowerHost, 'random' | 'monotonic'> & { readonly now: () => number };

/** What keeps a table somewhere else. */
interface Follower {
  start(): Promise<void>;
  stop(): Promise<void>;
  notify(): void;
}

/** The follower thread: keeps tables in Redis and writes topics, beside the engine and never in its way. Serves commands of one port. */
export class FollowerService {
  private readonly port: MessagePort;
  private readonly clocks: Clocks;
  private readonly nonce = randomUUID();
  private readonly followers: { readonly job: string; readonly follower: Follower }[] = [];
  /** Statuses on their way: the last of each table, once per turn. */
  private readonly news = new Map<string, FollowerStatus>();

  constructor(port: MessagePort, clocks: Clocks) {
    this.port = port;
    this.clocks = clocks;
    port.on('message', (command: FollowerCommand) => void this.onCommand(command));
  }

  private async onCommand(command: FollowerCommand): Promise<void> {
    switch (command.type) {
      case 'notify':
        for (const { job, follower } of this.followers) if (job === command.job) follower.notify();
        break;
      case 'follow':
        return this.answer(command.id, () => this.follow(command.table));
      case 'follow-topic':
        return this.answer(command.id, () => this.followTopic(command.table));
      case 'leave':
        return this.answer(command.id, () => this.leave((job) => job === command.job));
      case 'shutdown':
        return this.kill();
    }
  }

  private async answer(id: number, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.report({ type: 'ok', id });
    } catch (error) {
      this.report({ type: 'error', id, error: serializeError(error) });
    }
  }

  private async follow(table: FollowedTable): Promise<void> {
    await this.begin(table.job, new TableFollower(table, this.host(table.job)));
  }

  private async followTopic(table: FollowedTopic): Promise<void> {
    await this.begin(table.job, new TopicFollower(table, this.host(table.job)));
  }

  private host(job: string): FollowerHost & Clocks {
    return {
      ...this.clocks,
      nonce: this.nonce,
      log: (level, message) => this.report({ type: 'log', level, message }),
      changed: (status) => this.tell(status),
      failed: (error) => this.report({ type: 'failed', job, error: serializeError(error) }),
    };
  }

  private async begin(job: string, follower: Follower): Promise<void> {
    this.followers.push({ job, follower });
    await follower.start();
  }

  private tell(status: FollowerStatus): void {
    if (this.news.size === 0) {
      setImmediate(() => {
        for (const news of this.news.values()) this.report({ type: 'status', status: news });
        this.news.clear();
      });
    }
    this.news.set(`${status.job}/${status.table}`, status);
  }

  private async leave(which: (job: string) => boolean): Promise<void> {
    const leaving = this.followers.filter(({ job }) => which(job));
    for (const entry of leaving) this.followers.splice(this.followers.indexOf(entry), 1);
    await Promise.all(leaving.map(({ follower }) => follower.stop()));
  }

  private report(report: FollowerReport): void {
    this.port.postMessage(report);
  }

  /** Stops all followers; Redis stays where it is. */
  async kill(): Promise<void> {
    await this.leave(() => true);
    this.port.close();
  }
}
