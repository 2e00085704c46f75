import type { SourcePosition } from '../data/errors.ts';
import type { SqlType } from '../data/types.ts';

/** The AST of Flink SQL. Every node carries the position of its first token. Data is readonly, kinds are literal. */
export type Statement = CreateTable | CreateView | Insert | StatementSet | Query | Explain | SetOption | OtherStatement;

interface Node {
  readonly position: SourcePosition;
}

export interface Identifier extends Node {
  readonly kind: 'identifier';
  /** Parts of a qualified name, unquoted. */
  readonly parts: readonly string[];
}

export interface CreateTable extends Node {
  readonly kind: 'create-table';
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly name: Identifier;
  readonly columns: readonly ColumnDef[];
  readonly watermark:
    { readonly column: Identifier; readonly expr: Expression; readonly position: SourcePosition } | undefined;
  readonly primaryKey:
    | { readonly columns: readonly Identifier[]; readonly enforced: boolean; readonly position: SourcePosition }
    | undefined;
  readonly comment: string | undefined;
  readonly partitionedBy: readonly Identifier[];
  readonly options: readonly OptionDef[];
  /** CREATE TABLE .. AS and LIKE parse; the planner says that they are not supported yet. */
  readonly like: Identifier | undefined;
  /** `INCLUDING ALL`, `EXCLUDING OPTIONS`, ..; upper case. */
  readonly likeOptions?: readonly string[];
  readonly asQuery: Query | undefined;
}

export type ColumnDef = Node & { readonly name: string; readonly comment: string | undefined } & (
    | { readonly kind: 'physical'; readonly type: SqlType }
    | { readonly kind: 'computed'; readonly expr: Expression }
    | {
        readonly kind: 'metadata';
        readonly type: SqlType;
        readonly from: string | undefined;
        readonly virtual: boolean;
      }
  );

export interface OptionDef extends Node {
  readonly key: string;
  readonly value: string;
}

export interface CreateView extends Node {
  readonly kind: 'create-view';
  readonly temporary: boolean;
  readonly ifNotExists: boolean;
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly comment?: string;
  readonly query: Query;
}

export interface Insert extends Node {
  readonly kind: 'insert';
  readonly overwrite: boolean;
  readonly target: Identifier;
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export interface StatementSet extends Node {
  readonly kind: 'statement-set';
  readonly inserts: readonly Insert[];
}

export interface Explain extends Node {
  readonly kind: 'explain';
  readonly details: readonly string[];
  readonly statement: Query | Insert | StatementSet;
}

export interface SetOption extends Node {
  readonly kind: 'set';
  /** undefined: list all. */
  readonly key: string | undefined;
  readonly value: string | undefined;
}

/** A statement of Flink's grammar that parses and is not executed yet; `feature` names it for the error. */
export interface OtherStatement extends Node {
  readonly kind: 'other';
  readonly feature: string;
  readonly text: string;
}

export type Query = Select | SetOperation | Values | WithQuery | OrderedQuery;

export interface Select extends Node {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: TableExpression | undefined;
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[] | undefined;
  /** How the expressions of `groupBy` make grouping sets: each combination of a set of every item. Absent: one set of all. */
  readonly grouping?: readonly GroupingItem[];
  readonly having: Expression | undefined;
}

export type GroupingItem =
  /** One set: places in `groupBy`. */
  | { readonly kind: 'set'; readonly places: readonly number[] }
  | { readonly kind: 'GROUPING SETS' | 'ROLLUP' | 'CUBE'; readonly items: readonly GroupingItem[] };

export type SelectItem = Node &
  (
    | { readonly kind: 'star'; readonly qualifier: Identifier | undefined }
    | { readonly kind: 'expression'; readonly expr: Expression; readonly alias: string | undefined }
  );

export interface SetOperation extends Node {
  readonly kind: 'set-operation';
  readonly op: 'UNION' | 'INTERSECT' | 'EXCEPT';
  readonly all: boolean;
  readonly left: Query;
  readonly right: Query;
}

export interface Values extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}

