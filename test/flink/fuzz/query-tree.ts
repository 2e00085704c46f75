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
      readonly grouping: '' | 'ROLLUP' | 'CUBE' | 'GROUPING SETS';
      readonly items: readonly Item[];
      readonly having: readonly string[];
      /** Grouped by window_start and window_end: rows come when a window closes. */
      readonly isWindowed: boolean;
    }
  | {
      readonly node: 'window';
      readonly input: Query;
      readonly fn: 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION';
      readonly partition: readonly string[];
      readonly time: string;
      /** Intervals as SQL has them. */
      readonly intervals: readonly string[];
    }
  | { readonly node: 'unnest'; readonly input: Query; readonly column: string; readonly as: readonly FuzzColumn[] }
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
    case 'set':
      return columnsOf(query.left).map((column) => ({ ...column, isTime: false }));
  }
}

/** The query and the statements before it: a window's input that is no table is a view. */
export function render(query: Query): { readonly statements: readonly string[]; readonly sql: string } {
  const statements: string[] = [];
  return { statements, sql: select(query, statements) };
}

function select(query: Query, statements: string[]): string {
  switch (query.node) {
    case 'table':
    case 'window':
    case 'unnest':
      return `SELECT * FROM ${from(query, statements)}`;
    case 'select': {
      const list = query.items.map(itemSql).join(', ');
      const distinct = query.isDistinct ? 'DISTINCT ' : '';
      return `SELECT ${distinct}${list} FROM ${from(query.input, statements)}${clause('WHERE', query.where)}`;
    }
    case 'aggregate': {
      const source = from(query.input, statements);
      const list = query.items.map(itemSql).join(', ');
      return (
        `SELECT ${list} FROM ${source}${clause('WHERE', query.where)}` +
        `${groupBy(query)}${clause('HAVING', query.having)}`
      );
    }
    case 'set':
      return `${side(query.left, statements)} ${query.op} ${side(query.right, statements)}`;
  }
}

function side(query: Query, statements: string[]): string {
  return query.node === 'set' ? `(${select(query, statements)})` : select(query, statements);
}

function groupBy(query: Query & { node: 'aggregate' }): string {
  if (query.keys.length === 0) return '';
  if (query.grouping === '') return ` GROUP BY ${query.keys.join(', ')}`;
  const window = query.isWindowed ? query.keys.filter((key) => key.startsWith('window_')) : [];
  const rest = query.keys.filter((key) => !window.includes(key));
  const sets = query.grouping === 'GROUPING SETS' ? [...rest.map((key) => `(${key})`), '()'] : rest;
  return ` GROUP BY ${[...window, `${query.grouping} (${sets.join(', ')})`].join(', ')}`;
}

function from(query: Query, statements: string[]): string {
  switch (query.node) {
    case 'table':
      return query.name;
    case 'window': {
      const partition = query.partition.length === 0 ? '' : ` PARTITION BY ${query.partition.join(', ')}`;
      const args = [`DESCRIPTOR(${query.time})`, ...query.intervals].join(', ');
      return `TABLE(${query.fn}(TABLE ${named(query.input, statements)}${partition}, ${args}))`;
    }
    case 'unnest': {
      const columns = query.as.map(({ name }) => name).join(', ');
      const alias = `u_${query.column}`;
      return `${named(query.input, statements)} CROSS JOIN UNNEST(${query.column}) AS ${alias}(${columns})`;
    }
    case 'select':
    case 'aggregate':
    case 'set':
      return `(${select(query, statements)})`;
  }
}

function named(query: Query, statements: string[]): string {
  if (query.node === 'table') return query.name;
  const sql = select(query, statements);
  const name = `view${statements.length + 1}`;
  statements.push(`CREATE VIEW ${name} AS ${sql}`);
  return name;
}

function itemSql(item: Item): string {
  return item.sql === item.name ? item.sql : `${item.sql} AS ${item.name}`;
}

function clause(word: string, conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` ${word} ${conditions.join(' AND ')}`;
}
