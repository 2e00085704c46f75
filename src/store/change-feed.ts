import type { HeadwaterError } from '../data/errors.ts';

/** What somebody wants to follow of a table. */
export interface FeedRequest {
  readonly table: string;
  /** Feature keys (feature-key.ts); undefined: all rows. */
  readonly keys: readonly string[] | undefined;
  /** Column names; undefined: all columns. */
  readonly columns: readonly string[] | undefined;
  /** A position of an earlier event: goes on after it. `latest`: from the last committed epoch on, without a snapshot.
   *  undefined: a snapshot first. */
  readonly from: string | undefined;
}

/** The requested columns of a row in the JSON form of served features (data/json-value.ts). */
export type Features = Readonly<Record<string, unknown>>;

/** A row of a snapshot. `features` is null where the row was deleted since an earlier row of the same snapshot. */
export interface FeedRow {
  readonly key: string;
  readonly features: Features | null;
  /** The epoch of its last change. */
  readonly epoch: number;
}

/** The epoch, and the number of the change within the table's changes of that epoch, counted over all keys. */
export type Seq = readonly [epoch: number, index: number];

/** A committed change. Its `seq` grows strictly and is the same whenever, and however often, it is read. */
export type FeedChange =
  | { readonly seq: Seq; readonly op: 'upsert'; readonly key: string; readonly features: Features }
  | { readonly seq: Seq; readonly op: 'delete'; readonly key: string };

/** Why there is a snapshot: it was asked for; what follows the position is no longer in the log; the position is of a
 *  history that is not (or no more) the table's. */
export type SnapshotReason = 'requested' | 'history-pruned' | 'other-history';

/** What a feed tells, in order. `position` is opaque text: a feed opened `from` it goes on after this event. */
export type FeedEvent =
  /** The receiver forgets what it had. May come again before `snapshot-end`: then the snapshot begins anew. */
  | { readonly type: 'snapshot-begin'; readonly table: string; readonly reason: SnapshotReason }
  /** A key may come again: the later row counts. */
  | { readonly type: 'rows'; readonly rows: readonly FeedRow[] }
  /** The receiver's rows are now exactly those of `epoch`. */
  | { readonly type: 'snapshot-end'; readonly epoch: number; readonly position: string }
  /** Changes of one epoch: all of them, or some when there are many. Never empty. */
  | {
      readonly type: 'changes';
      readonly epoch: number;
      readonly changes: readonly FeedChange[];
      readonly position: string;
    }
  /** Everything up to `epoch` has been told. `event_time`: ISO text of the epoch's watermark; null before the first
   *  event and at the end of the input. */
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly event_time: string | null;
      readonly position: string;
    }
  /** The last event: `table-gone` (the job was dropped), `log-corrupt`, or what else went wrong. */
  | { readonly type: 'error'; readonly error: HeadwaterError };

/** Takes the events of one feed. */
export interface FeedOutlet {
  /** Whether more may be given now. A feed asks before each event but the error; one event has at most about 64 KiB
   *  of features, or one row. */
  ready(): boolean;
  /** Must not throw. May close the feed. */
  event(event: FeedEvent): void;
}

/** One open feed. */
export interface Feed {
  /** The outlet is ready again. Cheap when it was all along. */
  resume(): void;
  /** No more events after this. May be called again. */
  close(): void;
}

/** The committed changes of the tables that this process serves, for whoever wants to follow them. */
export interface ChangeFeeds {
  /**
   * Begins to follow a table; events come from the next turn of the event loop on, never within this call.
   * Throws `table-not-found`, `unknown-column`, `bad-feature-key`, `bad-position`.
   */
  open(request: FeedRequest, outlet: FeedOutlet): Feed;
}
