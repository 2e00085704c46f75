import type { SqlType } from '../data/types.ts';

/**
 * Typed expressions: what the binder makes of the AST and what the compiler turns into loops. Plain JSON data, for
 * plans travel between threads and into fingerprints. All implicit conversions are explicit casts here.
 */
export type Expr = InputRef | Literal | Call | CaseExpr | CastExpr;

/** Column `index` of the operator's input. */
export interface InputRef {
  readonly kind: 'input';
  readonly index: number;
  readonly type: SqlType;
}

/**
 * A constant. `value` by type: BOOLEAN boolean; TINYINT..INT, FLOAT, DOUBLE, DATE (days), TIME (ms), INTERVAL YEAR TO
 * MONTH (months) number (non-finite as the strings 'NaN', 'Infinity', '-Infinity'); BIGINT, DECIMAL (unscaled),
 * INTERVAL DAY TO SECOND (ms) decimal string; CHAR/VARCHAR string; BINARY/VARBINARY hex string; TIMESTAMPs
 * [epoch ms, nanoseconds within the millisecond]; NULL null.
 */
export interface Literal {
  readonly kind: 'literal';
  readonly value: null | boolean | number | string | readonly [number, number];
  readonly type: SqlType;
}

/** A function or operator; operand types are already what the function wants. */
export interface Call {
  readonly kind: 'call';
  readonly fn: FunctionName;
  readonly args: readonly Expr[];
  readonly type: SqlType;
}

/**
 * Names of the function registry (functions/registry.ts). Arithmetic and comparison take operands of one type (DECIMAL
 * arithmetic: any precisions and scales; timestamp +/- interval: the interval is the second operand).
 */
export type FunctionName = string;

/** The operators that the binder makes of syntax. */
export type OperatorName =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'NEGATE'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'AND'
  | 'OR'
  | 'NOT'
  | 'IS NULL'
  | 'IS NOT NULL'
  | 'IS TRUE'
  | 'IS FALSE'
  | 'IS NOT TRUE'
  | 'IS NOT FALSE'
  | 'IS DISTINCT FROM'
  | 'IS NOT DISTINCT FROM'
  | 'COALESCE'
  /** args: value, then candidates of the same type. */
  | 'IN';

/** Searched CASE; conditions are BOOLEAN; a missing ELSE is a NULL literal. */
export interface CaseExpr {
  readonly kind: 'case';
  readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
  readonly otherwise: Expr;
  readonly type: SqlType;
}

export interface CastExpr {
  readonly kind: 'cast';
  readonly arg: Expr;
  readonly type: SqlType;
  /** TRY_CAST: NULL instead of an error. */
  readonly tryCast: boolean;
}

export type AggregateName =
  | 'COUNT'
  | 'SUM'
  | 'AVG'
  | 'MIN'
  | 'MAX'
  | 'STDDEV_POP'
  | 'STDDEV_SAMP'
  | 'VAR_POP'
  | 'VAR_SAMP'
  | 'LISTAGG'
  | 'ARRAY_AGG'
  | 'COLLECT'
  | 'FIRST_VALUE'
  | 'LAST_VALUE'
  | 'JSON_ARRAYAGG'
  | 'JSON_OBJECTAGG'
  | 'PERCENTILE';

/** An aggregate call over the operator's input. COUNT(*) has no argument. */
export interface AggregateCall {
  readonly fn: AggregateName;
  readonly arg: InputRef | undefined;
  /** JSON_OBJECTAGG: the value as JSON text, `arg` being its key; PERCENTILE: how often the value counts. */
  readonly second?: InputRef;
  readonly distinct: boolean;
  /** Index of a BOOLEAN input column: only rows where it is TRUE count (FILTER). */
  readonly filter: InputRef | undefined;
  /** LISTAGG: what stands between the values. */
  readonly separator?: string;
  /** ARRAY_AGG .. IGNORE NULLS. */
  readonly ignoreNulls?: boolean;
  /** JSON_ARRAYAGG, JSON_OBJECTAGG: a NULL is kept as `null`. */
  readonly keepNulls?: boolean;
  /** PERCENTILE: parts from 0 to 1; more than one or an ARRAY result is that of an array. */
  readonly percentages?: readonly number[];
  readonly type: SqlType;
}
