import type { Random } from '../../expressions/random.ts';
import type { FuzzColumn, Item, Kind } from './query-tree.ts';
import { randomCondition } from './scalars.ts';

/** Where aggregates stand: not everything that Headwater computes, Flink does too (docs/flink-differences.md). */
export interface AggregateSetting {
  readonly columns: readonly FuzzColumn[];
  /** The window, if it is one. */
  readonly window: 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION' | undefined;
  /** Some windows below are of HOP. */
  readonly overHop: boolean;
  readonly isUpdating: boolean;
  /** What GROUP BY says. */
  readonly groups: readonly string[];
  /** The order of the rows is the same in both engines. */
  readonly isOrdered: boolean;
}

const NUMBERS: readonly Kind[] = ['tiny', 'small', 'int', 'bigint', 'decimal', 'float', 'double'];
/** Their squares are exact, so that the order of adding them does not matter. */
const VARIED: readonly Kind[] = ['tiny', 'small', 'double'];
const COMPARABLE: readonly Kind[] = [...NUMBERS, 'text', 'boolean', 'date', 'time', 'timestamp', 'instant'];
/** AVG of the others changes over rows that are taken back, in Flink. */
const STEADY_AVERAGES: readonly Kind[] = ['bigint', 'decimal', 'double'];

/** One to four aggregates. */
export function randomAggregates(random: Random, setting: AggregateSetting, name: () => string): Item[] {
  const items = Array.from({ length: 1 + random.below(4) }, () => randomAggregate(random, setting, name()));
  // Flink's AVG beside a variance is another one.
  const isVariance = (item: Item): boolean => /^(STDDEV|VAR)/.test(item.sql);
  const hasAverage = items.some((item) => item.sql.startsWith('AVG'));
  return hasAverage && items.some(isVariance) ? items.filter((item) => !isVariance(item)) : items;
}

function randomAggregate(random: Random, setting: AggregateSetting, name: string): Item {
  const item = call(random, setting, name);
  // Of ARRAY_AGG and LISTAGG over what is NOT NULL Flink says NOT NULL with FILTER too, where it can be NULL.
  if (random.below(5) > 0 || /^(ARRAY_AGG|LISTAGG)/.test(item.sql)) return item;
  const condition = randomCondition(random, setting.columns);
  return condition === undefined ? item : { ...item, sql: `${item.sql} FILTER (WHERE ${condition})` };
}

function call(random: Random, setting: AggregateSetting, name: string): Item {
  const { columns, window } = setting;
  const of = (kinds: readonly Kind[]): FuzzColumn | undefined => {
    const list = columns.filter((column) => kinds.includes(column.kind));
    return list.length === 0 ? undefined : random.pick(list);
  };
  const count: Item = { name, kind: 'bigint', sql: 'COUNT(*)' };
  switch (random.below(11)) {
    case 0:
      return count;
    case 1: {
      const column = of(COMPARABLE);
      const distinct = random.pick(['', 'DISTINCT ']);
      return column === undefined ? count : { ...count, sql: `COUNT(${distinct}${column.name})` };
    }
    case 2:
    case 3: {
      const column = of(NUMBERS);
      const distinct = !setting.overHop && random.below(4) === 0 ? 'DISTINCT ' : '';
      return column === undefined ? count : { name, kind: column.kind, sql: `SUM(${distinct}${column.name})` };
    }
    case 4: {
      const column = of(setting.isUpdating ? STEADY_AVERAGES : NUMBERS);
      // It is the group itself; in Flink its sum overflows at times (docs/flink-differences.md).
      if (column !== undefined && setting.groups.includes(column.name)) return count;
      return column === undefined ? count : { name, kind: column.kind, sql: `AVG(${column.name})` };
    }
    case 5:
    case 6: {
      const column = of(COMPARABLE);
      const fn = random.pick(['MIN', 'MAX']);
      return column === undefined ? count : { name, kind: column.kind, sql: `${fn}(${column.name})` };
    }
    case 7: {
      const column = of(COMPARABLE);
      if (column === undefined || !setting.isOrdered || !(window === undefined || window === 'TUMBLE')) return count;
      const fn = random.pick(['FIRST_VALUE', 'LAST_VALUE']);
      return { name, kind: column.kind, sql: `${fn}(${column.name})`, isOrdered: true };
    }
    case 8: {
      const column = of(['text']);
      if (column === undefined || !setting.isOrdered || window === 'HOP') return count;
      const separator = random.pick(['', ", '|'"]);
      // Of VARCHAR(n) it is VARCHAR(n) in Flink, although it can be longer.
      // Where a row joins two sessions, which comes first is arbitrary in Flink: nothing is made of the text.
      const kind = window === 'SESSION' ? 'other' : 'text';
      return { name, kind, sql: `LISTAGG(CAST(${column.name} AS STRING)${separator})`, isOrdered: true };
    }
    case 9: {
      // Two equal BYTES are two elements for Flink's COLLECT.
      const isCollect = !setting.isOrdered || window === 'HOP' || random.below(2) === 0;
      const column = of(isCollect ? COMPARABLE : [...COMPARABLE, 'bytes']);
      if (column === undefined) return count;
      if (isCollect) return { name, kind: 'other', sql: `COLLECT(${column.name})` };
      return { name, kind: 'other', sql: `ARRAY_AGG(${column.name})`, isOrdered: true };
    }
    default: {
      const column = of(VARIED);
      // The last digit depends on the order.
      if (column === undefined || setting.isUpdating || !setting.isOrdered) return count;
      const fn = random.pick(['STDDEV_POP', 'STDDEV_SAMP', 'VAR_POP', 'VAR_SAMP']);
      return { name, kind: column.kind, sql: `${fn}(${column.name})` };
    }
  }
}
