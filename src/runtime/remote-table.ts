import type { FollowerStatus } from '../connectors/follower/status.ts';
import { RedisLookups } from '../connectors/redis/lookups.ts';
import { MIN_WATERMARK } from '../data/batch.ts';
import { EpochWaiters } from '../store/epoch-waiters.ts';
import type { Freshness } from '../store/table-image.ts';

/** Rows of a table as Redis holds them, and how fresh they are. */
export interface RemoteRows {
  readonly rows: readonly (Readonly<Record<string, unknown>> | undefined)[];
  /** Epoch that was complete before the rows were read, and its watermark. */
  readonly asOf: Freshness;
  /** Epoch that was complete after they were read: no row is newer than the one that follows it. */
  readonly highestEpoch: number;
}

/** Epochs whose watermark is remembered while Redis has not applied them. */
const MAX_EPOCHS = 1000;

/** A table in Redis, read by main: the connection, and what the follower says of its progress. */
export class RemoteTable {
  private readonly lookups: RedisLookups;
  private readonly status: () => FollowerStatus | undefined;
  private readonly waiters = new EpochWaiters();
  private readonly committed: Freshness[] = [];

  constructor(lookups: RedisLookups, status: () => FollowerStatus | undefined) {
    this.lookups = lookups;
    this.status = status;
  }

  get where(): string {
    return this.lookups.where;
  }

  /** An epoch was committed; Redis is to get it. */
  noteCommitted(epoch: number, watermark: number): void {
    this.committed.push({ epoch, watermark });
    if (this.committed.length > MAX_EPOCHS) this.committed.shift();
  }

  /** The follower has said something. */
  noteStatus(): void {
    const applied = this.status()?.appliedEpoch ?? 0;
    while (this.committed.length > 1 && this.committed[1].epoch <= applied) this.committed.shift();
    this.waiters.reached(applied);
  }

  waitForEpoch(epoch: number, timeoutMs: number): Promise<boolean> | true {
    return (this.status()?.appliedEpoch ?? 0) >= epoch ? true : this.waiters.wait(epoch, timeoutMs);
  }

  /** Errors: `bad-feature-key`, `redis-unavailable`. */
  async get(keys: readonly string[], columns: readonly number[]): Promise<RemoteRows> {
    const status = this.status();
    const { rows, before, after } = await this.lookups.get(keys, columns);
    // Epochs without a change leave no trace in Redis: if it has all that the follower knows of, it is as far.
    const applied =
      status === undefined || before < status.positionEpoch ? before : Math.max(before, status.appliedEpoch);
    const watermark = this.committed.find((known) => known.epoch === applied)?.watermark ?? MIN_WATERMARK;
    return { rows, asOf: { epoch: applied, watermark }, highestEpoch: Math.max(after, applied) };
  }

  close(): void {
    this.lookups.close();
  }
}
