import type { AggregateName } from '../expressions/typed.ts';
import { formatDuration } from './duration.ts';
import { formatAggregate } from './format-expression.ts';
import type { GroupAggregate, SetOperation } from './logical.ts';

/** What grows for ever in an operator without `table.exec.state.ttl`; undefined: nothing does. */
export function unboundedAggregate(id: string, { keys, aggregates, input }: GroupAggregate): string | undefined {
  if (keys.length > 0) {
    return unboundedKeys(
      id,
      keys.map((key) => input.schema[key].name),
    );
  }
  const collected = aggregates.filter((call) => call.distinct || COLLECTS.has(call.fn));
  if (collected.length === 0) return undefined;
  const calls = collected.map((call) => formatAggregate(call, input.schema)).join(', ');
  return (
    `Operator '${id}' has no key and keeps the values of ${calls} for ever; ` +
    `SET 'table.exec.state.ttl' lets it forget them when no row has come for that time`
  );
}

/** The same for a set operation, which keeps a counter for every row. */
export function unboundedSetOperation(id: string, { schema }: SetOperation): string {
  return unboundedKeys(
    id,
    schema.map((field) => field.name),
  );
}

/** The same for LIMIT over rows that change. */
export function unboundedLimit(id: string): string {
  return (
    `Operator '${id}' keeps all rows of its input for ever, for those that LIMIT gave may go away; ` +
    `SET 'table.exec.state.ttl' = '${formatDuration(86_400_000)}' (or another time) lets it forget those that wait`
  );
}

function unboundedKeys(id: string, keys: readonly string[]): string {
  return (
    `Operator '${id}' keeps state for every value of (${keys.join(', ')}) for ever; ` +
    `SET 'table.exec.state.ttl' = '${formatDuration(86_400_000)}' (or another time) lets it forget groups without changes`
  );
}

/** Their state grows with every value. */
const COLLECTS: ReadonlySet<AggregateName> = new Set<AggregateName>([
  'LISTAGG',
  'ARRAY_AGG',
  'COLLECT',
  'JSON_ARRAYAGG',
  'JSON_OBJECTAGG',
  'PERCENTILE',
]);
