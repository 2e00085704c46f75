import { columnFromValues } from '../../data/builder.ts';
import { assert, HeadwaterError } from '../../data/errors.ts';
import type { SlotBytes, SlotColumn } from '../../state/contracts.ts';
import { asBytes, EMPTY_BYTES, NEVER, type Operand } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall } from '../typed.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';
import { LIST_TYPE } from './element-list.ts';

/**
 * JSON_OBJECTAGG: an object of the pairs, ordered by key; the values are JSON text already. `{}` when there is none. A
 * key that is there already, and one that is NULL, is an error.
 */
export function jsonObjectAgg(call: AggregateCall): Aggregate {
  return {
    kind: 'by-column',
    call,
    accumulators: [pairs(call)],
    results: ([state], slots, count) => {
      const texts = Array.from({ length: count }, (_, j) => objectText(state, slots[j], call.keepNulls === true));
      return columnFromValues(call.type, texts);
    },
  };
}

/**
 * One bytes value: for each pair the length of its key i32, that of its value i32 (* 4, + 2 for NULL, + 1 for a debt), key
 * and value. A pair that is taken back before it came is a debt, which swallows the next pair of that key.
 */
const HEADER = 8;
const IS_NULL = 2;
const DEBT = 1;

type Change = (
  list: SlotBytes,
  slot: number,
  key: Uint8Array,
  keyStart: number,
  keyEnd: number,
  value: Uint8Array,
  start: number,
  end: number,
  flags: number,
) => void;

function pairs(call: AggregateCall): Accumulator {
  const { arg, second, filter } = call;
  assert(arg !== undefined && second !== undefined, 'JSON_OBJECTAGG without a pair');
  const write =
    (change: Change) =>
    (source: Source, [state]: readonly SlotAccess[], key: Operand | undefined, value: Operand | undefined): void => {
      assert(key !== undefined && value !== undefined, 'JSON_OBJECTAGG of rows');
      const [k, v] = [asBytes(key), asBytes(value)];
      if (k.isNull !== NEVER) source.line(`if (${k.isNull}) throw ${source.constant(nullKey)}();`);
      const call = `${source.constant(change)}(${state.id}, t, ${k.bytes}, ${k.start}, ${k.end}, `;
      const present = `${call}${v.bytes}, ${v.start}, ${v.end}, 0);`;
      const absent = `${call}${source.constant(EMPTY_BYTES)}, 0, 0, ${IS_NULL});`;
      source.line(v.isNull === NEVER ? present : `if (${v.isNull}) ${absent} else ${present}`);
    };
  return {
    id: accumulatorId(`pairs ${second.index}`, arg, filter),
    arg,
    second,
    filter,
    takesNulls: true,
    types: [LIST_TYPE],
    add: write(addPair),
    subtract: write(takePair),
    merge: (source, [state], [partial]) => {
      const { bytes, start, end } = asBytes(partial);
      source.line(`${source.constant(mergePairs)}(${state.id}, t, ${bytes}, ${start}, ${end});`);
    },
  };
}

const addPair: Change = (list, slot, key, keyStart, keyEnd, value, start, end, flags) => {
  const at = find(list, slot, key, keyStart, keyEnd);
  if (at < 0) return append(list, slot, key, keyStart, keyEnd, value, start, end, flags);
  if ((list.view.getInt32(list.starts[slot] + at + 4, true) & DEBT) === 0) throw duplicateKey(key, keyStart, keyEnd);
  removeAt(list, slot, at);
};

const takePair: Change = (list, slot, key, keyStart, keyEnd, value, start, end, flags) => {
  const at = find(list, slot, key, keyStart, keyEnd);
  const there = at >= 0 && (list.view.getInt32(list.starts[slot] + at + 4, true) & DEBT) === 0;
  if (there) return removeAt(list, slot, at);
  append(list, slot, key, keyStart, keyEnd, value, start, end, flags | DEBT);
};

function mergePairs(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number): void {
  const view = new DataView(from.buffer, from.byteOffset, from.length);
  for (let at = start; at < end;) {
    const key = at + HEADER;
    const value = key + view.getInt32(at, true);
    const head = view.getInt32(at + 4, true);
    const next = value + (head >> 2);
    const change = (head & DEBT) === 0 ? addPair : takePair;
    change(list, slot, from, key, value, from, value, next, head & IS_NULL);
    at = next;
  }
}

const header = new Uint8Array(HEADER);
const headerView = new DataView(header.buffer);

const append: Change = (list, slot, key, keyStart, keyEnd, value, start, end, flags) => {
  headerView.setInt32(0, keyEnd - keyStart, true);
  headerView.setInt32(4, ((end - start) << 2) | flags, true);
  list.append(slot, header, 0, HEADER);
  list.append(slot, key, keyStart, keyEnd);
  list.append(slot, value, start, end);
};

/** Where the pair of the key begins within the slot's value, or -1. */
function find(list: SlotBytes, slot: number, key: Uint8Array, start: number, end: number): number {
  const { view, bytes } = list;
  const first = list.starts[slot];
  const last = first + list.lengths[slot];
  for (let at = first; at < last; at += sizeAt(view, at)) {
    if (view.getInt32(at, true) !== end - start) continue;
    let k = 0;
    while (start + k < end && bytes[at + HEADER + k] === key[start + k]) k++;
    if (start + k === end) return at - first;
  }
  return -1;
}

function removeAt(list: SlotBytes, slot: number, at: number): void {
  list.cut(slot, at, at + sizeAt(list.view, list.starts[slot] + at));
}

function sizeAt(view: DataView, at: number): number {
  return HEADER + view.getInt32(at, true) + (view.getInt32(at + 4, true) >> 2);
}

function objectText(state: SlotColumn, slot: number, keepNulls: boolean): string {
  assert(state.layout === 'bytes', `pairs in a column of layout ${state.layout}`);
  const { view, bytes } = state;
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString();
  const members: [key: string, value: string][] = [];
  const first = state.starts[slot];
  const last = first + state.lengths[slot];
  for (let at = first; at < last; at += sizeAt(view, at)) {
    const head = view.getInt32(at + 4, true);
    if ((head & DEBT) !== 0 || ((head & IS_NULL) !== 0 && !keepNulls)) continue;
    const value = at + HEADER + view.getInt32(at, true);
    members.push([text(at + HEADER, value), (head & IS_NULL) !== 0 ? 'null' : text(value, value + (head >> 2))]);
  }
  // By UTF-16 units, as Java orders strings.
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function nullKey(): Error {
  return new HeadwaterError('null-json-key', 'A key of JSON_OBJECTAGG is NULL; expected a text. Leave such rows out.', {
    kind: 'runtime',
  });
}

function duplicateKey(key: Uint8Array, start: number, end: number): Error {
  const text = Buffer.from(key.subarray(start, end)).toString();
  return new HeadwaterError(
    'duplicate-json-key',
    `The key '${text}' of JSON_OBJECTAGG is there already; expected each key once in a group`,
    { kind: 'runtime' },
  );
}
