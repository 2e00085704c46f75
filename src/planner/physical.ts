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
  SourceNode | CalcNode | WatermarkNode | WindowAggregateNode | GroupAggregateNode | UnionNode | SinkNode;

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
  readonly panes: readonly { readonly size: number; readonly offset: number }[];
  readonly idleTimeout: number;
}

export type WindowSpec = {
  readonly kind: 'tumble';
  /** Milliseconds. */
  readonly size: number;
  readonly offset: number;
};

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
  readonly properties: readonly ('window_start' | 'window_end' | 'window_time')[];
  /** False when an aggregate cannot be merged (DISTINCT): rows are exchanged as they are. */
  readonly twoPhase: boolean;
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
}
