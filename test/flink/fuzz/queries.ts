import type { Random } from '../../expressions/random.ts';
import { randomAggregates } from './aggregate-calls.ts';
import { FUZZ_TABLES } from './data.ts';
import { columnsOf, type FuzzColumn, inputsOf, type Item, type Kind, type Query } from './query-tree.ts';
import { isUpdating, orderOf } from './query-traits.ts';
import { randomCondition, randomScalar } from './scalars.ts';

const GROUPABLE: readonly Kind[] = [
  'tiny',
  'int',
  'bigint',
  'decimal',
  'double',
  'text',
  'boolean',
  'date',
  'timestamp',
];
const SETS = ['UNION ALL', 'UNION', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL'];

/** Makes random queries over the tables of data.ts. */
export class QueryGenerator {
  private readonly random: Random;
  private names = 0;

  constructor(random: Random) {
    this.random = random;
  }

  next(): Query {
    this.names = 0;
    const query = this.any(2);
    return this.chance(6) ? this.selection(query, this.chance(3)) : query;
  }

  private any(depth: number): Query {
    switch (this.random.below(8)) {
      case 0:
        return this.selection(this.appending(1), this.chance(3));
      case 1:
      case 2:
        return this.aggregate(depth > 1 && this.chance(3) ? this.any(depth - 1) : this.appending(1));
      case 3:
      case 4:
      case 5:
        return this.windowed(depth);
      case 6:
        return this.set(depth);
      default:
        return depth > 1 ? this.aggregate(this.windowed(1)) : this.aggregate(this.appending(1));
    }
  }

  /** A query whose rows come and stay. */
  private appending(depth: number): Query {
    const { random } = this;
    const table = this.table();
    if (depth === 0) return table;
    switch (random.below(6)) {
      case 0:
        return this.selection(table, false);
      case 1:
        return this.unnest(table);
      case 2:
        return this.window(table);
      default:
        return table;
    }
  }

  private table(): Query {
    const { name, columns } = this.random.pick(FUZZ_TABLES);
    return { node: 'table', name, columns };
  }

  private selection(input: Query, isDistinct: boolean): Query {
    const columns = columnsOf(input);
    const items = this.unique(
      Array.from({ length: 1 + this.random.below(isDistinct ? 2 : 4) }, () => this.scalar(columns)),
    ).filter((item) => !isDistinct || GROUPABLE.includes(item.kind));
    const kept = items.length > 0 ? items : [{ name: this.name(), kind: 'int' as const, sql: '1' }];
    return { node: 'select', input, where: this.conditions(columns), items: kept, isDistinct };
  }

  /** All that the table has, for a window: its time stays. */
  private filtered(input: Query): Query {
    const columns = columnsOf(input);
    const time = columns.filter((column) => column.isTime);
    const rest = columns.filter((column) => !column.isTime && this.random.below(3) > 0);
    const items: Item[] = [...rest, ...time].map((column) => ({ ...column, sql: column.name }));
    const extra = this.scalar(columns);
    return {
      node: 'select',
      input,
      where: this.conditions(columns),
      items: this.unique([...items, extra]),
      isDistinct: false,
    };
  }

  private unnest(input: Query): Query {
    const isMap = this.chance(2);
    const as: FuzzColumn[] = isMap
      ? [
          { name: this.name(), kind: 'text' },
          { name: this.name(), kind: 'int' },
        ]
      : [{ name: this.name(), kind: 'int' }];
    return { node: 'unnest', input, column: isMap ? 'mp' : 'ar', as };
  }

  private aggregate(input: Query): Query {
    const { random } = this;
    const columns = columnsOf(input);
    // With both bounds of a window it would be a window aggregation.
    const keys = this.keys(columns, random.below(4)).filter(({ sql }) => sql !== 'window_end');
    const grouping = keys.length > 1 && this.chance(6) ? random.pick(['ROLLUP', 'CUBE', 'GROUPING SETS'] as const) : '';
    const setting = {
      columns,
      window: undefined,
      overHop: hasHop(input),
      isUpdating: isUpdating(input),
      isOrdered: orderOf(input) !== 'free' && grouping === '',
    };
    const calls = randomAggregates(random, setting, () => this.name());
    return {
      node: 'aggregate',
      input,
      where: this.conditions(columns),
      keys: keys.map((key) => key.sql),
      grouping,
      items: [...keys, ...calls],
      having: this.having(calls),
      isWindowed: false,
    };
  }

  /** A window aggregation, over a table, a view, or the result of another one. */
  private windowed(depth: number): Query {
    const { random } = this;
    let input = this.table();
    if (depth > 0 && this.chance(4)) input = this.cascading();
    else if (this.chance(3)) input = this.filtered(this.chance(4) ? this.unnest(input) : input);
    const window = this.window(input);
    if (window.node !== 'window') throw new Error('a window');
    const columns = columnsOf(window).filter(({ name }) => !name.startsWith('window_'));
    const keys =
      window.fn === 'SESSION'
        ? columns.filter(({ name }) => window.partition.includes(name)).map((key) => ({ ...key, sql: key.name }))
        : this.keys(columns, random.below(3));
    return this.windowAggregate(window, columns, keys, this.chance(4));
  }

  /** A window aggregation whose windows' time goes on. */
  private cascading(): Query {
    const window = this.window(this.table(), ['TUMBLE', 'HOP', 'CUMULATE']);
    const columns = columnsOf(window).filter(({ name }) => !name.startsWith('window_'));
    return this.windowAggregate(window, columns, this.keys(columns, this.random.below(3)), true);
  }

  private windowAggregate(
    window: Query,
    columns: readonly FuzzColumn[],
    keys: readonly Item[],
    withTime: boolean,
  ): Query {
    if (window.node !== 'window') throw new Error('a window');
    const setting = {
      columns,
      window: window.fn,
      overHop: hasHop(window),
      isUpdating: false,
      isOrdered: orderOf(window.input) === 'fixed',
    };
    const calls = randomAggregates(this.random, setting, () => this.name());
    const time = columnsOf(window.input).find((column) => column.name === window.time);
    // Flink's job fails where the time is a key that a grouping set leaves out.
    const mayGroup = keys.length > 0 && keys.every(({ sql }) => !sql.includes(window.time));
    const grouping = mayGroup && this.chance(8) ? this.random.pick(['ROLLUP', 'GROUPING SETS'] as const) : '';
    const bounds: Item[] = [
      { name: this.name(), kind: 'timestamp', sql: 'window_start' },
      { name: this.name(), kind: 'timestamp', sql: 'window_end' },
      ...(withTime ? [{ name: this.name(), kind: time?.kind ?? 'timestamp', sql: 'window_time', isTime: true }] : []),
    ];
    return {
      node: 'aggregate',
      input: window,
      where: this.conditions(columns),
      keys: [...keys, ...bounds].map((key) => key.sql),
      grouping: window.fn === 'SESSION' ? '' : grouping,
      items: [...keys, ...bounds, ...calls],
      having: this.having(calls),
      isWindowed: true,
    };
  }

  private window(input: Query, fns = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'] as const as readonly string[]): Query {
    const { random } = this;
    const columns = columnsOf(input);
    const time = random.pick(columns.filter((column) => column.isTime));
    const fn = random.pick(fns) as (Query & { node: 'window' })['fn'];
    const step = random.pick([1, 2, 5, 7]);
    const times = random.pick([1, 2, 3, 5]);
    const offset = step > 2 && this.chance(5) ? [seconds(random.pick([1, -2]))] : [];
    const partition = columns.filter(({ kind, isTime }) => isTime !== true && GROUPABLE.includes(kind));
    const intervals = {
      TUMBLE: [seconds(step * times), ...offset],
      HOP: [seconds(step), seconds(step * times), ...offset],
      CUMULATE: [seconds(step), seconds(step * times), ...offset],
      SESSION: [seconds(step)],
    }[fn];
    return {
      node: 'window',
      input,
      fn,
      partition: fn === 'SESSION' && partition.length > 0 && this.chance(2) ? [random.pick(partition).name] : [],
      time: time.name,
      intervals,
    };
  }

  private set(depth: number): Query {
    const { random } = this;
    const base = depth > 1 && this.chance(2) ? this.any(depth - 1) : this.table();
    const usable = columnsOf(base).filter(({ kind }) => GROUPABLE.includes(kind) && kind !== 'timestamp');
    const items = this.unique(
      usable.length === 0
        ? [{ name: this.name(), kind: 'int', sql: '1' }]
        : Array.from({ length: 1 + random.below(2) }, () => this.plain(random.pick(usable))),
    );
    const left: Query = {
      node: 'select',
      input: base,
      where: this.conditions(columnsOf(base)),
      items,
      isDistinct: false,
    };
    const table = this.table();
    const columns = columnsOf(table);
    const matching = items.map(({ kind }) => this.plain(random.pick(columns.filter((column) => column.kind === kind))));
    const right: Query = {
      node: 'select',
      input: table,
      where: this.conditions(columns),
      items: matching.map((item) => ({ ...item, name: this.name() })),
      isDistinct: false,
    };
    return { node: 'set', op: random.pick(SETS), left, right };
  }

  private plain(column: FuzzColumn): Item {
    return { ...column, sql: column.name };
  }

  private keys(columns: readonly FuzzColumn[], count: number): Item[] {
    const usable = columns.filter(({ kind, isTime }) => GROUPABLE.includes(kind) && isTime !== true);
    if (usable.length === 0) return [];
    const keys = Array.from({ length: count }, () => this.scalar(usable));
    return this.unique(keys.filter((key) => GROUPABLE.includes(key.kind)));
  }

  private having(calls: readonly Item[]): string[] {
    if (!this.chance(5)) return [];
    const call = this.random.pick(calls);
    if (call.kind === 'other') return [`${call.sql} IS NOT NULL`];
    const condition = randomCondition(this.random, [{ name: call.sql, kind: call.kind }]);
    return condition === undefined ? [] : [condition];
  }

  private conditions(columns: readonly FuzzColumn[]): string[] {
    const wanted = this.random.pick([0, 0, 0, 1, 1, 2]);
    return Array.from({ length: wanted }, () => randomCondition(this.random, columns)).flatMap((one) => one ?? []);
  }

  private scalar(columns: readonly FuzzColumn[]): Item {
    return randomScalar(this.random, columns, this.name());
  }

  /** Without items of one name: it would be ambiguous. */
  private unique(items: readonly Item[]): Item[] {
    return [...new Map(items.map((item) => [item.name, item])).values()];
  }

  private name(): string {
    this.names += 1;
    return `c${this.names}`;
  }

  private chance(outOf: number): boolean {
    return this.random.below(outOf) === 0;
  }
}

function hasHop(query: Query): boolean {
  return (query.node === 'window' && query.fn === 'HOP') || inputsOf(query).some(hasHop);
}

function seconds(count: number): string {
  return `INTERVAL '${count}' SECOND`;
}
