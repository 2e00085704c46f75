import type { SourcePosition } from '../data/errors.ts';
import type { Schema, SqlType } from '../data/types.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import type { SortKey, WindowProperty, WindowSpec } from './physical.ts';
import type { UsedTable } from './used-table.ts';

/** The logical plan: a tree per INSERT or SELECT; views are inlined. Equal tables share one UsedTable object. */
export type LogicalNode =
  Scan | Calc | WindowTable | WindowAggregate | GroupAggregate | Union | SetOperation | Limit | Sort | Expand | Unnest;

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

/** INTERSECT [ALL] or EXCEPT [ALL] of two inputs with the same types. */
export interface SetOperation {
  readonly kind: 'set-operation';
  readonly op: 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  readonly inputs: readonly [LogicalNode, LogicalNode];
  readonly schema: Schema;
}

/** The first rows in order of arrival: `offset` are left out, then `count` given. */
export interface Limit {
  readonly kind: 'limit';
  readonly input: LogicalNode;
  readonly offset: number;
  readonly count: number;
  readonly position: SourcePosition;
  readonly schema: Schema;
}

/** Rows in the order of a time attribute (the first key), then of the other keys. */
export interface Sort {
  readonly kind: 'sort';
  readonly input: LogicalNode;
  readonly keys: readonly SortKey[];
  readonly position: SourcePosition;
  readonly schema: Schema;
}

/**
 * Each row once for every grouping set: the input's columns, then those of `groups` (NULL where the set lacks it), then
 * the number of the set (BIGINT, a bit for each group, 1 where the set lacks it, the first group highest).
 */
export interface Expand {
  readonly kind: 'expand';
  readonly input: LogicalNode;
  readonly groups: readonly number[];
  /** Places in `groups`. */
  readonly sets: readonly (readonly number[])[];
  readonly schema: Schema;
}

/** Each row once for every element of a collection: the input's columns, then those of the element, then its number. */
export interface Unnest {
  readonly kind: 'unnest';
  readonly input: LogicalNode;
  readonly column: number;
  readonly ordinality: boolean;
  /** A row without elements stays, with NULLs (LEFT JOIN). */
  readonly outer: boolean;
  /** Elements for which it is not TRUE do not count; over `schema`. A row that then has none stays if `outer`. */
  readonly condition: Expr | undefined;
  readonly schema: Schema;
}

/** UNION ALL of inputs with the same types. */
export interface Union {
  readonly kind: 'union';
  readonly inputs: readonly LogicalNode[];
  readonly schema: Schema;
}