export interface WithQuery extends Node {
  readonly kind: 'with';
  readonly items: readonly {
    readonly name: Identifier;
    readonly columns: readonly Identifier[];
    readonly query: Query;
  }[];
  readonly body: Query;
}

export interface OrderedQuery extends Node {
  readonly kind: 'ordered';
  readonly body: Query;
  readonly orderBy: readonly OrderItem[];
  readonly limit: Expression | undefined;
  readonly offset: Expression | undefined;
}

export interface OrderItem {
  readonly expr: Expression;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | undefined;
}

export type TableExpression = TableRef | DerivedTable | WindowTable | Join | UnnestTable | OtherTable;

export interface TableRef extends Node {
  readonly kind: 'table';
  readonly name: Identifier;
  readonly hints: readonly OptionDef[];
  readonly alias: TableAlias | undefined;
}
export interface TableAlias {
  readonly name: string;
  readonly columns: readonly string[];
}
export interface DerivedTable extends Node {
  readonly kind: 'derived';
  readonly query: Query;
  readonly alias: TableAlias | undefined;
}
/** TUMBLE / HOP / CUMULATE / SESSION as a table function; named arguments are put in their places. */
export interface WindowTable extends Node {
  readonly kind: 'window-table';
  readonly function: 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION';
  readonly input: TableExpression;
  readonly partitionBy: readonly Identifier[];
  readonly timeColumn: Identifier;
  /** Intervals in the order of the function's signature. */
  readonly args: readonly Expression[];
  readonly alias: TableAlias | undefined;
}
export interface Join extends Node {
  readonly kind: 'join';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
  readonly left: TableExpression;
  readonly right: TableExpression;
  readonly on: Expression | undefined;
  readonly using: readonly Identifier[];
}
/** UNNEST(collection) [WITH ORDINALITY]: a row for each element. */
export interface UnnestTable extends Node {
  readonly kind: 'unnest';
  readonly expr: Expression;
  readonly ordinality: boolean;
  readonly alias: TableAlias | undefined;
}
/** Parses, not executed yet (LATERAL, MATCH_RECOGNIZE, temporal tables). */
export interface OtherTable extends Node {
  readonly kind: 'other-table';
  readonly feature: string;
  /** Its tokens, one blank between them. */
  readonly text?: string;
}

export type Expression =
  | ColumnRef
  | LiteralExpr
  | IntervalLiteral
  | TimeUnit
  | UnaryExpr
  | BinaryExpr
  | CaseExpression
  | CastExpression
  | FunctionCall
  | TimeDifference
  | BetweenExpr
  | InExpr
  | LikeExpr
  | IsExpr
  | OtherExpr;

