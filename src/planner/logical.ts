import type { SourcePosition } from '../data/errors.ts';
import type { Schema, SqlType } from '../data/types.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import type { WindowProperty, WindowSpec } from './physical.ts';
import type { UsedTable } from './used-table.ts';

/** The logical plan: a tree per INSERT or SELECT; views are inlined. Equal tables share one UsedTable object. */
export type LogicalNode = Scan | Calc | WindowTable | WindowAggregate | GroupAggregate | Union;

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

/** A window table function: the input's columns, then the window's. */
export interface WindowTable {
  readonly kind: 'window-table';
  readonly input: LogicalNode;
  readonly window: WindowSpec;
  readonly timeColumn: number;
  /** PARTITION BY of SESSION; `groups`: by whatever the aggregation over it groups by (GROUP BY k, SESSION(..)). */
  readonly partition: readonly number[] | 'groups';
  /** All three, until those that are not used are taken out. */
  readonly properties: readonly WindowProperty[];
  readonly position: SourcePosition;
  readonly schema: Schema;
}

export type { WindowProperty } from './physical.ts';

/** Keys, then aggregates, then properties. */
export interface WindowAggregate {
  readonly kind: 'window-aggregate';
  readonly input: LogicalNode;
  readonly window: WindowSpec;
  readonly timeColumn: number;
  /** Of the time attribute that made the windows. */
  readonly timeType: SqlType;
  /** The rows have their windows already: `timeColumn` is the window's end. */
  readonly attached: boolean;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly properties: readonly WindowProperty[];
  /** Of the window function whose windows these are. */
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
