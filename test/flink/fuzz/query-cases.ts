import type { Random } from '../../expressions/random.ts';
import { VARIANTS, type Variant } from '../../harness/variants.ts';
import type { Comparison } from '../compare.ts';
import type { Question } from '../judge.ts';
import { randomTables } from './data.ts';
import { randomQuery } from './queries.ts';
import { render } from './query-sql.ts';
import { hasFixedSteps, hasSameLateCount, isPunctual, isSequential } from './query-traits.ts';
import { type FuzzCase, usedTables } from './shrink-query.ts';

/** So long that nothing is forgotten in a test: when is a matter of the wall clock. */
export const TTL = '1 h';
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
  const query = randomQuery(random);
  const tables = randomTables(random, isPunctual(query));
  const second = isSequential(query) ? SEQUENTIAL : VARIANTS;
  const zone = random.pick(ZONES);
  return {
    given: { query, tables, zone, hasTtl: random.below(10) === 0 },
    variants: [random.pick(ALONE), random.pick(second)],
  };
}

export function questionOf({ query, tables, zone, hasTtl }: FuzzCase): Question {
  const used = usedTables(query);
  const { statements, sql } = render(query);
  return {
    zone,
    options: hasTtl ? { 'table.exec.state.ttl': TTL } : {},
    tables: Object.fromEntries(Object.entries(tables).filter(([name]) => used.has(name))),
    statements,
    sql,
  };
}

/** What can be compared when the query runs in this way. */
export function comparisonOf({ query, hasTtl }: FuzzCase, variant: Variant): Comparison {
  return {
    unchanged: true,
    // With a TTL both engines send updates to equal rows, that of what is kept as long as it is.
    final: hasTtl || !hasFixedSteps(query) || variant.parallelism > 1 || (variant.then ?? 1) > 1,
    late: variant.then === undefined && hasSameLateCount(query) ? 'at least' : false,
  };
}
