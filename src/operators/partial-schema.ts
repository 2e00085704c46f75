import { assert } from '../data/errors.ts';
import { type Field, notNull, type Schema, timestamp } from '../data/types.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import { AggregateSet } from './aggregate-set.ts';
import { NO_STATE } from './no-state.ts';

/** The accumulators of a local window aggregate; how many rows went into them is among them, so that late rows are
 *  counted exactly. They begin with those of the global one. */
export function partialAggregates(node: WindowAggregateNode, inputSchema: Schema): AggregateSet {
  const options = { retract: node.retractInput === true, countInput: true };
  return new AggregateSet(node.aggregates, inputSchema, options, NO_STATE);
}

/** The accumulator with the number of rows that went in. */
const ROWS = '$rows';

/** What a local window aggregate sends to the global one: the group columns, the window's end, the accumulators. */
export function partialSchema(node: WindowAggregateNode, inputSchema: Schema): Schema {
  const keys: Field[] = node.keys.map((key) => inputSchema[key]);
  const { stateTypes, inputColumn } = partialAggregates(node, inputSchema);
  return [
    ...keys,
    { name: '$window_end', type: notNull(timestamp(3)) },
    ...stateTypes.map((type, i): Field => ({ name: i === inputColumn ? ROWS : `$state_${i}`, type })),
  ];
}

/** Where such a schema has the number of rows that went in. */
export function rowsColumnOf(partials: Schema): number {
  // From the end: a group column may have this name too.
  const column = partials.findLastIndex(({ name }) => name === ROWS);
  assert(column >= 0, 'partials without a row count');
  return column;
}
