import type { MessagePort } from 'node:worker_threads';
import type { OutputRow, SchemaRow, SplitRow, StateRow } from '../checkpoint/epoch-commit.ts';
import type { OperatorIdentity } from '../checkpoint/recovery.ts';
import type { FollowedTopic } from '../connectors/kafka/sink/follower.ts';
import type { FollowedTable } from '../connectors/redis/follower.ts';
import type { FollowerStatus } from '../connectors/follower/status.ts';
import type { SourcePosition } from '../data/errors.ts';
import type { PhysicalPlan } from '../planner/physical.ts';
import type { SharedRate } from './rate-limit.ts';

/** A split of a source, and the task that reads it. */
export interface SplitOwner {
  readonly source: string;
  readonly split: string;
  readonly task: number;
}

/** What one task of a job needs to start: sent from main to the engine thread that hosts it. */
export interface TaskSpec {
  readonly job: string;
  readonly task: number;
  readonly parallelism: number;
  readonly plan: PhysicalPlan;
  readonly dataDir: string;
  /** The job's own folder. */
  readonly jobDir: string;
  readonly generation: number;
  /** Number by which the thread notes for whom it works (see EngineThread.turnOf); not 0. */
  readonly mark: number;
  /** Splits that this task reads, with their positions, by operator id of the source. */
  readonly splits: readonly SplitRow[];
  /** Which task reads which split, of all of them. */
  readonly owners: readonly SplitOwner[];
  /** State blobs of all tasks of the last run, filtered here by key-group range. */
  readonly state: readonly StateRow[];
  readonly schemas: readonly SchemaRow[];
  /** Rows per batch at most (tests run with 1, 2, 7 and 1000). */
  readonly maxRows: number;
  /** Bytes that the task may hold (state, channels, prefetch). */
  readonly memoryLimit: number;
  /** Injected seed for generators. */
  readonly seed: number;
  /** Shared by the tasks of the job (see Pacing). */
  readonly pace: Float64Array;
  /** Shared by the tasks of the job; undefined: sources read as fast as they can. */
  readonly rateLimit: SharedRate | undefined;
}

export type EngineCommand =
  | { readonly type: 'deploy'; readonly spec: TaskSpec; readonly peers: readonly (MessagePort | undefined)[] }
  | { readonly type: 'start'; readonly job: string; readonly task: number }
  /** Commits cannot be made just now: sources stop reading until told to go on. */
  | { readonly type: 'pause'; readonly job: string; readonly task: number; readonly paused: boolean }
  | {
      readonly type: 'barrier';
      readonly job: string;
      readonly task: number;
      readonly epoch: number;
      readonly full: boolean;
    }
  /** The bytes of this epoch, and of earlier ones, are committed and applied: nobody reads them any more. */
  | { readonly type: 'release'; readonly job: string; readonly task: number; readonly epoch: number }
  | { readonly type: 'dispose'; readonly job: string; readonly task: number }
  | { readonly type: 'shutdown' };

export interface SerializedError {
  readonly code: string;
  readonly message: string;
  readonly kind: 'input' | 'runtime';
  readonly position: SourcePosition | undefined;
}

export interface TaskCounters {
  readonly rowsIn: number;
  readonly bytesIn: number;
  readonly watermark: number;
  /** Reached by the source that is furthest behind, epoch milliseconds; MAX_WATERMARK when none has event times. */
  readonly eventTime: number;
  readonly stateBytes: number;
  readonly lag: number | undefined;
  /** Named counters of operators and connectors, `<operator id>/<counter>`. */
  readonly named: Readonly<Record<string, number>>;
}

/** Rows of a `collect` or `print` sink, columnar, shown once their epoch is committed. */
export interface CollectedRows {
  readonly node: number;
  readonly bytes: Uint8Array;
}

export interface TaskSnapshot {
  readonly epoch: number;
  readonly full: boolean;
  readonly state: readonly StateRow[];
  readonly splits: readonly SplitRow[];
  readonly schemas: readonly SchemaRow[];
  readonly outputs: readonly OutputRow[];
  readonly collected: readonly CollectedRows[];
  readonly counters: TaskCounters;
  /** All of the task's splits were at their ends when the barrier passed the sources. */
  readonly sourcesFinished: boolean;
}