export interface ColumnRef extends Node {
  readonly kind: 'column';
  readonly parts: readonly string[];
}
/** Numbers keep their text: `123`, `1.50`, `1e3`. Dates and times keep theirs. */
export interface LiteralExpr extends Node {
  readonly kind: 'literal';
  readonly type: 'number' | 'string' | 'binary' | 'boolean' | 'null' | 'date' | 'time' | 'timestamp';
  readonly text: string;
}
export interface IntervalLiteral extends Node {
  readonly kind: 'interval';
  /** The quoted text, with its sign. */
  readonly text: string;
  readonly negative: boolean;
  readonly from: string;
  readonly fromPrecision: number | undefined;
  readonly to: string | undefined;
  /** Digits of the fraction of a second: `SECOND(3, 6)`, `TO SECOND(6)`. */
  readonly toPrecision?: number;
}
/** A unit as an argument: `EXTRACT(DAY FROM ts)`, `FLOOR(ts TO DAY)`, `TIMESTAMPADD(DAY, 1, ts)`. Upper case, singular. */
export interface TimeUnit extends Node {
  readonly kind: 'time-unit';
  readonly unit: string;
}
export interface UnaryExpr extends Node {
  readonly kind: 'unary';
  readonly op: '-' | '+' | 'NOT';
  readonly arg: Expression;
}
export interface BinaryExpr extends Node {
  readonly kind: 'binary';
  readonly op: '+' | '-' | '*' | '/' | '%' | '||' | '=' | '<>' | '<' | '<=' | '>' | '>=' | 'AND' | 'OR';
  readonly left: Expression;
  readonly right: Expression;
}
export interface CaseExpression extends Node {
  readonly kind: 'case';
  readonly operand: Expression | undefined;
  readonly branches: readonly { readonly when: readonly Expression[]; readonly then: Expression }[];
  readonly otherwise: Expression | undefined;
}
export interface CastExpression extends Node {
  readonly kind: 'cast';
  readonly tryCast: boolean;
  readonly arg: Expression;
  readonly type: SqlType;
}
export interface FunctionCall extends Node {
  readonly kind: 'function';
  /** Upper case for built-ins, as written otherwise. */
  readonly name: string;
  /** The name as it is written, where no parentheses follow it (CURRENT_DATE, PI). */
  readonly bare?: string;
  readonly args: readonly Expression[];
  readonly star: boolean;
  readonly distinct: boolean;
  /** IGNORE NULLS or RESPECT NULLS behind the arguments. */
  readonly nulls?: 'ignore' | 'respect';
  /** JSON_ARRAYAGG, JSON_OBJECTAGG: NULL ON NULL or ABSENT ON NULL, where it is written. */
  readonly onNull?: 'null' | 'absent';
  readonly filter: Expression | undefined;
  /** An OVER clause was there (parses, not executed yet). */
  readonly over: boolean;
  /** What the OVER clause says; there when `over` is true. */
  readonly window?: WindowSpec;
}
export interface WindowSpec {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: WindowFrame | undefined;
}
export interface WindowFrame {
  readonly unit: 'ROWS' | 'RANGE';
  readonly start: FrameBound;
  readonly end: FrameBound | undefined;
}
export type FrameBound =
  | { readonly kind: 'unbounded'; readonly side: 'PRECEDING' | 'FOLLOWING' }
  | { readonly kind: 'bounded'; readonly side: 'PRECEDING' | 'FOLLOWING'; readonly value: Expression }
  | { readonly kind: 'current-row' };

/** `(left - right) DAY`, an interval. */
export interface TimeDifference extends Node {
  readonly kind: 'time-difference';
  readonly left: Expression;
  readonly right: Expression;
  readonly from: string;
  readonly to: string | undefined;
}
export interface BetweenExpr extends Node {
  readonly kind: 'between';
  readonly negated: boolean;
  readonly symmetric: boolean;
  readonly arg: Expression;
  readonly low: Expression;
  readonly high: Expression;
}
export interface InExpr extends Node {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly arg: Expression;
  readonly list: readonly Expression[] | Query;
}
export interface LikeExpr extends Node {
  readonly kind: 'like';
  readonly op: 'LIKE' | 'SIMILAR TO';
  readonly negated: boolean;
  readonly arg: Expression;
  readonly pattern: Expression;
  readonly escape: Expression | undefined;
}
export interface IsExpr extends Node {
  readonly kind: 'is';
  readonly negated: boolean;
  readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN' | 'DISTINCT FROM';
  readonly arg: Expression;
  readonly other: Expression | undefined;
}
/** Syntax of its own (ARRAY[..], a[i], TRIM(.. FROM ..)), or what parses and is not executed yet (subqueries). */
export interface OtherExpr extends Node {
  readonly kind: 'other-expr';
  readonly feature: string;
  readonly args: readonly Expression[];
  /** What tells its variants apart: a field's name, BOTH, NOT. */
  readonly words?: readonly string[];
  /** Its tokens, one blank between them. */
  readonly text?: string;
}
