import { gatherColumn } from '../../data/gather.ts';
import { rowNumbers } from '../../data/row-numbers.ts';
import { assert } from '../../data/errors.ts';
import type { AggregateCall } from '../typed.ts';
import type { Aggregate } from './accumulator.ts';
import { listAccumulator, readLists } from './element-list.ts';
import { ElementReader } from './elements.ts';

/** ARRAY_AGG: the values in order of arrival, NULLs among them unless they are ignored; NULL when there is none. */
export function arrayAgg(call: AggregateCall): Aggregate {
  assert(call.arg !== undefined, 'ARRAY_AGG without an argument');
  const reader = new ElementReader(call.arg.type);
  return {
    kind: 'by-column',
    call,
    accumulators: [listAccumulator(call, 'all', call.ignoreNulls !== true)],
    results: ([state], slots, count) => {
      const { offsets, values, count: total } = readLists(state, slots, count, 'all');
      // A copy: strings would point into the state.
      const element = gatherColumn(reader.read(values, total), rowNumbers(total), total);
      return { layout: 'list', offsets, element, nulls: emptyAsNull(offsets, count) };
    },
  };
}

function emptyAsNull(offsets: Int32Array, count: number): Uint8Array | undefined {
  let nulls: Uint8Array | undefined;
  for (let j = 0; j < count; j++) {
    if (offsets[j] !== offsets[j + 1]) continue;
    nulls ??= new Uint8Array((count + 7) >> 3);
    nulls[j >> 3] |= 1 << (j & 7);
  }
  return nulls;
}
