import type { Random } from '../../expressions/random.ts';
import { VARIANTS, type Variant } from '../../harness/variants.ts';
import type { Comparison } from '../compare.ts';
import type { Question } from '../judge.ts';
import { randomTables } from './data.ts';
import { QueryGenerator } from './queries.ts';
import { hasFixedSteps, hasSameLateCount, isSequential } from './query-traits.ts';
import { type Query, render } from './query-tree.ts';
import { type FuzzCase, usedTables } from './shrink-query.ts';

const ZONES = ['UTC', 'UTC', 'UTC', 'America/New_York'];
/** Those without parallelism and kill, and those that keep an order that parallelism would not. */
const ALONE = VARIANTS.filter(({ parallelism, then }) => parallelism === 1 && then === undefined);
const SEQUENTIAL = VARIANTS.filter(({ parallelism, then }) => parallelism === 1 && (then ?? 1) === 1);

/** A case and the ways in which Headwater runs it. */
export interface Asked {
  readonly given: FuzzCase;
  readonly variants: readonly Variant[];
}

export function randomCase(random: Random): Asked {
  const query = new QueryGenerator(random).next();
  const tables = randomTables(random);
  const second = isSequential(query) ? SEQUENTIAL : VARIANTS;
  return { given: { query, tables, zone: random.pick(ZONES) }, variants: [random.pick(ALONE), random.pick(second)] };
}

export function questionOf({ query, tables, zone }: FuzzCase): Question {
  const used = usedTables(query);
  const { statements, sql } = render(query);
  return {
    zone,
    options: {},
    tables: Object.fromEntries(Object.entries(tables).filter(([name]) => used.has(name))),
    statements,
    sql,
  };
}

/** What can be compared when the query runs in this way. */
export function comparisonOf(query: Query, variant: Variant): Comparison {
  return {
    unchanged: true,
    final: !hasFixedSteps(query) || variant.parallelism > 1 || (variant.then ?? 1) > 1,
    late: variant.then === undefined && hasSameLateCount(query) ? 'at least' : false,
  };
}