export type EngineReport = {
  readonly job: string;
  readonly task: number;
  /** Of the run that the task belongs to: what an earlier run still says is not heard. */
  readonly generation: number;
} & (
  | { readonly type: 'ready' }
  | { readonly type: 'staged'; readonly bytes: number }
  /** The task's sources work through a backlog from now on, or have caught up. */
  | { readonly type: 'backlog'; readonly backlog: boolean }
  /** Now and then, for the curious: not tied to an epoch. */
  | { readonly type: 'stats'; readonly counters: TaskCounters }
  | { readonly type: 'sources-finished' }
  | { readonly type: 'snapshot'; readonly snapshot: TaskSnapshot }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string }
  | { readonly type: 'failed'; readonly error: SerializedError }
  /** The task's thread is gone; `blamed`: it was working for this job, or for none that is known. */
  | { readonly type: 'thread-died'; readonly error: SerializedError; readonly blamed: boolean }
);

/** Between tasks: elements of an edge (node index), and what is given back when they were processed. */
export type PeerMessage =
  | {
      readonly type: 'element';
      readonly edge: number;
      readonly bytes: number;
      /** An Element; where it has `blocks`, with places in them for its arrays (shared-views.ts). */
      readonly element: unknown;
      /** Numbers of the blocks of the channel's memory that hold its rows. */
      readonly blocks: readonly number[];
      /** The next blocks of the channel, which the receiver has not seen. */
      readonly memory: readonly SharedArrayBuffer[];
    }
  | { readonly type: 'credit'; readonly edge: number; readonly bytes: number; readonly blocks: readonly number[] };

export type StoreCommand =
  | {
      readonly type: 'open';
      readonly id: number;
      readonly job: string;
      readonly path: string;
      readonly tables: readonly StoreTable[];
      /** The file's content is about to be discarded: it is not checked. */
      readonly fresh: boolean;
    }
  | { readonly type: 'discard'; readonly id: number; readonly job: string }
  | { readonly type: 'restore'; readonly id: number; readonly job: string }
  | { readonly type: 'load-table'; readonly id: number; readonly job: string; readonly table: string }
  | {
      readonly type: 'commit';
      readonly id: number;
      readonly job: string;
      readonly commit: import('../checkpoint/epoch-commit.ts').EpochCommit;
      readonly operators: readonly OperatorIdentity[];
    }
  /** Followers have applied the table's log up to this epoch, long enough ago: it may be folded. */
  | {
      readonly type: 'release';
      readonly id: number;
      readonly job: string;
      readonly table: string;
      readonly epoch: number;
    }
  /** The table's log up to this epoch is elsewhere for good: it is deleted. */
  | {
      readonly type: 'forget';
      readonly id: number;
      readonly job: string;
      readonly table: string;
      readonly epoch: number;
    }
  /** Asks for the bytes of the log, by table. */
  | { readonly type: 'log-bytes'; readonly id: number; readonly job: string }
  | { readonly type: 'close'; readonly id: number; readonly job: string }
  | { readonly type: 'shutdown' };

/** Output tables of a job, for folding. */
export interface StoreTable {
  readonly name: string;
  /** A follower reads its log: what it has not applied is not folded. */
  readonly followed: boolean;
  /** Rows expire this long after their epoch, milliseconds: the times of epochs are kept. 0: they do not. */
  readonly ttlMs: number;
  readonly schema: import('../data/types.ts').Schema;
  readonly primaryKey: readonly number[];
}

export type StoreReply =
  | { readonly type: 'ok'; readonly id: number; readonly value: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: SerializedError; readonly retry: boolean };

export type FollowerCommand =
  | { readonly type: 'follow'; readonly id: number; readonly table: FollowedTable }
  | { readonly type: 'follow-topic'; readonly id: number; readonly table: FollowedTopic }
  /** The job has committed an epoch. */
  | { readonly type: 'notify'; readonly job: string }
  /** No more for this job. */
  | { readonly type: 'leave'; readonly id: number; readonly job: string }
  | { readonly type: 'shutdown' };

export type FollowerReport =
  | { readonly type: 'ok'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly error: SerializedError }
  | { readonly type: 'status'; readonly status: FollowerStatus }
  | { readonly type: 'failed'; readonly job: string; readonly error: SerializedError }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };
