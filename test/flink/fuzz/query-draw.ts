import type { Random } from '../../expressions/random.ts';
import type { FuzzColumn, Grouping, Item, Kind } from './query-tree.ts';
import { randomCondition, randomScalar } from './scalars.ts';

export const GROUPABLE: readonly Kind[] = [
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

/** Random parts of one query, with names of their own. */
export class Draw {
  readonly random: Random;
  private names = 0;

  constructor(random: Random) {
    this.random = random;
  }

  name(): string {
    this.names += 1;
    return `c${this.names}`;
  }

  /** Once in so many times. */
  chance(outOf: number): boolean {
    return this.random.below(outOf) === 0;
  }

  scalar(columns: readonly FuzzColumn[]): Item {
    return randomScalar(this.random, columns, this.name());
  }

  plain(column: FuzzColumn): Item {
    return { ...column, sql: column.name };
  }

  conditions(columns: readonly FuzzColumn[]): string[] {
    const wanted = this.random.pick([0, 0, 0, 1, 1, 2]);
    return Array.from({ length: wanted }, () => randomCondition(this.random, columns)).flatMap((one) => one ?? []);
  }

  having(calls: readonly Item[]): string[] {
    if (!this.chance(5)) return [];
    const call = this.random.pick(calls);
    if (call.kind === 'other' || call.kind === 'ints') return [`${call.sql} IS NOT NULL`];
    const condition = randomCondition(this.random, [{ name: call.sql, kind: call.kind }]);
    return condition === undefined ? [] : [condition];
  }

  keys(columns: readonly FuzzColumn[], count: number): Item[] {
    const usable = columns.filter(({ kind, isTime }) => GROUPABLE.includes(kind) && isTime !== true);
    if (usable.length === 0) return [];
    const keys = Array.from({ length: count }, () => this.scalar(usable));
    return this.unique(keys.filter((key) => GROUPABLE.includes(key.kind)));
  }

  grouping(): Grouping {
    return this.random.pick(['ROLLUP', 'CUBE', 'GROUPING SETS'] as const);
  }

  /** What tells the grouping sets of a row apart, at times. */
  groupingCalls(keys: readonly Item[]): Item[] {
    if (keys.length === 0 || !this.chance(2)) return [];
    const list = this.chance(2) ? [this.random.pick(keys)] : keys;
    const fn = list.length === 1 && this.chance(2) ? 'GROUPING' : 'GROUPING_ID';
    return [{ name: this.name(), kind: 'bigint', sql: `${fn}(${list.map(({ sql }) => sql).join(', ')})` }];
  }

  /** Without items of one name: it would be ambiguous. */
  unique(items: readonly Item[]): Item[] {
    return [...new Map(items.map((item) => [item.name, item])).values()];
  }
}
