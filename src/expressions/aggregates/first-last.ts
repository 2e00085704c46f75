import { gatherColumn } from '../../data/gather.ts';
import { rowNumbers } from '../../data/row-numbers.ts';
import type { Column } from '../../data/column.ts';
import { assert } from '../../data/errors.ts';
import { nullable, stripAttribute } from '../../data/types.ts';
import type { SlotColumn } from '../../state/contracts.ts';
import { NEVER, type Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall } from '../typed.ts';
import { isNested } from '../types/common-type.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';
import { type Elements, listAccumulator, readLists } from './element-list.ts';
import { ElementReader } from './elements.ts';

/**
 * FIRST_VALUE and LAST_VALUE: the first and the last value by arrival that is not NULL. Where rows are taken back all
 * values are kept, otherwise one.
 */
export function firstLast(call: AggregateCall, retract: boolean): Aggregate {
  const { arg } = call;
  assert(arg !== undefined, `${call.fn} without an argument`);
  const part = call.fn === 'FIRST_VALUE' ? 'first' : 'last';
  if (!retract && !isNested(arg.type)) {
    return {
      kind: 'by-slot',
      call,
      accumulators: [oneValue(call)],
      result: (_source, [state]) => state.load(),
    };
  }
  const reader = new ElementReader(arg.type);
  return {
    kind: 'by-column',
    call,
    accumulators: [listAccumulator(call, retract ? 'all' : part, false)],
    results: ([state], slots, count) => oneOfEach(state, slots, count, part, reader),
  };
}

function oneOfEach(
  state: SlotColumn,
  slots: Int32Array,
  count: number,
  part: 'first' | 'last',
  reader: ElementReader,
): Column {
  const elements = spread(readLists(state, slots, count, part), count);
  // A copy: strings would point into the state.
  return gatherColumn(reader.read(elements.values, count), rowNumbers(count), count);
}

/** At most one value a slot, so that row j is that of slot j, NULL where there is none. */
function spread({ offsets, values }: Elements, count: number): Elements {
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let nulls: Uint8Array | undefined;
  for (let j = 0; j < count; j++) {
    if (offsets[j] === offsets[j + 1]) {
      nulls ??= new Uint8Array((count + 7) >> 3);
      nulls[j >> 3] |= 1 << (j & 7);
    } else {
      starts[j] = values.starts[offsets[j]];
      ends[j] = values.ends[offsets[j]];
    }
  }
  return { offsets, values: { ...values, starts, ends, nulls }, count };
}

function oneValue({ fn, arg, filter }: AggregateCall): Accumulator {
  assert(arg !== undefined, `${fn} without an argument`);
  const take = (source: Source, state: SlotAccess, value: Operand | undefined): void => {
    assert(value !== undefined, `${fn} of rows`);
    const store = state.store(value);
    source.line(fn === 'LAST_VALUE' ? store : `if (${state.load().isNull}) { ${store} }`);
  };
  return {
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
}

function noRetraction(): Error {
  return new Error('internal invariant broken: FIRST_VALUE and LAST_VALUE over rows that are never taken back');
}
