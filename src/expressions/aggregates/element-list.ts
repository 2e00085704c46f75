import { BYTES_SLACK, type BytesColumn } from '../../data/column.ts';
import { assert } from '../../data/errors.ts';
import { BYTES, notNull, type SqlType } from '../../data/types.ts';
import type { SlotBytes, SlotColumn } from '../../state/contracts.ts';
import { NEVER, type Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall } from '../typed.ts';
import { type Accumulator, accumulatorId } from './accumulator.ts';
import { writeElement } from './elements.ts';

/**
 * The values of a group in order of arrival, in one bytes value: for each a header u32 (length * 4, + 2 for NULL, + 1
 * for a debt) and its bytes. A value that is taken back leaves the list where it stands first. One that was not there
 * is a debt: it stands before all others and swallows the value when it comes.
 */
export const LIST_TYPE: SqlType = notNull(BYTES);

const HEADER = 4;
const IS_NULL = 2;
const DEBT = 1;

/** Keeps all values, only the first, or only the last of a group. The latter cannot be taken back. */
export type Kept = 'all' | 'first' | 'last';

export function listAccumulator(call: AggregateCall, kept: Kept, takesNulls: boolean): Accumulator {
  const { arg, filter } = call;
  assert(arg !== undefined, `${call.fn} without an argument`);
  const write =
    (target: (...operands: never[]) => void) =>
    (source: Source, [state]: readonly SlotAccess[], value: Operand | undefined): void => {
      assert(value !== undefined, `${call.fn} of rows`);
      const move = (bytes: string, start: string, end: string, flags: number): void =>
        source.line(`${source.constant(target)}(${state.id}, t, ${bytes}, ${start}, ${end}, ${flags});`);
      const present = (): void => {
        const element = writeElement(source, arg.type, value);
        move(element.bytes, element.start, element.end, 0);
      };
      if (!takesNulls || value.isNull === NEVER) return present();
      source.block(`if (${value.isNull})`, () => move(source.constant(NO_BYTES), '0', '0', IS_NULL));
      source.block('else', present);
    };
  const adders = { all: addElement, first: keepFirst, last: keepLast };
  const merges = { all: mergeList, first: mergeFirst, last: mergeLast };
  return {
    id: accumulatorId(`list ${kept}${takesNulls ? ' with nulls' : ''}`, arg, filter),
    arg,
    filter,
    takesNulls,
    types: [LIST_TYPE],
    add: write(adders[kept]),
    subtract: write(takeElement),
    merge: (source, [state], [partial]) => {
      assert(partial.cls === 'bytes', 'a partial list is bytes');
      const { bytes, start, end } = partial;
      source.line(`${source.constant(merges[kept])}(${state.id}, t, ${bytes}, ${start}, ${end});`);
    },
  };
}

const NO_BYTES = new Uint8Array(0);
const header = new Uint8Array(HEADER);
const headerView = new DataView(header.buffer);

function addElement(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, flags: number): void {
  if (list.lengths[slot] > 0 && (list.view.getInt32(list.starts[slot], true) & DEBT) !== 0) {
    const debt = find(list, slot, from, start, end, flags | DEBT);
    if (debt >= 0) return removeAt(list, slot, debt);
  }
  append(list, slot, from, start, end, flags);
}

function takeElement(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, flags: number): void {
  const at = find(list, slot, from, start, end, flags);
  if (at >= 0) return removeAt(list, slot, at);
  // Rare: the rest is added again behind the debt.
  const rest = list.bytes.slice(list.starts[slot], list.starts[slot] + list.lengths[slot]);
  list.set(slot, NO_BYTES, 0, 0);
  append(list, slot, from, start, end, flags | DEBT);
  list.append(slot, rest, 0, rest.length);
}

function keepFirst(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, flags: number): void {
  if (list.lengths[slot] === 0) append(list, slot, from, start, end, flags);
}

function keepLast(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, flags: number): void {
  list.set(slot, NO_BYTES, 0, 0);
  append(list, slot, from, start, end, flags);
}

