import type { HeadwaterError } from '../data/errors.ts';

/** What a subscriber of a table's committed changes asks for. */
export interface FeedRequest {
  readonly table: string;
  /** Feature keys (feature-key.ts); undefined: all. */
  readonly keys: readonly string[] | undefined;
  /** Names of columns; undefined: all. */
  readonly columns: readonly string[] | undefined;
  /** A position of an earlier event: go on after it. `latest`: after the last committed epoch. undefined: a snapshot first. */
  readonly from: string | undefined;
}

/** Columns in their JSON form, by name. */
export type Features = Readonly<Record<string, unknown>>;

/** A row of a snapshot: of a key that comes again the later one counts, `null` says that it has none after all. */
export interface FeedRow {
  readonly key: string;
  readonly features: Features | null;
  /** Of the row's last change. */
  readonly epoch: number;
}

/** (epoch, chunk of the epoch, row of the chunk): the same for ever, and strictly rising. */
export type ChangeNumber = readonly [epoch: number, chunk: number, row: number];

export interface FeedChange {
  readonly seq: ChangeNumber;
  readonly op: 'upsert' | 'delete';
  readonly key: string;
  /** Of an upsert. */
  readonly features?: Features;
}

/** Why a snapshot is sent: it was asked for; the log no longer has what came after the position; it is not the same log. */
export type SnapshotReason = 'requested' | 'history-pruned' | 'other-history';

export type FeedEvent =
  /** What is known of the rows asked for is to be forgotten. */
  | { readonly type: 'snapshot-begin'; readonly reason: SnapshotReason }
  | { readonly type: 'rows'; readonly rows: readonly FeedRow[] }
  /** The rows are those of this epoch. */
  | { readonly type: 'snapshot-end'; readonly epoch: number; readonly position: string }
  | {
      readonly type: 'changes';
      readonly epoch: number;
      readonly changes: readonly FeedChange[];
      /** After the last of them. */
      readonly position: string;
    }
  /** Everything up to this epoch has been told. `watermark`: of the epoch, epoch milliseconds. */
  | { readonly type: 'epoch'; readonly epoch: number; readonly watermark: number; readonly position: string }
  /** The last event. */
  | { readonly type: 'error'; readonly error: HeadwaterError };

/** Where the events of a feed go. */
export interface FeedOutlet {
  /** Whether more may be given now: some events, of some hundred rows together. */
  ready(): boolean;
  event(event: FeedEvent): void;
}

export interface Feed {
  /** The outlet is ready again. */
  resume(): void;
  close(): void;
}

export interface FeedSample {
  readonly subscriptions: number;
  readonly changes: number;
}

/** The committed changes of tables, for those who follow them. */
export interface ChangeFeeds {
  /**
   * Events come later, while the outlet is ready. Throws `table-not-found`, `unknown-column`, `bad-feature-key`,
   * `bad-position`.
   */
  open(request: FeedRequest, outlet: FeedOutlet): Feed;
  /** How many follow a table just now, and how many changes they were told since the process started. */
  sample(table: string): FeedSample;
}
