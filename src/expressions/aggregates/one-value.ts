import { assert } from '../../data/errors.ts';
import { nullable, stripAttribute } from '../../data/types.ts';
import { NEVER, type Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall } from '../typed.ts';
import { accumulatorId, type Aggregate } from './accumulator.ts';

/**
 * An aggregate that keeps one of its values, NULL before the first, and takes none back. `take` writes code that puts a
 * value (not NULL) in the place of the one in the state, where it is to be kept instead.
 */
export function oneValue(
  call: AggregateCall,
  take: (source: Source, state: SlotAccess, value: Operand) => void,
): Aggregate {
  const { arg, filter, fn } = call;
  assert(arg !== undefined, `${fn} without an argument`);
  const noRetraction = (): Error =>
    new Error(`internal invariant broken: ${fn} of one value takes none back: that needs a keyed map or all values`);
  return {
    kind: 'by-slot',
    call,
    accumulators: [
      {
        id: accumulatorId(fn, arg, filter),
        arg,
        filter,
        types: [nullable(stripAttribute(arg.type))],
        add: (source, [state], value) => {
          assert(value !== undefined, `${fn} of rows`);
          take(source, state, value);
        },
        subtract: (source) => source.line(`throw ${source.constant(noRetraction)}();`),
        merge: (source, [state], [partial]) => {
          if (partial.isNull === NEVER) take(source, state, partial);
          else source.block(`if (!${partial.isNull})`, () => take(source, state, partial));
        },
      },
    ],
    result: (_source, [state]) => state.load(),
  };
}
