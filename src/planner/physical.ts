import type { Schema } from '../data/types.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import type { ChangelogMode, ConnectorTable } from './connector.ts';

/**
 * The physical plan of one job (one file): a DAG of nodes, inputs before users, as plain JSON. Nodes with several
 * users are shared scans. It is the same at every parallelism: the runtime decides at P = 1 to skip exchanges and
 * local phases.
 */
export interface PhysicalPlan {
  readonly jobName: string;
  readonly nodes: readonly PhysicalNode[];
  /** Configuration values set with SET, validated. */
  readonly config: Readonly<Record<string, string>>;
  /** Warnings for the user, such as state that grows without bound. */
  readonly warnings: readonly string[];
}

/** Id of the session's time zone: UTC unless `table.local-time-zone` is set. */
export function sessionZone(plan: PhysicalPlan): string {
  return plan.config['table.local-time-zone'] ?? 'UTC';
}

interface NodeBase {
  /** Position in `nodes`. */
  readonly index: number;
  /** Stable operator id: `<target table>/<kind>/<ordinal>`. */
  readonly id: string;
  /** Hash over kind, expressions, schema and the fingerprints of the inputs; without secrets and addresses. */
  readonly fingerprint: string;
  readonly inputs: readonly number[];
  /** Schema and changelog of the node's output. */
  readonly schema: Schema;
  readonly mode: ChangelogMode;
  /** Column sets that identify a row in the changelog; empty when none. */
  readonly upsertKeys: readonly (readonly number[])[];
}

export type PhysicalNode =
  | SourceNode
  | CalcNode
  | WatermarkNode
  | WindowTableNode
  | WindowAggregateNode
  | GroupAggregateNode
  | UnionNode
  | SetOperationNode
  | LimitNode
  | SortNode
  | ExpandNode
  | UnnestNode
  | SinkNode;

/** Reads a table: decodes `columns` (indexes into table.columns), keeps rows that pass `filter` (over the decoded columns). */
export interface SourceNode extends NodeBase {
  readonly op: 'source';
  readonly table: ConnectorTable;
  readonly columns: readonly number[];
  readonly filter: Expr | undefined;
  readonly bounded: boolean;
}

/** Filter, then project. */
export interface CalcNode extends NodeBase {
  readonly op: 'calc';
  readonly filter: Expr | undefined;
  readonly projections: readonly Expr[];
}

/** On-event watermarks per split: runs in the source task, between decoding and everything else. Placed directly on a
 *  source, or on a calc (computed columns) on a source. `expr` is over the input's columns. */
export interface WatermarkNode extends NodeBase {
  readonly op: 'watermark';
  readonly column: number;
  readonly expr: Expr;
  /** Pane sizes and offsets (ms) of the windows above: batches are cut where the watermark crosses a boundary. Empty:
   *  cut at every row whose watermark rises is not needed, the watermark is emitted at batch ends. */
  readonly panes: readonly CutPane[];
  /** Sessions above: a batch is also cut before a row that is not after the watermark made so far. */
  readonly sessions?: boolean;
  readonly idleTimeout: number;
}

/** A grid offset + k * size, in milliseconds. `local`: on the wall clock of the session's zone. */
export interface CutPane {
  readonly size: number;
  readonly offset: number;
  readonly local?: boolean;
}

/** How windows are laid over time; all numbers in milliseconds. */
export type WindowSpec = AlignedSpec | SessionSpec;

/** Windows that lie on a grid, the same for every key. */
export type AlignedSpec = TumbleSpec | HopSpec | CumulateSpec;

export interface TumbleSpec {
  readonly kind: 'tumble';
  readonly size: number;
  readonly offset: number;
}

/** A window of `size` starts every `slide`; a size that is no multiple and a slide above the size are right too. */
export interface HopSpec {
  readonly kind: 'hop';
  readonly size: number;
  readonly slide: number;
  readonly offset: number;
}

/** Windows from each multiple of `size` to each following `step`, up to `size`, which is a multiple of `step`. */
export interface CumulateSpec {
  readonly kind: 'cumulate';
  readonly size: number;
  readonly step: number;
  readonly offset: number;
}

/** A window from a row to `gap` after the last one; windows that touch are one. */
export interface SessionSpec {
  readonly kind: 'session';
  readonly gap: number;
}

export type WindowProperty = 'window_start' | 'window_end' | 'window_time';

/**
 * A window table function by itself: the input's columns, then `properties`. TUMBLE, HOP and CUMULATE send a row on at
 * once, once for each of its windows; SESSION keeps rows by `partition` until their session closes.
 */
export interface WindowTableNode extends NodeBase {
  readonly op: 'window-table';
  readonly window: WindowSpec;
  readonly timeColumn: number;
  /** Columns by which sessions are kept apart; empty for the other windows. */
  readonly partition: readonly number[];
  readonly properties: readonly WindowProperty[];
  /** The time attribute is an instant: windows lie on the wall clock of the session's zone. */
  readonly local?: boolean;
  /** Windows by the wall clock of the machine: rows belong to the time at which they come. */
  readonly proctime?: boolean;
}

/**
 * Window aggregation: one row per key and window when the watermark passes window end - 1. Input columns: keys,
 * time column and arguments by index. Output: group columns, then aggregates, then the requested window properties.
 * Distributed by `keys`; mergeable aggregates are pre-aggregated before the exchange when P > 1.
 */
export interface WindowAggregateNode extends NodeBase {
  readonly op: 'window-aggregate';
  readonly window: WindowSpec;
  readonly timeColumn: number;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly properties: readonly WindowProperty[];
  /** The rows have their windows already: `timeColumn` is the window's end. */
  readonly attached?: boolean;
  /** As in WindowTableNode. */
  readonly local?: boolean;
  readonly proctime?: boolean;
  /** False when an aggregate cannot be merged (DISTINCT) or `table.optimizer.agg-phase-strategy` says so: rows are exchanged as they are. */
  readonly twoPhase: boolean;
  /** The first phase lets rows pass while their keys hardly repeat (AUTO). */
  readonly adaptive?: boolean;
  /** What is above depends on watermarks that close no window here: other windows, a sort, an expression that shows them. */
  readonly allWatermarks?: boolean;
  /** The input has -U and -D: rows are taken back too (then MIN and MAX cannot be merged either). */
  readonly retractInput?: boolean;
}

/** Unbounded aggregation. Output: group columns, then aggregates. No keys: one global group. */
export interface GroupAggregateNode extends NodeBase {
  readonly op: 'group-aggregate';
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  /** The input has -U and -D: aggregates must retract. */
  readonly retractInput: boolean;
  /** -U rows are needed by what follows. */
  readonly emitUpdateBefore: boolean;
  /** One net change per batch and key is enough (only an upsert sink by this key follows). */
  readonly emitPerBatch: boolean;
  /** `table.exec.state.ttl`, milliseconds; 0 = never. */
  readonly ttl: number;
}

/** INTERSECT [ALL] or EXCEPT [ALL]: rows by all columns, counted in both inputs. Distributed by all columns. */
export interface SetOperationNode extends NodeBase {
  readonly op: 'set-operation';
  readonly operation: 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  /** `table.exec.state.ttl`, milliseconds; 0 = never. */
  readonly ttl: number;
}

/** The first rows in order of arrival, in one task: `offset` are left out, then `count` given. */
export interface LimitNode extends NodeBase {
  readonly op: 'limit';
  readonly offset: number;
  readonly count: number;
  /** The input has -U and -D: others take the places of rows that go away. */
  readonly retractInput: boolean;
  /** `table.exec.state.ttl`, milliseconds; 0 = never. Of the rows that wait for a place. */
  readonly ttl: number;
}

export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Rows in order of a time attribute (the first key, ascending) as the watermark passes them, in one task. Input is
 *  append-only. */
export interface SortNode extends NodeBase {
  readonly op: 'sort';
  readonly keys: readonly SortKey[];
}

/** Each row once for every grouping set; see the logical node. */
export interface ExpandNode extends NodeBase {
  readonly op: 'expand';
  readonly groups: readonly number[];
  readonly sets: readonly (readonly number[])[];
}

/** Each row once for every element of an ARRAY, MAP or MULTISET column; see the logical node. */
export interface UnnestNode extends NodeBase {
  readonly op: 'unnest';
  readonly column: number;
  readonly ordinality: boolean;
  readonly outer: boolean;
  /** Over the columns of this node, those of the element not yet NULL for want of one. */
  readonly condition: Expr | undefined;
}

export interface UnionNode extends NodeBase {
  readonly op: 'union';
}

/** Writes a table (or collects the rows of a SELECT when `table.options.connector` is `collect`). */
export interface SinkNode extends NodeBase {
  readonly op: 'sink';
  readonly table: ConnectorTable;
  /** Indexes of the primary key in the schema; empty for append sinks. */
  readonly primaryKey: readonly number[];
  /** Rows must be exchanged by the primary key before the sink: the input is not partitioned by a subset of it. */
  readonly exchangeByKey: boolean;
  /** Which rows are known to have different primary keys; undefined: none. */
  readonly distinct: DistinctKeys | undefined;
}

/** All rows of an append-only query, or those that have the same value in a column (a window's end, say). */
export type DistinctKeys = { readonly of: 'all' } | { readonly of: 'column'; readonly column: number };
