import { DOUBLE, type Field, notNull, type Schema, timestamp } from '../data/types.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import { AggregateSet } from './aggregate-set.ts';
import { NO_STATE } from './no-state.ts';

/**
 * What a local window aggregate sends to the global one: the group columns, the window's end, the accumulators in the
 * order of AggregateSet.stateTypes, and how many rows went into them (so that late rows are counted exactly).
 */
export function partialSchema(node: WindowAggregateNode, inputSchema: Schema): Schema {
  const keys: Field[] = node.keys.map((key) => inputSchema[key]);
  const options = { retract: node.retractInput === true };
  const { stateTypes } = new AggregateSet(node.aggregates, inputSchema, options, NO_STATE);
  return [
    ...keys,
    { name: '$window_end', type: notNull(timestamp(3)) },
    ...stateTypes.map((type, i): Field => ({ name: `$state_${i}`, type })),
    { name: '$rows', type: notNull(DOUBLE) },
  ];
}
