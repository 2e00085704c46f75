import { randomAggregates } from './aggregate-calls.ts';
import { type Draw, GROUPABLE } from './query-draw.ts';
import type { Sources } from './query-sources.ts';
import { columnsOf, type FuzzColumn, inputsOf, type Item, type Query, type WindowKind } from './query-tree.ts';
import { orderOf } from './query-traits.ts';

type Window = Query & { readonly node: 'window' };
type Aggregate = Query & { readonly node: 'aggregate' };

/** Random windows and the aggregations over them. */
export class WindowQueries {
  private readonly draw: Draw;
  private readonly sources: Sources;

  constructor(draw: Draw, sources: Sources) {
    this.draw = draw;
    this.sources = sources;
  }

  /** A window aggregation over a table, a view, a union, or the result of other ones. */
  windowed(depth: number): Query {
    const { draw } = this;
    const input = this.input(depth);
    if (draw.chance(4)) return this.groupWindow(input, draw.chance(4));
    const { aggregate } = this.overWindow(this.window(input), draw.chance(4));
    return depth > 0 && draw.chance(4) ? this.again(aggregate) : aggregate;
  }

  window(input: Query, fns: readonly WindowKind[] = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION']): Window {
    const { draw } = this;
    const columns = columnsOf(input);
    const fn = draw.random.pick(fns);
    const { time, intervals } = this.timeAndIntervals(fn, columns, true);
    // Grouped by what was a time attribute once, sessions are updated in Flink (docs/flink-differences.md).
    const partition = columns.filter(({ kind }) => kind !== 'timestamp' && GROUPABLE.includes(kind));
    const isParted = fn === 'SESSION' && partition.length > 0 && draw.chance(2);
    return {
      node: 'window',
      input,
      fn,
      partition: isParted ? [draw.random.pick(partition).name] : [],
      time: time.name,
      intervals,
    };
  }

  private input(depth: number): Query {
    const { draw, sources } = this;
    if (depth > 0 && draw.chance(3)) return this.cascading(depth - 1);
    switch (draw.random.below(8)) {
      case 0:
        return sources.filtered(sources.unnest(sources.table()));
      case 1:
        return sources.filtered(sources.table());
      case 2:
        return sources.unionInTime();
      default:
        return sources.table();
    }
  }

  /** A window aggregation whose windows' time goes on. */
  private cascading(depth: number): Query {
    const { draw } = this;
    const input = depth > 0 && draw.chance(3) ? this.cascading(depth - 1) : this.input(0);
    if (draw.chance(4)) return this.groupWindow(input, true);
    return this.overWindow(this.window(input, ['TUMBLE', 'HOP', 'CUMULATE']), true).aggregate;
  }

  private overWindow(window: Window, withTime: boolean): { readonly aggregate: Aggregate } {
    const { draw } = this;
    const columns = columnsOf(window).filter(({ name }) => !name.startsWith('window_'));
    const keys =
      window.fn === 'SESSION'
        ? columns.filter(({ name }) => window.partition.includes(name)).map((key) => draw.plain(key))
        : draw.keys(columns, draw.random.below(3));
    const time = columnsOf(window.input).find((column) => column.name === window.time);
    const bounds: Item[] = [
      { name: draw.name(), kind: 'timestamp', sql: 'window_start' },
      { name: draw.name(), kind: 'timestamp', sql: 'window_end' },
      ...(withTime ? [{ name: draw.name(), kind: time?.kind ?? 'timestamp', sql: 'window_time', isTime: true }] : []),
    ];
    // Flink's job fails where the time is a key that a grouping set leaves out.
    const mayGroup = window.fn !== 'SESSION' && keys.every(({ sql }) => !sql.includes(window.time));
    return { aggregate: this.aggregate({ input: window, fn: window.fn, columns, keys, bounds, mayGroup }) };
  }

