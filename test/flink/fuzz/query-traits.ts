import { unreachable } from '../../../src/data/errors.ts';
import { inputsOf, type Query } from './query-tree.ts';

/**
 * Whose order the rows of a query have. `fixed`: that of the input, in every way of running. `single`: without
 * parallelism only; between keys of two tasks the order is free. `free`: each engine has its own.
 */
export type RowOrder = 'fixed' | 'single' | 'free';

export function orderOf(query: Query): RowOrder {
  switch (query.node) {
    case 'table':
      return 'fixed';
    case 'select':
      return query.isDistinct && orderOf(query.input) === 'fixed' ? 'single' : orderOf(query.input);
    case 'aggregate':
      if (query.isWindowed || query.grouping !== '') return 'free';
      return orderOf(query.input) === 'free' ? 'free' : 'single';
    case 'window':
      return query.fn === 'SESSION' ? 'free' : orderOf(query.input);
    case 'unnest':
    case 'cte':
    case 'limit':
      return orderOf(query.input);
    case 'set':
      return 'free';
    default:
      return unreachable(query);
  }
}

/** Whether rows of the result are changed or taken back, in either engine. */
export function isUpdating(query: Query): boolean {
  switch (query.node) {
    case 'table':
      return false;
    case 'aggregate':
      return !query.isWindowed || hasForeignSessions(query) || isUpdating(query.input);
    case 'set':
      return query.op !== 'UNION ALL' || inputsOf(query).some(isUpdating);
    case 'select':
    case 'window':
    case 'unnest':
    case 'cte':
    case 'limit':
      return inputsOf(query).some(isUpdating);
    default:
      return unreachable(query);
  }
}

/** The steps of the changelog are the same in both engines, not only what they add up to. */
export function hasFixedSteps(query: Query): boolean {
  if (!inputsOf(query).every(hasFixedSteps)) return false;
  switch (query.node) {
    case 'set':
      return query.op === 'UNION ALL' && !isUpdating(query);
    case 'aggregate':
      if (query.isWindowed) return !hasForeignSessions(query);
      return orderOf(query.input) !== 'free' && !isUpdating(query.input) && !hasVariance(query);
    case 'select':
      // Flink takes DISTINCT away where a key says that the rows differ.
      return !query.isDistinct || !isUpdating(query.input);
    case 'unnest':
      return !isUpdating(query.input);
    case 'table':
    case 'window':
    case 'cte':
    case 'limit':
      return true;
    default:
      return unreachable(query);
  }
}

/** Both engines have the same rows first, and move the same ones behind the others when they change. */
export function isLimitKnown(query: Query): boolean {
  return orderOf(query) !== 'free' && (!isUpdating(query) || hasFixedSteps(query));
}

/**
 * Grouped by the columns of a SESSION's window with other keys than its PARTITION BY: Flink updates a row of each group,
 * Headwater gives it when the window closes.
 */
function hasForeignSessions(query: Query & { readonly node: 'aggregate' }): boolean {
  const { input } = query;
  if (input.node === 'window' && input.fn === 'SESSION') {
    const keys = query.keys.filter((key) => !query.fixed.includes(key));
    return [...keys].sort().join() !== [...input.partition].sort().join();
  }
  // A group window, SESSION(..) too, is made of its own rows.
  const isGroupWindow = query.fixed.some((key) => /^\w+\(/.test(key));
  return !isGroupWindow && input.node === 'aggregate' && input.isWindowed && windowsAreSessions(input);
}

/** The windows whose columns an aggregation gives are those of a SESSION. */
function windowsAreSessions(query: Query & { readonly node: 'aggregate' }): boolean {
  if (query.fixed.some((key) => /^\w+\(/.test(key))) return query.fixed.some((key) => key.startsWith('SESSION('));
  const { input } = query;
  if (input.node === 'window') return input.fn === 'SESSION';
  return input.node === 'aggregate' && input.isWindowed && windowsAreSessions(input);
}

/** Flink computes a variance from sums, and sends an update where these change but it does not. */
function hasVariance(query: Query): boolean {
  return query.node === 'aggregate' && query.items.some((item) => /^(STDDEV|VAR)/.test(item.sql));
}

/** The result depends on an order that only a run without parallelism keeps. */
export function isSequential(query: Query): boolean {
  if (inputsOf(query).some(isSequential)) return true;
  // Rows that are counted may be any; where they are not known, those of a LIMIT are counted (queries.ts).
  if (query.node === 'limit') return isLimitKnown(query.input);
  return query.node === 'aggregate' && query.items.some((item) => item.isOrdered) && orderOf(query.input) !== 'fixed';
}

/**
 * Late rows are counted in the same way: in windows over a table, or over such windows. Conditions above them may be
 * evaluated below by Flink, or make its plan empty. Grouping sets in HOP, and aggregates of the time of HOP and
 * CUMULATE that nothing may use, see docs/flink-differences.md.
 */
export function hasSameLateCount(query: Query, isPart = false): boolean {
  if (query.node === 'table') return true;
  if (query.node === 'cte') return hasSameLateCount(query.input, isPart);
  if (query.node !== 'aggregate' || !query.isWindowed) return false;
  const { input } = query;
  if (isPart && input.node === 'window' && query.items.some(({ sql }) => sql.includes(`(${input.time})`))) return false;
  const below = input.node === 'window' ? input.input : input;
  const isPlain = query.grouping === '' && query.having.length === 0 && query.where.length < 2;
  return isPlain && hasSameLateCount(below, true);
}

/** Two inputs are put together below a window: which of their rows are late depends on which is read first. */
export function isPunctual(query: Query, isBelowWindow = false): boolean {
  if (query.node === 'set' && isBelowWindow) return true;
  const isWindow = query.node === 'window' || (query.node === 'aggregate' && query.isWindowed);
  return inputsOf(query).some((input) => isPunctual(input, isBelowWindow || isWindow));
}
