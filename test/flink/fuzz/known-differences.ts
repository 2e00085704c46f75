import { unreachable } from '../../../src/data/errors.ts';
import type { JsonValue } from '../../harness/json-values.ts';
import type { Answer } from '../case-types.ts';
import { type Comparison, compareQuery } from '../compare.ts';
import type { HeadwaterReply } from '../headwater.ts';
import { inputsOf, type Query } from './query-tree.ts';

/** What Flink says of queries that it answers in another form. */
const FLINK_FAILURES = new RegExp(
  [
    'Type mismatch',
    'must be sorted',
    'GROUPING SETS are currently not supported',
    // Conditions that exclude each other, above what UNNEST makes of updates.
    'There are not enough rules to produce a node with desired properties',
    // The same below group windows; its own lists are too short then.
    '^[Ii]ndex \\(?\\d+\\)? (must be less than|out of bounds)',
    // An aggregate with a bound of a group window that nothing uses, by another bound.
    'Field names must be unique. Found duplicates: \\[(w\\$|window_)',
    '^\\d+$',
    '^java\\.lang\\.\\w+$',
  ].join('|'),
);

/** Why the answers to a query differ by choice (docs/flink-differences.md); undefined where they should not. */
export function knownDifference(
  query: Query,
  flink: Answer,
  ours: HeadwaterReply,
  comparison: Comparison,
): string | undefined {
  if (ours.error !== undefined) return undefined;
  if ('error' in flink) {
    return flink.error.kind === 'internal' || FLINK_FAILURES.test(flink.error.message)
      ? 'Flink fails inside'
      : undefined;
  }
  if (!('rows' in flink)) return undefined;
  if (hasGlobalAggregate(query) && ours.rows.length === 0 && flink.rows.length === 1)
    return 'a global aggregate over what Flink folds to nothing';
  if (hasFilteredSession(query, false)) return 'rows that WHERE takes out of sessions';
  const types = ours.types.map((type, i) => (flink.types[i] === `${type} NOT NULL` ? flink.types[i] : type));
  if (onlyDecimals(flink.types, ours.types) && compareQuery(flink, { ...ours, types }, comparison).status === 'same')
    return 'SUM and AVG of DECIMAL are nullable';
  if (hasAllBelow(query, true)) return 'EXCEPT ALL and INTERSECT ALL below what drops a column';
  if (hasVarianceCondition(query)) return 'the last digit of a variance in a condition';
  const rounded = compareQuery(withRows(flink, flink.rows), withRows(ours, ours.rows), comparison);
  if (hasVariance(query) && rounded.status === 'same') return 'the last digit of a variance';
  const unordered = compareQuery(
    { ...flink, rows: sortedTexts(flink.rows) },
    { ...ours, rows: sortedTexts(ours.rows) },
    comparison,
  );
  if (unordered.status === 'same') {
    if (hasOrderedItem(query)) return 'the order in which elements of panes are put together';
    if (movesElements(query, undefined, false)) return 'updates that nothing uses move elements in Flink';
  }
  return undefined;
}

/** All types that differ are those of DECIMAL columns that may be NULL here and may not in Flink. */
function onlyDecimals(flink: readonly string[], ours: readonly string[]): boolean {
  return ours.every((type, i) => type === flink[i] || (type.startsWith('DECIMAL') && flink[i] === `${type} NOT NULL`));
}

/** Flink takes away columns that nothing above uses, and with them the difference between rows. */
function hasAllBelow(query: Query, isRoot: boolean): boolean {
  if (!isRoot && query.node === 'set' && (query.op === 'EXCEPT ALL' || query.op === 'INTERSECT ALL')) return true;
  return inputsOf(query).some((input) => hasAllBelow(input, false));
}

/** With doubles of twelve digits. */
function withRows<T extends object>(reply: T, rows: readonly (readonly JsonValue[])[]): T & { rows: JsonValue[][] } {
  const round = (value: JsonValue): JsonValue => (typeof value === 'number' ? Number(value.toPrecision(12)) : value);
  return { ...reply, rows: rows.map((row) => row.map(round)) };
}

/** With the characters of each text in order: a list in another order has the same. */
function sortedTexts(rows: readonly (readonly JsonValue[])[]): JsonValue[][] {
  const sorted = (value: JsonValue): JsonValue => [...JSON.stringify(value)].sort().join('');
  return rows.map(([op, ...values]) => [op, ...values.map(sorted)]);
}

function hasOrderedItem(query: Query): boolean {
  const here = query.node === 'aggregate' && query.isWindowed && query.items.some((item) => item.isOrdered === true);
  return here || inputsOf(query).some(hasOrderedItem);
}

/**
 * Below an aggregate that depends on the order of its rows stands one of which the query does not use all results. Where
 * only these change, Flink takes the row back and sends it again, so that it is the last.
 */
function movesElements(query: Query, used: ReadonlySet<string> | undefined, isBelowOrdered: boolean): boolean {
  switch (query.node) {
    case 'table':
    case 'set':
    case 'window':
      return inputsOf(query).some((input) => movesElements(input, undefined, false));
    case 'cte':
    case 'limit':
      return movesElements(query.input, used, isBelowOrdered);
    case 'unnest':
      return movesElements(
        query.input,
        used && new Set([...used, query.column, ...wordsOf([query.on])]),
        isBelowOrdered,
      );
    case 'select': {
      const items = query.items.filter(({ name }) => used === undefined || query.isDistinct || used.has(name));
      return movesElements(query.input, wordsOf([...items.map(({ sql }) => sql), ...query.where]), isBelowOrdered);
    }
    case 'aggregate': {
      const items = query.items.filter(({ name, sql }) => !used || used.has(name) || query.keys.includes(sql));
      if (isBelowOrdered && items.length < query.items.length) return true;
      const words = wordsOf([...items.map(({ sql }) => sql), ...query.keys, ...query.where, ...query.having]);
      return movesElements(query.input, words, isBelowOrdered || items.some(({ isOrdered }) => isOrdered === true));
    }
    default:
      return unreachable(query);
  }
}

function wordsOf(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.join(' ').match(/\w+/g));
}

/** The order in which parts of a variance are put together changes its last digits. */
function hasVariance(query: Query): boolean {
  const here = query.node === 'aggregate' && query.items.some((item) => /\b(STDDEV|VAR)/.test(item.sql));
  return here || inputsOf(query).some(hasVariance);
}

function hasVarianceCondition(query: Query): boolean {
  return conditionsOf(query).some((sql) => /\b(STDDEV|VAR)/.test(sql)) || inputsOf(query).some(hasVarianceCondition);
}

function conditionsOf(query: Query): readonly string[] {
  switch (query.node) {
    case 'select':
      return query.where;
    case 'aggregate':
      return [...query.where, ...query.having];
    case 'table':
    case 'window':
    case 'set':
    case 'cte':
    case 'limit':
      return [];
    case 'unnest':
      return [query.on];
    default:
      return unreachable(query);
  }
}

function hasGlobalAggregate(query: Query): boolean {
  return (query.node === 'aggregate' && query.keys.length === 0) || inputsOf(query).some(hasGlobalAggregate);
}

/** A condition on the rows of sessions, with another condition above: that may be one on the window. */
function hasFilteredSession(query: Query, isBelowCondition: boolean): boolean {
  const hasCondition = (query.node === 'select' || query.node === 'aggregate') && query.where.length > 0;
  if (hasCondition && isBelowCondition && query.input.node === 'window' && query.input.fn === 'SESSION') return true;
  return inputsOf(query).some((input) => hasFilteredSession(input, isBelowCondition || hasCondition));
}
