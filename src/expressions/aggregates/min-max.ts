import { assert } from '../../data/errors.ts';
import { NEVER } from '../codegen/operand.ts';
import { checkOrdered, compare } from '../kernels/comparison.ts';
import type { AggregateCall } from '../typed.ts';
import type { Aggregate } from './accumulator.ts';
import { oneValue } from './one-value.ts';

/**
 * MIN and MAX: the value so far, NULL before the first. A value replaces it only where it compares as smaller
 * (greater), so that a first NaN stays. What it takes back it cannot find the next of: the operator keeps the values.
 */
export function minMax(call: AggregateCall): Aggregate {
  const { arg, fn } = call;
  assert(arg !== undefined, `${fn} without an argument`);
  checkOrdered(arg.type);
  const op = fn === 'MIN' ? '<' : '>';
  return oneValue(call, (source, state, value) => {
    const better = compare(source, op, { ...value, isNull: NEVER }, { ...state.load(), isNull: NEVER }, arg.type);
    source.line(`if (${state.load().isNull} || ${better}) { ${state.store(value)} }`);
  });
}
