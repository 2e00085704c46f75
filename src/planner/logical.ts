import type { SourcePosition } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import type { WindowSpec } from './physical.ts';
import type { UsedTable } from './used-table.ts';

/** The logical plan: a tree per INSERT or SELECT; views are inlined. Equal tables share one UsedTable object. */
export type LogicalNode = Scan | Calc | Tumble | WindowAggregate | GroupAggregate | Union;

/** All columns of the table in declared order, computed ones included; carries the table's watermark. */
export interface Scan {
  readonly kind: 'scan';
  readonly table: UsedTable;
  readonly schema: Schema;
}

/** Filter, then project. */
export interface Calc {
  readonly kind: 'calc';
  readonly input: LogicalNode;
  readonly filter: Expr | undefined;
  readonly projections: readonly Expr[];
  readonly schema: Schema;
}

/** TUMBLE: the input's columns, then window_start, window_end, window_time. */
export interface Tumble {
  readonly kind: 'tumble';
  readonly input: LogicalNode;
  readonly window: WindowSpec;
  readonly timeColumn: number;
  readonly position: SourcePosition;
  readonly schema: Schema;
}

export type WindowProperty = 'window_start' | 'window_end' | 'window_time';

/** Keys, then aggregates, then properties. */
export interface WindowAggregate {
  readonly kind: 'window-aggregate';
  readonly input: LogicalNode;
  readonly window: WindowSpec;
  readonly timeColumn: number;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly properties: readonly WindowProperty[];
  /** Of the TUMBLE whose windows these are. */
  readonly position: SourcePosition;
  readonly schema: Schema;
}

/** Keys, then aggregates. */
export interface GroupAggregate {
  readonly kind: 'group-aggregate';
  readonly input: LogicalNode;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly schema: Schema;
}

/** UNION ALL of inputs with the same types. */
export interface Union {
  readonly kind: 'union';
  readonly inputs: readonly LogicalNode[];
  readonly schema: Schema;
}
