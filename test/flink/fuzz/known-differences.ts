import type { JsonValue } from '../../harness/json-values.ts';
import { inputsOf, type Query } from './query-tree.ts';

type Rows = readonly (readonly JsonValue[])[];

/** Why the rows of a query differ by choice (docs/flink-differences.md); undefined where they should not. */
export function knownDifference(query: Query, flink: Rows, ours: Rows): string | undefined {
  if (hasGlobalAggregate(query) && ours.length === 0 && flink.length === 1)
    return 'a global aggregate over what Flink folds to nothing';
  if (hasFilteredSession(query, false)) return 'rows that WHERE takes out of sessions';
  return undefined;
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
