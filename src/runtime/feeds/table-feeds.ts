import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { ChangeFeeds, Feed, FeedOutlet, FeedRequest, FeedSample } from '../../store/change-feed.ts';
import type { TableImage } from '../../store/table-image.ts';
import { TableFeed } from './table-feed.ts';
import { TableLog } from './table-log.ts';

export interface FeedsHost {
  /** The image of an output table and the job that writes it; undefined when no job does. */
  table(name: string): { readonly image: TableImage; readonly job: string } | undefined;
  tableNames(): readonly string[];
  jobPath(job: string): string;
  /** Milliseconds, monotonic. */
  readonly monotonic: () => number;
  readonly log: (level: 'error', message: string) => void;
}

/** Lookups wait for no longer than this. */
const SLICE_MS = 1;

interface Followed {
  log: TableLog;
  readonly feeds: Set<TableFeed>;
}

/** All feeds of a process. Lives on main, works in slices, and costs nothing for tables that nobody follows. */
export class TableFeeds implements ChangeFeeds {
  private readonly host: FeedsHost;
  private readonly followed = new Map<string, Followed>();
  private readonly awake = new Map<TableFeed, FeedOutlet>();
  /** Changes, by table. */
  private readonly told = new Map<string, number>();
  private scheduled = false;

  constructor(host: FeedsHost) {
    this.host = host;
  }

  open(request: FeedRequest, outlet: FeedOutlet): Feed {
    const { table } = request;
    if (this.host.table(table) === undefined) throw this.notFound(table);
    const followed = this.followed.get(table) ?? { log: this.openLog(table), feeds: new Set() };
    this.followed.set(table, followed);
    try {
      const feed: TableFeed = new TableFeed(request, outlet, {
        log: () => this.currentLog(table, followed),
        wake: () => this.wake(feed, outlet),
        closed: () => this.leave(table, followed, feed),
        told: (changes) => this.told.set(table, (this.told.get(table) ?? 0) + changes),
      });
      followed.feeds.add(feed);
      this.wake(feed, outlet);
      return feed;
    } catch (error) {
      this.closeIfUnused(table, followed);
      throw error;
    }
  }

  /** An epoch of the job that writes these tables was committed. */
  onCommitted(tables: readonly string[]): void {
    for (const table of tables) {
      const followed = this.followed.get(table);
      followed?.log.notify();
      for (const feed of followed?.feeds ?? []) feed.resume();
    }
  }

  /** A table is no longer written by any job, and its history is gone. */
  onGone(table: string): void {
    for (const feed of this.followed.get(table)?.feeds ?? []) feed.resume();
  }

  sample(table: string): FeedSample {
    return { subscriptions: this.followed.get(table)?.feeds.size ?? 0, changes: this.told.get(table) ?? 0 };
  }

  /** Another run of the job has another image, and may have another schema. */
  private currentLog(table: string, followed: Followed): TableLog {
    const image = this.host.table(table)?.image;
    if (image === undefined) throw runtimeError('table-gone', `table ${table} is no longer written by any job`);
    if (image !== followed.log.image) {
      followed.log.close();
      followed.log = this.openLog(table);
    }
    return followed.log;
  }

  private openLog(table: string): TableLog {
    const served = this.host.table(table);
    if (served === undefined) throw this.notFound(table);
    return new TableLog(this.host.jobPath(served.job), table, served.image);
  }

  private notFound(table: string): HeadwaterError {
    const names = this.host.tableNames().join(', ');
    return new HeadwaterError('table-not-found', `there is no table '${table}': expected one of ${names}`);
  }

  private wake(feed: TableFeed, outlet: FeedOutlet): void {
    if (!feed.isOpen) return;
    this.awake.set(feed, outlet);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.work());
  }

  /** A slice: a step of each in turn. */
  private work(): void {
    this.scheduled = false;
    const end = this.host.monotonic() + SLICE_MS;
    for (const [feed, outlet] of this.awake) {
      this.awake.delete(feed);
      if (this.step(feed, outlet)) this.awake.set(feed, outlet);
      if (this.host.monotonic() >= end) break;
    }
    if (this.awake.size > 0 && !this.scheduled) {
      this.scheduled = true;
      setImmediate(() => this.work());
    }
  }

  private step(feed: TableFeed, outlet: FeedOutlet): boolean {
    try {
      return feed.step();
    } catch (error) {
      feed.close();
      outlet.event({ type: 'error', error: this.explain(error) });
      return false;
    }
  }

  private explain(error: unknown): HeadwaterError {
    if (error instanceof HeadwaterError && error.code === 'table-gone') return error;
    this.host.log('error', `a subscription failed: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof HeadwaterError) return error;
    return runtimeError('subscription-failed', 'the subscription failed; the log of the server says why', error);
  }

  private leave(table: string, followed: Followed, feed: TableFeed): void {
    followed.feeds.delete(feed);
    this.awake.delete(feed);
    this.closeIfUnused(table, followed);
  }

  private closeIfUnused(table: string, followed: Followed): void {
    if (followed.feeds.size > 0) return;
    followed.log.close();
    this.followed.delete(table);
  }

  close(): void {
    for (const { feeds } of [...this.followed.values()]) for (const feed of [...feeds]) feed.close();
  }
}
