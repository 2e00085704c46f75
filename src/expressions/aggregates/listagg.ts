import { BYTES_SLACK, type Column } from '../../data/column.ts';
import type { SlotColumn } from '../../state/contracts.ts';
import type { AggregateCall } from '../typed.ts';
import type { Aggregate } from './accumulator.ts';
import { listAccumulator, readLists } from './element-list.ts';

/** LISTAGG: the strings that are not NULL in order of arrival, with a separator between; NULL when there is none. */
export function listAgg(call: AggregateCall): Aggregate {
  const separator = Buffer.from(call.separator ?? ',', 'utf8');
  return {
    kind: 'by-column',
    call,
    accumulators: [listAccumulator(call, 'all', false)],
    results: ([state], slots, count) => join(state, slots, count, separator),
  };
}

function join(state: SlotColumn, slots: Int32Array, count: number, separator: Uint8Array): Column {
  const { offsets, values, count: total } = readLists(state, slots, count, 'all');
  let size = BYTES_SLACK + total * separator.length;
  for (let i = 0; i < total; i++) size += values.ends[i] - values.starts[i];
  const bytes = new Uint8Array(size);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let nulls: Uint8Array | undefined;
  let at = 0;
  for (let j = 0; j < count; j++) {
    starts[j] = at;
    if (offsets[j] === offsets[j + 1]) {
      nulls ??= new Uint8Array((count + 7) >> 3);
      nulls[j >> 3] |= 1 << (j & 7);
    }
    for (let i = offsets[j]; i < offsets[j + 1]; i++) {
      if (i > offsets[j]) {
        bytes.set(separator, at);
        at += separator.length;
      }
      bytes.set(values.bytes.subarray(values.starts[i], values.ends[i]), at);
      at += values.ends[i] - values.starts[i];
    }
    ends[j] = at;
  }
  return { layout: 'bytes', bytes, view: new DataView(bytes.buffer), starts, ends, nulls };
}
