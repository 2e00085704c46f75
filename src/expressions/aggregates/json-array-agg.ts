import { columnFromValues } from '../../data/builder.ts';
import { isNull } from '../../data/column.ts';
import type { AggregateCall } from '../typed.ts';
import type { Aggregate } from './accumulator.ts';
import { listAccumulator, readLists } from './element-list.ts';

/** JSON_ARRAYAGG: an array of the values, which are JSON text already, in order of arrival. `[]` when there is none. */
export function jsonArrayAgg(call: AggregateCall): Aggregate {
  return {
    kind: 'by-column',
    call,
    accumulators: [listAccumulator(call, 'all', call.keepNulls === true)],
    results: ([state], slots, count) => {
      const { offsets, values } = readLists(state, slots, count, 'all');
      const texts = Array.from({ length: count }, (_, j) => {
        const elements: string[] = [];
        for (let i = offsets[j]; i < offsets[j + 1]; i++) {
          const { bytes, starts, ends, nulls } = values;
          elements.push(isNull(nulls, i) ? 'null' : Buffer.from(bytes.subarray(starts[i], ends[i])).toString());
        }
        return `[${elements.join(',')}]`;
      });
      return columnFromValues(call.type, texts);
    },
  };
}
