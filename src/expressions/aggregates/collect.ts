import { type BytesColumn, type Column } from '../../data/column.ts';
import { gatherColumn } from '../../data/gather.ts';
import { rowNumbers } from '../../data/row-numbers.ts';
import { assert } from '../../data/errors.ts';
import type { SlotBytes, SlotColumn } from '../../state/contracts.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Operand } from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall } from '../typed.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';
import { LIST_TYPE } from './element-list.ts';
import { ElementReader, writeElement } from './elements.ts';

/** COLLECT: how often each value that is not NULL is there. Never NULL. */
export function collect(call: AggregateCall): Aggregate {
  assert(call.arg !== undefined, 'COLLECT without an argument');
  const reader = new ElementReader(call.arg.type);
  return {
    kind: 'by-column',
    call,
    accumulators: [multiset(call)],
    results: ([state], slots, count) => multisets(state, slots, count, reader),
  };
}

/**
 * One bytes value: for each distinct value its length i32, its count i32 (below 0 where more were taken back than
 * came) and its bytes, in the order of length and bytes, so that equal multisets are equal bytes.
 */
const HEADER = 8;

function multiset(call: AggregateCall): Accumulator {
  const { arg, filter } = call;
  assert(arg !== undefined, 'COLLECT without an argument');
  const write =
    (by: number) =>
    (source: Source, [state]: readonly SlotAccess[], value: Operand | undefined): void => {
      assert(value !== undefined, 'COLLECT of rows');
      const { bytes, start, end } = writeElement(source, arg.type, value);
      source.line(`${source.constant(count)}(${state.id}, t, ${bytes}, ${start}, ${end}, ${by});`);
    };
  return {
    id: accumulatorId('multiset', arg, filter),
    arg,
    filter,
    types: [LIST_TYPE],
    add: write(1),
    subtract: write(-1),
    merge: (source, [state], [partial]) => {
      assert(partial.cls === 'bytes', 'a partial multiset is bytes');
      const { bytes, start, end } = partial;
      source.line(`${source.constant(mergeMultiset)}(${state.id}, t, ${bytes}, ${start}, ${end});`);
    },
  };
}

const header = new Uint8Array(HEADER);
const headerView = new DataView(header.buffer);

function count(set: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, by: number): void {
  const length = end - start;
  const first = set.starts[slot];
  const last = first + set.lengths[slot];
  let at = first;
  for (; at < last; at += HEADER + set.view.getInt32(at, true)) {
    const order = compare(set, at, from, start, length);
    if (order > 0) break;
    if (order < 0) continue;
    const sum = set.view.getInt32(at + 4, true) + by;
    if (sum === 0) set.cut(slot, at - first, at - first + HEADER + length);
    else set.view.setInt32(at + 4, sum, true);
    return;
  }
  const rest = set.bytes.slice(at, last);
  set.cut(slot, at - first, last - first);
  headerView.setInt32(0, length, true);
  headerView.setInt32(4, by, true);
  set.append(slot, header, 0, HEADER);
  set.append(slot, from, start, end);
  set.append(slot, rest, 0, rest.length);
}

/** Below 0 where the value at `at` comes before the given one. */
function compare(set: SlotBytes, at: number, from: Uint8Array, start: number, length: number): number {
  const order = set.view.getInt32(at, true) - length;
  if (order !== 0) return order;
  for (let k = 0; k < length; k++) {
    const difference = set.bytes[at + HEADER + k] - from[start + k];
    if (difference !== 0) return difference;
  }
  return 0;
}

function mergeMultiset(set: SlotBytes, slot: number, from: Uint8Array, start: number, end: number): void {
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  for (let at = start; at < end;) {
    const next = at + HEADER + view.getInt32(at, true);
    count(set, slot, from, at + HEADER, next, view.getInt32(at + 4, true));
    at = next;
  }
}

function multisets(state: SlotColumn, slots: Int32Array, slotCount: number, reader: ElementReader): Column {
  assert(state.layout === 'bytes', `multisets in a column of layout ${state.layout}`);
  const offsets = new Int32Array(slotCount + 1);
  const starts: number[] = [];
  const ends: number[] = [];
  const counts: number[] = [];
  for (let j = 0; j < slotCount; j++) {
    const first = state.starts[slots[j]];
    const last = first + state.lengths[slots[j]];
    for (let at = first; at < last; at += HEADER + state.view.getInt32(at, true)) {
      const times = state.view.getInt32(at + 4, true);
      if (times <= 0) continue;
      starts.push(at + HEADER);
      ends.push(at + HEADER + state.view.getInt32(at, true));
      counts.push(times);
    }
    offsets[j + 1] = counts.length;
  }
  const { bytes, view } = state;
  const values: BytesColumn = {
    layout: 'bytes',
    bytes,
    view,
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    nulls: undefined,
  };
  const total = counts.length;
  const key = gatherColumn(reader.read(values, total), rowNumbers(total), total);
  return {
    layout: 'map',
    offsets,
    key,
    value: { layout: 'i32', values: Int32Array.from(counts), nulls: undefined },
    nulls: undefined,
  };
}
