/** What a column holds, as far as the generator has to know. */
export type Kind =
  | 'tiny'
  | 'small'
  | 'int'
  | 'bigint'
  | 'decimal'
  | 'float'
  | 'double'
  | 'text'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'instant'
  | 'bytes'
  | 'ints'
  | 'entries'
  | 'other';

export interface FuzzColumn {
  readonly name: string;
  readonly kind: Kind;
  /** A time attribute: windows may be made over it. */
  readonly isTime?: boolean;
}

/** An output column: an expression and its name. */
export interface Item extends FuzzColumn {
  readonly sql: string;
  /** The value depends on the order of the rows. */
  readonly isOrdered?: boolean;
}

export type WindowKind = 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION';
export type Grouping = '' | 'ROLLUP' | 'CUBE' | 'GROUPING SETS';

/** A random query as a tree, so that a difference can be traced to the smallest tree that shows it. */
export type Query =
  | { readonly node: 'table'; readonly name: string; readonly columns: readonly FuzzColumn[] }
  | {
      readonly node: 'select';
      readonly input: Query;
      readonly where: readonly string[];
      readonly items: readonly Item[];
      readonly isDistinct: boolean;
    }
  | {
      readonly node: 'aggregate';
      readonly input: Query;
      readonly where: readonly string[];
      /** What GROUP BY says; empty: one group of all rows. */
      readonly keys: readonly string[];
      readonly grouping: Grouping;
      /** Keys that all grouping sets have: the bounds of a window, or its GROUP BY TUMBLE(..). */
      readonly fixed: readonly string[];
      readonly items: readonly Item[];
      readonly having: readonly string[];
      /** Grouped by window_start and window_end, or a group window: rows come when a window closes. */
      readonly isWindowed: boolean;
    }
  | {
      readonly node: 'window';
      readonly input: Query;
      readonly fn: WindowKind;
      readonly partition: readonly string[];
      readonly time: string;
      /** Intervals as SQL has them. */
      readonly intervals: readonly string[];
    }
  | {
      readonly node: 'unnest';
      readonly input: Query;
      readonly column: string;
      readonly as: readonly FuzzColumn[];
      readonly join: 'CROSS' | 'INNER' | 'LEFT';
      /** The condition of INNER and LEFT. */
      readonly on: string;
      readonly ordinality: boolean;
    }
  /** The input as a common table expression. */
  | { readonly node: 'cte'; readonly input: Query }
  | { readonly node: 'limit'; readonly input: Query; readonly count: number; readonly offset: number }
  | { readonly node: 'set'; readonly op: string; readonly left: Query; readonly right: Query };

/** Of a window table function, behind the columns of its input. */
export const WINDOW_COLUMNS: readonly FuzzColumn[] = [
  { name: 'window_start', kind: 'timestamp' },
  { name: 'window_end', kind: 'timestamp' },
];

export function inputsOf(query: Query): readonly Query[] {
  switch (query.node) {
    case 'table':
      return [];
    case 'set':
      return [query.left, query.right];
    case 'select':
    case 'aggregate':
    case 'window':
    case 'unnest':
    case 'cte':
    case 'limit':
      return [query.input];
  }
}

export function columnsOf(query: Query): readonly FuzzColumn[] {
  switch (query.node) {
    case 'table':
      return query.columns;
    case 'select':
    case 'aggregate':
      return query.items;
    case 'window':
      // The time column is no time attribute any more.
      return [...columnsOf(query.input).map((column) => ({ ...column, isTime: false })), ...WINDOW_COLUMNS];
    case 'unnest':
      return [...columnsOf(query.input), ...query.as];
    case 'cte':
    case 'limit':
      return columnsOf(query.input);
    case 'set': {
      const right = columnsOf(query.right);
      const isTime = (column: FuzzColumn, i: number): boolean =>
        query.op === 'UNION ALL' && column.isTime === true && right[i].isTime === true;
      return columnsOf(query.left).map((column, i) => ({ ...column, isTime: isTime(column, i) }));
    }
  }
}
