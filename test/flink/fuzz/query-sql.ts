import type { Item, Query } from './query-tree.ts';

/** The query and the statements before it: a window's input that is no table is a view. */
export function render(query: Query): { readonly statements: readonly string[]; readonly sql: string } {
  const statements: string[] = [];
  return { statements, sql: new Renderer(statements).statement(query) };
}

/** One statement; views before it go to `views`. */
class Renderer {
  private readonly views: string[];
  private readonly ctes: { readonly input: Query; readonly sql: string }[] = [];

  constructor(views: string[]) {
    this.views = views;
  }

  statement(query: Query): string {
    const sql = this.select(query);
    if (this.ctes.length === 0) return sql;
    return `WITH ${this.ctes.map((cte, i) => `w${i + 1} AS (${cte.sql})`).join(', ')} ${sql}`;
  }

  private select(query: Query): string {
    switch (query.node) {
      case 'table':
      case 'window':
      case 'unnest':
      case 'cte':
        return `SELECT * FROM ${this.from(query)}`;
      case 'select': {
        const list = query.items.map(itemSql).join(', ');
        const distinct = query.isDistinct ? 'DISTINCT ' : '';
        return `SELECT ${distinct}${list} FROM ${this.from(query.input)}${clause('WHERE', query.where)}`;
      }
      case 'aggregate': {
        const source = this.from(query.input);
        const list = query.items.map(itemSql).join(', ');
        return (
          `SELECT ${list} FROM ${source}${clause('WHERE', query.where)}` +
          `${groupBy(query)}${clause('HAVING', query.having)}`
        );
      }
      case 'set':
        return `${this.side(query.left)} ${query.op} ${this.side(query.right)}`;
      case 'limit': {
        const offset = query.offset === 0 ? '' : ` OFFSET ${query.offset}`;
        return `SELECT * FROM ${this.from(query.input)} LIMIT ${query.count}${offset}`;
      }
    }
  }

  private side(query: Query): string {
    return query.node === 'set' ? `(${this.select(query)})` : this.select(query);
  }

  private from(query: Query): string {
    switch (query.node) {
      case 'table':
        return query.name;
      case 'cte':
        return this.cte(query.input);
      case 'window': {
        const partition = query.partition.length === 0 ? '' : ` PARTITION BY ${query.partition.join(', ')}`;
        const args = [`DESCRIPTOR(${query.time})`, ...query.intervals].join(', ');
        return `TABLE(${query.fn}(TABLE ${this.named(query.input)}${partition}, ${args}))`;
      }
      case 'unnest': {
        const columns = query.as.map(({ name }) => name).join(', ');
        const collection = `UNNEST(${query.column})${query.ordinality ? ' WITH ORDINALITY' : ''}`;
        const on = query.join === 'CROSS' ? '' : ` ON ${query.on}`;
        return `${this.named(query.input)} ${query.join} JOIN ${collection} AS u_${query.column}(${columns})${on}`;
      }
      case 'select':
      case 'aggregate':
      case 'set':
      case 'limit':
        return `(${this.select(query)})`;
    }
  }

  private named(query: Query): string {
    if (query.node === 'table') return query.name;
    if (query.node === 'cte') return this.cte(query.input);
    const sql = new Renderer(this.views).statement(query);
    const name = `view${this.views.length + 1}`;
    this.views.push(`CREATE VIEW ${name} AS ${sql}`);
    return name;
  }

  /** The name of a common table expression, one for all uses of a query. */
  private cte(input: Query): string {
    const sql = this.select(input);
    const known = this.ctes.findIndex((cte) => cte.input === input || cte.sql === sql);
    if (known >= 0) return `w${known + 1}`;
    this.ctes.push({ input, sql });
    return `w${this.ctes.length}`;
  }
}

function groupBy(query: Query & { node: 'aggregate' }): string {
  if (query.keys.length === 0) return '';
  if (query.grouping === '') return ` GROUP BY ${query.keys.join(', ')}`;
  const rest = query.keys.filter((key) => !query.fixed.includes(key));
  const single = rest.map((key) => `(${key})`);
  const all = rest.length > 2 ? [`(${rest.join(', ')})`] : [];
  const sets = query.grouping === 'GROUPING SETS' ? [...all, ...single, '()'] : rest;
  return ` GROUP BY ${[...query.fixed, `${query.grouping} (${sets.join(', ')})`].join(', ')}`;
}

function itemSql(item: Item): string {
  return item.sql === item.name ? item.sql : `${item.sql} AS ${item.name}`;
}

function clause(word: string, conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` ${word} ${conditions.join(' AND ')}`;
}
