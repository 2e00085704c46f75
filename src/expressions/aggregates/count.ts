import { DOUBLE, notNull } from '../../data/types.ts';
import { NEVER, valueOf } from '../codegen/operand.ts';
import type { AggregateCall, InputRef } from '../typed.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';

/** Counts as DOUBLE: exact below 2^53, and as fast as it gets. */
export function countAccumulator(arg: InputRef | undefined, filter: InputRef | undefined): Accumulator {
  // Values that are never NULL are as many as the rows.
  const counted = arg?.type.nullable === true ? arg : undefined;
  return {
    id: accumulatorId('count', counted, filter),
    arg: counted,
    filter,
    types: [notNull(DOUBLE)],
    add: (source, [state]) => source.line(`${state.value} += 1;`),
    subtract: (source, [state]) => source.line(`${state.value} -= 1;`),
    merge: (source, [state], [partial]) => source.line(`${state.value} += ${valueOf(partial)};`),
  };
}

export function count(call: AggregateCall): Aggregate {
  return {
    kind: 'by-slot',
    call,
    accumulators: [countAccumulator(call.arg, call.filter)],
    result: (_source, [state]) => ({ cls: 'bigint', isNull: NEVER, value: `BigInt(${state.value})` }),
  };
}
