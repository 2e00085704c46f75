import type { Random } from '../../expressions/random.ts';
import { randomAggregates } from './aggregate-calls.ts';
import { Draw, GROUPABLE } from './query-draw.ts';
import { Sources } from './query-sources.ts';
import { columnsOf, type Item, type Query } from './query-tree.ts';
import { isLimitKnown, isUpdating, orderOf } from './query-traits.ts';
import { hasHop, WindowQueries } from './query-windows.ts';

const SETS = ['UNION ALL', 'UNION', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL'];

/** Makes a random query over the tables of data.ts. */
export function randomQuery(random: Random): Query {
  return new QueryGenerator(random).next();
}

class QueryGenerator {
  private readonly draw: Draw;
  private readonly sources: Sources;
  private readonly windows: WindowQueries;

  constructor(random: Random) {
    this.draw = new Draw(random);
    this.sources = new Sources(this.draw);
    this.windows = new WindowQueries(this.draw, this.sources);
  }

  next(): Query {
    const { draw } = this;
    const query = this.any(draw.chance(4) ? 3 : 2);
    if (draw.chance(8)) return this.limited(query);
    return draw.chance(6) ? this.sources.selection(query, draw.chance(3)) : query;
  }

  private any(depth: number): Query {
    const query = this.plain(depth);
    return this.draw.chance(8) ? { node: 'cte', input: query } : query;
  }

  private plain(depth: number): Query {
    const { draw, sources } = this;
    switch (draw.random.below(9)) {
      case 0:
        return sources.selection(this.appending(1), draw.chance(3));
      case 1:
      case 2:
        return this.aggregate(depth > 1 && draw.chance(3) ? this.any(depth - 1) : this.appending(1));
      case 3:
      case 4:
      case 5:
        return this.windows.windowed(depth);
      case 6:
        return this.set(depth);
      case 7:
        return this.collected();
      default:
        return depth > 1 ? this.aggregate(this.windows.windowed(depth - 1)) : this.aggregate(this.appending(1));
    }
  }

  /** A query whose rows come and stay. */
  private appending(depth: number): Query {
    const { draw, sources } = this;
    const table = sources.table();
    if (depth === 0) return table;
    switch (draw.random.below(8)) {
      case 0:
        return sources.selection(draw.chance(2) ? sources.selection(table, false) : table, false);
      case 1:
        return sources.unnest(table);
      case 2:
        return this.windows.window(table);
      case 3:
        return { node: 'cte', input: sources.filtered(table) };
      case 4:
        return sources.unionInTime();
      default:
        return table;
    }
  }

  /** Elements that aggregates collect, as rows. */
  private collected(): Query {
    const { draw, sources } = this;
    const table = sources.table();
    const columns = columnsOf(table);
    const [key] = draw.keys(columns, 1);
    const numbers = columns.filter(({ kind }) => kind === 'int');
    const call: Item = { name: draw.name(), kind: 'ints', sql: `ARRAY_AGG(${draw.random.pick(numbers).name})` };
    const below: Query = {
      node: 'aggregate',
      input: table,
      where: draw.conditions(columns),
      keys: key === undefined ? [] : [key.sql],
      grouping: '',
      fixed: [],
      items: key === undefined ? [call] : [key, call],
      having: [],
      isWindowed: false,
    };
    const unnested = sources.unnest(below);
    return draw.chance(2) ? this.aggregate(unnested) : unnested;
  }

  private aggregate(input: Query): Query {
    const { draw } = this;
    const columns = columnsOf(input);
    // With both bounds of a window it would be a window aggregation.
    const keys = draw.keys(columns, draw.random.below(4)).filter(({ sql }) => !isWindowEnd(input, sql));
    const isGrouped = keys.length > 1 && draw.chance(5);
    const setting = {
      columns,
      window: undefined,
      overHop: hasHop(input),
      isUpdating: isUpdating(input),
      groups: keys.map(({ sql }) => sql),
      isOrdered: orderOf(input) !== 'free' && !isGrouped,
    };
    const calls = randomAggregates(draw.random, setting, () => draw.name());
    return {
      node: 'aggregate',
      input,
      where: draw.conditions(columns),
      keys: keys.map((key) => key.sql),
      grouping: isGrouped ? draw.grouping() : '',
      fixed: isGrouped && draw.chance(3) ? [keys[0].sql] : [],
      items: [...keys, ...(isGrouped ? draw.groupingCalls(keys) : []), ...calls],
      having: draw.having(calls),
      isWindowed: false,
    };
  }

  /** Some of the rows: the first ones where both engines know them, else they are counted. */
  private limited(query: Query): Query {
    const { draw } = this;
    const { random } = draw;
    const limit: Query = {
      node: 'limit',
      input: query,
      count: random.pick([0, 1, 2, 3, 5, 8, 100]),
      // Over rows that change that of Flink is wrong (docs/flink-differences.md).
      offset: isUpdating(query) ? 0 : random.pick([0, 0, 0, 1, 2]),
    };
    if (isLimitKnown(query) && !draw.chance(3)) return limit;
    const count: Item = { name: draw.name(), kind: 'bigint', sql: 'COUNT(*)' };
    return {
      node: 'aggregate',
      input: limit,
      where: [],
      keys: [],
      grouping: '',
      fixed: [],
      items: [count],
      having: [],
      isWindowed: false,
    };
  }

  private set(depth: number): Query {
    const { draw, sources } = this;
    const { random } = draw;
    const base = depth > 1 && draw.chance(2) ? this.any(depth - 1) : sources.table();
    const shared: Query = draw.chance(4) ? { node: 'cte', input: base } : base;
    const left = this.side(shared, undefined);
    const kinds = columnsOf(left).map(({ kind }) => kind);
    // A common table expression is used on both sides, where it has the columns.
    const other = shared.node === 'cte' && columnsOf(base).some(({ kind }) => kind === kinds[0]) ? shared : undefined;
    const right = this.side(other ?? sources.table(), other === undefined ? kinds : undefined);
    const isFitting =
      columnsOf(right)
        .map(({ kind }) => kind)
        .join() === kinds.join();
    return {
      node: 'set',
      op: random.pick(SETS),
      left,
      right: isFitting ? right : this.side(sources.table(), kinds),
    };
  }

  /** One or two columns, of these kinds if they are given. */
  private side(input: Query, kinds: readonly Item['kind'][] | undefined): Query {
    const { draw } = this;
    const { random } = draw;
    const columns = columnsOf(input);
    const usable = columns.filter(({ kind }) => GROUPABLE.includes(kind) && kind !== 'timestamp');
    const wanted =
      kinds ?? Array.from({ length: 1 + random.below(2) }, () => usable.length > 0 && random.pick(usable).kind);
    const items = wanted.map((kind): Item => {
      const fitting = columns.filter((column) => column.kind === kind);
      const name = draw.name();
      return fitting.length === 0 ? { name, kind: 'int', sql: '1' } : { ...draw.plain(random.pick(fitting)), name };
    });
    return { node: 'select', input, where: draw.conditions(columns), items, isDistinct: false };
  }
}

/** A column that is the end of a window, whatever its name. */
function isWindowEnd(query: Query, sql: string): boolean {
  if (sql === 'window_end') return true;
  if (query.node === 'cte' || query.node === 'limit') return isWindowEnd(query.input, sql);
  if (query.node !== 'select' && query.node !== 'aggregate') return false;
  const item = query.items.find(({ name }) => name === sql);
  return item !== undefined && isWindowEnd(query.input, item.sql);
}