function mergeList(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number): void {
  if (start === end) return;
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  const debts =
    (view.getInt32(start, true) & DEBT) !== 0 ||
    (list.lengths[slot] > 0 && (list.view.getInt32(list.starts[slot], true) & DEBT) !== 0);
  if (!debts) return list.append(slot, from, start, end);
  for (let at = start; at < end;) {
    const head = view.getInt32(at, true);
    const next = at + HEADER + (head >> 2);
    const flags = head & IS_NULL;
    if ((head & DEBT) !== 0) takeElement(list, slot, from, at + HEADER, next, flags);
    else addElement(list, slot, from, at + HEADER, next, flags);
    at = next;
  }
}

function mergeFirst(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number): void {
  if (list.lengths[slot] === 0 && start < end) list.append(slot, from, start, end);
}

function mergeLast(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number): void {
  if (start < end) list.set(slot, from, start, end);
}

function append(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, flags: number): void {
  headerView.setInt32(0, ((end - start) << 2) | flags, true);
  list.append(slot, header, 0, HEADER);
  if (end > start) list.append(slot, from, start, end);
}

function removeAt(list: SlotBytes, slot: number, at: number): void {
  const size = list.view.getInt32(list.starts[slot] + at, true) >> 2;
  list.cut(slot, at, at + HEADER + size);
}

/** Where in the slot's value an equal element with these flags begins, or -1. */
function find(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number, flags: number): number {
  const wanted = ((end - start) << 2) | flags;
  const { view, bytes } = list;
  const first = list.starts[slot];
  const last = first + list.lengths[slot];
  for (let at = first; at < last;) {
    const head = view.getInt32(at, true);
    if (head === wanted) {
      let k = 0;
      while (start + k < end && bytes[at + HEADER + k] === from[start + k]) k++;
      if (start + k === end) return at - first;
    }
    at += HEADER + (head >> 2);
  }
  return -1;
}

/** The values of several slots, one list after the other. */
export interface Elements {
  /** Values of the j-th slot: [offsets[j], offsets[j + 1]). */
  readonly offsets: Int32Array;
  readonly values: BytesColumn;
  readonly count: number;
}

/** Which of a slot's values are read. */
export type Part = 'all' | 'first' | 'last';

/** Reads the lists of slots; debts are no values. The result points into the state: valid until it changes. */
export function readLists(column: SlotColumn, slots: Int32Array, count: number, part: Part): Elements {
  assert(column.layout === 'bytes', `lists in a column of layout ${column.layout}`);
  const offsets = new Int32Array(count + 1);
  const { view, bytes } = column;
  const starts: number[] = [];
  const ends: number[] = [];
  const nullRows: number[] = [];
  for (let j = 0; j < count; j++) {
    const first = column.starts[slots[j]];
    const last = first + column.lengths[slots[j]];
    let found = -1;
    for (let at = first; at < last; at += HEADER + (view.getInt32(at, true) >> 2)) {
      if ((view.getInt32(at, true) & DEBT) !== 0) continue;
      if (part !== 'last') push(at);
      else found = at;
      if (part === 'first') break;
    }
    if (found >= 0) push(found);
    offsets[j + 1] = starts.length;
  }
  const nulls = nullRows.length === 0 ? undefined : new Uint8Array((starts.length + 7) >> 3);
  for (const row of nullRows) if (nulls !== undefined) nulls[row >> 3] |= 1 << (row & 7);
  assert(bytes.length >= BYTES_SLACK, 'an arena ends in slack');
  const values: BytesColumn = {
    layout: 'bytes',
    bytes,
    view,
    starts: Int32Array.from(starts),
    ends: Int32Array.from(ends),
    nulls,
  };
  return { offsets, values, count: starts.length };

  function push(at: number): void {
    const head = view.getInt32(at, true);
    if ((head & IS_NULL) !== 0) nullRows.push(starts.length);
    starts.push(at + HEADER);
    ends.push(at + HEADER + (head >> 2));
  }
}
