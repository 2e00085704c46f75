import { gatherColumn } from '../../data/gather.ts';
import { rowNumbers } from '../../data/row-numbers.ts';
import type { Column } from '../../data/column.ts';
import { assert } from '../../data/errors.ts';
import type { SlotColumn } from '../../state/contracts.ts';
import type { AggregateCall } from '../typed.ts';
import { isNested } from '../types/common-type.ts';
import type { Aggregate } from './accumulator.ts';
import { type Elements, listAccumulator, readLists } from './element-list.ts';
import { ElementReader } from './elements.ts';
import { oneValue } from './one-value.ts';

/**
 * FIRST_VALUE and LAST_VALUE: the first and the last value by arrival that is not NULL. Where rows are taken back all
 * values are kept, otherwise one.
 */
export function firstLast(call: AggregateCall, retract: boolean): Aggregate {
  const { arg } = call;
  assert(arg !== undefined, `${call.fn} without an argument`);
  const part = call.fn === 'FIRST_VALUE' ? 'first' : 'last';
  if (!retract && !isNested(arg.type)) {
    return oneValue(call, (source, state, value) => {
      const store = state.store(value);
      source.line(part === 'last' ? store : `if (${state.load().isNull}) { ${store} }`);
    });
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
