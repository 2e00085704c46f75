import type { CaseTable } from '../case-types.ts';
import { inputsOf, type Query } from './query-tree.ts';

/** A query with its data. */
export interface FuzzCase {
  readonly query: Query;
  readonly tables: Readonly<Record<string, CaseTable>>;
  readonly zone: string;
  /** The state has a time to live, longer than the test. */
  readonly hasTtl: boolean;
}

/** The first of the cases that still shows the difference. */
export type FirstThatDiffers = (cases: readonly FuzzCase[]) => Promise<FuzzCase | undefined>;

const ROUNDS = 40;

/** The smallest case that still differs: parts are left out as long as one can be. */
export async function shrink(given: FuzzCase, first: FirstThatDiffers): Promise<FuzzCase> {
  let best = given;
  for (let round = 0; round < ROUNDS; round++) {
    const candidates = [
      ...smaller(best.query).map((query) => ({ ...best, query })),
      ...fewerRows(best),
      ...(best.zone === 'UTC' ? [] : [{ ...best, zone: 'UTC' }]),
      ...(best.hasTtl ? [{ ...best, hasTtl: false }] : []),
    ];
    const found = await first(candidates);
    if (found === undefined) return best;
    best = found;
  }
  return best;
}

/** Trees with one part less, the largest cuts first. A cut may make the query wrong; it then does not differ. */
export function smaller(query: Query): Query[] {
  const inputs = inputsOf(query);
  const cut = [...inputs, ...own(query)];
  const below = inputs.flatMap((input, i) => smaller(input).map((less) => withInput(query, i, less)));
  return [...cut, ...below];
}

function own(query: Query): Query[] {
  switch (query.node) {
    case 'table':
    case 'set':
    case 'cte':
    case 'limit':
      return [];
    case 'unnest':
      return [
        ...(query.join === 'CROSS' ? [] : [{ ...query, join: 'CROSS' as const }]),
        ...(query.on === 'TRUE' ? [] : [{ ...query, on: 'TRUE' }]),
      ];
    case 'window':
      return [
        ...(query.partition.length > 0 ? [{ ...query, partition: [] }] : []),
        ...(query.intervals.length > (query.fn === 'TUMBLE' ? 1 : 2)
          ? [{ ...query, intervals: query.intervals.slice(0, -1) }]
          : []),
      ];
    case 'select':
      return [
        ...without(query.where).map((where) => ({ ...query, where })),
        ...(query.isDistinct ? [{ ...query, isDistinct: false }] : []),
        ...(query.items.length > 1 ? without(query.items).map((items) => ({ ...query, items })) : []),
      ];
    case 'aggregate':
      return [
        ...without(query.where).map((where) => ({ ...query, where })),
        ...without(query.having).map((having) => ({ ...query, having })),
        ...(query.grouping === '' ? [] : [{ ...query, grouping: '' as const }]),
        ...(query.items.length > 1
          ? query.items.map((item) => ({
              ...query,
              items: query.items.filter((other) => other !== item),
              // The bounds of a window stay keys: without them it would be no window aggregation.
              keys: query.keys.filter((key) => key !== item.sql || query.fixed.includes(key)),
            }))
          : []),
      ];
  }
}

function withInput(query: Query, index: number, input: Query): Query {
  switch (query.node) {
    case 'table':
      return query;
    case 'set':
      return index === 0 ? { ...query, left: input } : { ...query, right: input };
    case 'select':
    case 'aggregate':
    case 'window':
    case 'unnest':
    case 'cte':
    case 'limit':
      return { ...query, input };
  }
}

function fewerRows(given: FuzzCase): FuzzCase[] {
  const used = usedTables(given.query);
  return Object.entries(given.tables)
    .filter(([name, { rows }]) => used.has(name) && rows.length > 0)
    .flatMap(([name, table]) => {
      const half = table.rows.length >> 1;
      const parts = [table.rows.slice(0, half), table.rows.slice(half), ...without(table.rows)];
      return parts.map((rows) => ({ ...given, tables: { ...given.tables, [name]: { ...table, rows } } }));
    });
}

export function usedTables(query: Query): Set<string> {
  if (query.node === 'table') return new Set([query.name]);
  return new Set(inputsOf(query).flatMap((input) => [...usedTables(input)]));
}

function without<T>(list: readonly T[]): T[][] {
  return list.map((_, i) => [...list.slice(0, i), ...list.slice(i + 1)]);
}