  /** The older form: GROUP BY TUMBLE(..). */
  private groupWindow(input: Query, withTime: boolean): Query {
    const { draw } = this;
    const columns = columnsOf(input);
    const fn = draw.random.pick(['TUMBLE', 'HOP', 'SESSION'] as const);
    const { time, intervals } = this.timeAndIntervals(fn, columns, false);
    const args = [time.name, ...intervals].join(', ');
    const bound = (part: string): Item => ({ name: draw.name(), kind: time.kind, sql: `${fn}_${part}(${args})` });
    const bounds: Item[] = [
      { ...bound('START'), kind: 'timestamp' },
      { ...bound('END'), kind: 'timestamp' },
      ...(withTime ? [{ ...bound('ROWTIME'), isTime: true }] : []),
    ];
    const usable = columns.filter((column) => column !== time);
    const keys = draw.keys(usable, draw.random.below(3));
    const made = this.aggregate({ input, fn, columns: usable, keys, bounds, mayGroup: false });
    const fixed = [`${fn}(${args})`];
    return { ...made, keys: [...keys.map(({ sql }) => sql), ...fixed], fixed };
  }

  /** Another aggregation by the same windows. */
  private again(below: Aggregate): Query {
    const { draw } = this;
    const columns = columnsOf(below);
    const bounds = below.items.filter(({ sql }) => sql === 'window_start' || sql === 'window_end');
    const usable = columns.filter(({ name }) => !bounds.some((bound) => bound.name === name));
    const keys =
      below.input.node === 'window' && below.input.fn === 'SESSION' ? [] : draw.keys(usable, draw.random.below(2));
    return this.aggregate({
      input: below,
      fn: 'CUMULATE',
      columns: usable,
      keys,
      bounds: bounds.map((bound) => draw.plain(bound)),
      mayGroup: true,
    });
  }

  private aggregate(of: {
    readonly input: Query;
    readonly fn: WindowKind;
    readonly columns: readonly FuzzColumn[];
    readonly keys: readonly Item[];
    readonly bounds: readonly Item[];
    readonly mayGroup: boolean;
  }): Aggregate {
    const { draw } = this;
    const { input, fn, columns, keys, bounds, mayGroup } = of;
    const below = input.node === 'window' ? input.input : input;
    const setting = {
      columns,
      window: fn,
      overHop: hasHop(input),
      isUpdating: false,
      groups: keys.map(({ sql }) => sql),
      isOrdered: orderOf(below) === 'fixed',
    };
    const calls = randomAggregates(draw.random, setting, () => draw.name());
    const isGrouped = mayGroup && keys.length > 0 && draw.chance(5);
    return {
      node: 'aggregate',
      input,
      where: draw.conditions(columns),
      keys: [...keys, ...bounds].map((key) => key.sql),
      grouping: isGrouped ? draw.grouping() : '',
      fixed: bounds.map((bound) => bound.sql),
      items: [...keys, ...bounds, ...(isGrouped ? draw.groupingCalls(keys) : []), ...calls],
      having: draw.having(calls),
      isWindowed: true,
    };
  }

  private timeAndIntervals(
    fn: WindowKind,
    columns: readonly FuzzColumn[],
    mayShift: boolean,
  ): { readonly time: FuzzColumn; readonly intervals: string[] } {
    const { random } = this.draw;
    const step = random.pick([1, 2, 5, 7]);
    const times = random.pick([1, 2, 3, 5]);
    const offset = mayShift && step > 2 && this.draw.chance(5) ? [seconds(random.pick([1, -2]))] : [];
    const intervals = {
      TUMBLE: [seconds(step * times), ...offset],
      HOP: [seconds(step), seconds(step * times), ...offset],
      CUMULATE: [seconds(step), seconds(step * times), ...offset],
      SESSION: [seconds(step)],
    }[fn];
    return { time: random.pick(columns.filter((column) => column.isTime)), intervals };
  }
}

export function hasHop(query: Query): boolean {
  if (query.node === 'window' && query.fn === 'HOP') return true;
  if (query.node === 'aggregate' && query.fixed.some((key) => key.startsWith('HOP('))) return true;
  return inputsOf(query).some(hasHop);
}

function seconds(count: number): string {
  return `INTERVAL '${count}' SECOND`;
}
