import type { SplitPosition } from '../checkpoint/positions.ts';
import type { Batch } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import type { ConnectorDescriptor, ConnectorTable } from '../planner/connector.ts';

/** What a connector gets from the runtime; no connector reads process.env, the clock or the file system by itself. */
export interface ConnectorContext {
  readonly dataDir: string;
  readonly now: () => number;
  readonly random: () => number;
  /** Says something to the operator of the job: retries, back-off, alarms. */
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  readonly count: (counter: string, by: number) => void;
  /** Writer schemas by id known from the checkpoint, and where new ones are recorded for the next checkpoint. */
  readonly schemas: SchemaCache;
  /** The job goes on from a checkpoint: splits that it does not know yet are new ones, to be read from their beginning,
   *  and an outage of what the checkpoint holds a copy of (writer schemas) is only worth a warning. */
  readonly resuming: boolean;
  /** The number of the task that reads or writes; 0 where the splits are discovered. */
  readonly task: number;
  /** The ids of all splits of the source that were known at the start, of every task and at their ends included. */
  readonly knownSplits: readonly string[];
  /** The tasks that read the source: those with splits of it, or 0 alone when there are none. The others are at their ends. */
  readonly readers: readonly number[];
}

export interface SchemaCache {
  get(registry: string, id: number): string | undefined;
  put(registry: string, id: number, schemaText: string): void;
}

/** One Kafka partition, one file, one range of a generator. */
export interface Split {
  readonly id: string;
}

export type { SplitPosition };

export interface SourceSpec {
  readonly table: ConnectorTable;
  /** Columns to decode (indexes into table.columns) and a filter over them. */
  readonly columns: readonly number[];
  readonly filter: Expr | undefined;
  readonly schema: Schema;
}

export interface SourceConnector {
  readonly descriptor: ConnectorDescriptor;
  /** New splits may be found while the job runs (`split-found`): then task 0 reads them all, for it knows the old ones. */
  readonly grows?: (table: ConnectorTable) => boolean;
  /** Checks that the external system answers and has what the table names: a clear HeadwaterError within 10 s. Lists
   *  the splits with their start positions (and end positions when bounded, inside the position). */
  discover(spec: SourceSpec, context: ConnectorContext): Promise<readonly { split: Split; start: SplitPosition }[]>;
  /** Opens a reader for some splits, at given positions. */
  open(
    spec: SourceSpec,
    splits: readonly { split: Split; position: SplitPosition }[],
    context: ConnectorContext,
  ): Promise<SourceReader>;
  /** Who is told of committed positions; undefined where the table asks for nobody to be told. */
  readonly reporter?: (
    table: ConnectorTable,
    context: Pick<ConnectorContext, 'dataDir' | 'now' | 'random'>,
  ) => Promise<ProgressReporter> | undefined;
}

/**
 * Tells the outside how far a job's checkpoints have come. Nothing depends on it: a report that fails is made up for by
 * a later one.
 */
export interface ProgressReporter {
  report(splits: readonly { readonly split: string; readonly position: SplitPosition }[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads splits. `poll` never blocks: it returns a decoded batch of one split, `wait` when nothing is there now (then
 * `onReady` fires), or `finished` when every split is at its end. Back-pressure = not polling: a reader prefetches a
 * bounded number of bytes only. A reader that meets an outage retries with back-off and logs; what cannot be retried
 * is thrown from `poll` as a HeadwaterError.
 */
export interface SourceReader {
  poll(maxRows: number): SourcePoll;
  /** Calls back once, at the next moment when `poll` may have something. */
  onReady(callback: () => void): void;
  /** Bytes held in prefetch buffers. */
  bytes(): number;
  /** Records between the positions and the ends of the splits, when known. */
  lag(): number | undefined;
  close(): Promise<void>;
}

export type SourcePoll =
  | {
      readonly type: 'rows';
      readonly splitId: string;
      readonly batch: Batch;
      /** Where the split goes on after this batch. */
      readonly position: SplitPosition;
      /** Bytes read for it. */
      readonly bytes: number;
      /** Where row i of the batch comes from, for error messages: text such as `topic t, partition 0, offset 17`. */
      readonly describeRow: (row: number) => string;
    }
  /** `behind`: there is more to read, it has not arrived yet. */
  | { readonly type: 'wait'; readonly behind?: boolean | undefined }
  /** A split that was not there at the start; its rows come later. */
  | { readonly type: 'split-found'; readonly splitId: string; readonly position: SplitPosition }
  /** This split reached its bounded end (reported once). */
  | { readonly type: 'split-finished'; readonly splitId: string }
  | { readonly type: 'finished' };

/** A sink outside the committed log: print, blackhole, kafka. `write` sees rows in order, kinds included. */
export interface SinkConnector {
  readonly descriptor: ConnectorDescriptor;
  open(table: ConnectorTable, context: ConnectorContext): SinkWriter;
}

export interface SinkWriter {
  write(batch: Batch): void;
  /** At a barrier: make what was written durable or visible, as far as the sink's guarantee goes. */
  flush(): void;
  close(): void;
}
