import { assert } from '../../data/errors.ts';
import { nullable, stripAttribute } from '../../data/types.ts';
import { NEVER, type Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import { checkOrdered, compare } from '../kernels/comparison.ts';
import type { AggregateCall } from '../typed.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';

/**
 * MIN and MAX: the value so far, NULL before the first. A value replaces it only where it compares as smaller
 * (greater), so that a first NaN stays. What it takes back it cannot find the next of: the operator keeps the values.
 */
export function minMax(call: AggregateCall): Aggregate {
  const { arg, filter, fn } = call;
  assert(arg !== undefined, `${fn} without an argument`);
  checkOrdered(arg.type);
  const op = fn === 'MIN' ? '<' : '>';
  const take = (source: Source, state: SlotAccess, value: Operand | undefined): void => {
    assert(value !== undefined, `${fn} of rows`);
    const better = compare(source, op, { ...value, isNull: NEVER }, { ...state.load(), isNull: NEVER }, arg.type);
    source.line(`if (${state.load().isNull} || ${better}) { ${state.store(value)} }`);
  };
  const accumulator: Accumulator = {
    id: accumulatorId(fn, arg, filter),
    arg,
    filter,
    types: [nullable(stripAttribute(arg.type))],
    add: (source, [state], value) => take(source, state, value),
    subtract: (source) => source.line(`throw ${source.constant(noRetraction)}();`),
    merge: (source, [state], [partial]) => {
      if (partial.isNull === NEVER) take(source, state, partial);
      else source.block(`if (!${partial.isNull})`, () => take(source, state, partial));
    },
  };
  return { kind: 'by-slot', call, accumulators: [accumulator], result: (_source, [state]) => state.load() };
}

function noRetraction(): Error {
  return new Error('internal invariant broken: MIN and MAX take values back only through a keyed map');
}
