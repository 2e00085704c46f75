import { expect } from 'vitest';
import type {
  ChangeFeeds,
  ChangeNumber,
  Feed,
  FeedChange,
  FeedEvent,
  FeedOutlet,
  FeedRequest,
} from '../../src/store/change-feed.ts';
import { TABLE } from './world.ts';

/** One who follows a table, keeps its rows, and looks whether what comes may come. */
export class Reader implements FeedOutlet {
  readonly events: FeedEvent[] = [];
  readonly rows = new Map<string, bigint>();
  /** Changes since the last snapshot. */
  changes: FeedChange[] = [];
  /** The epoch of the last snapshot. */
  since = 0;
  epoch = 0;
  position: string | undefined;
  /** Events that it takes before it is not ready. */
  room = Infinity;
  private last: ChangeNumber = [0, 0, -1];
  private feed: Feed | undefined;

  /** Another one with what this one had kept when it died: nothing before a snapshot was whole. */
  static after(dead: Reader | undefined): Reader {
    const reader = new Reader();
    if (dead?.position === undefined) return reader;
    for (const [key, value] of dead.rows) reader.rows.set(key, value);
    reader.changes = [...dead.changes];
    reader.since = dead.since;
    reader.last = dead.last;
    reader.position = dead.position;
    return reader;
  }

  open(feeds: ChangeFeeds, request: Partial<FeedRequest> = {}): this {
    this.feed = feeds.open({ table: TABLE, keys: undefined, columns: undefined, from: undefined, ...request }, this);
    return this;
  }
  ready(): boolean {
    return this.room > 0;
  }
  allow(events: number): void {
    this.room = events;
    this.feed?.resume();
  }
  close(): void {
    this.feed?.close();
  }

  event(event: FeedEvent): void {
    // It is asked before a step, which gives up to three events.
    expect(this.room).toBeGreaterThan(-2);
    this.room -= 1;
    this.events.push(event);
    if ('position' in event) this.position = event.position;
    switch (event.type) {
      case 'snapshot-begin':
        this.rows.clear();
        this.changes = [];
        this.position = undefined;
        break;
      case 'rows':
        for (const { key, features } of event.rows) this.set(key, features);
        break;
      case 'snapshot-end':
        this.since = event.epoch;
        this.last = [event.epoch, Infinity, 0];
        break;
      case 'changes':
        for (const change of event.changes) this.take(change);
        break;
      case 'epoch':
        expect(event.epoch).toBeGreaterThanOrEqual(this.epoch);
        this.epoch = event.epoch;
        break;
      case 'error':
        break;
    }
  }

  private take(change: FeedChange): void {
    expect(after(change.seq, this.last), `${change.seq.join()} after ${this.last.join()}`).toBe(true);
    this.last = change.seq;
    this.changes.push(change);
    this.set(change.key, change.features ?? null);
  }

  private set(key: string, features: Readonly<Record<string, unknown>> | null): void {
    if (features === null) this.rows.delete(key);
    else this.rows.set(key, BigInt(String(features.n)));
  }

  types(): string[] {
    return this.events.map(({ type }) => type);
  }
}

function after(a: ChangeNumber, b: ChangeNumber): boolean {
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i] > b[i];
  return false;
}
