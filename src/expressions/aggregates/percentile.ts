import { columnFromValues } from '../../data/builder.ts';
import { assert } from '../../data/errors.ts';
import type { SlotBytes, SlotColumn } from '../../state/contracts.ts';
import { asBytes, NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { SlotAccess } from '../codegen/slot-access.ts';
import type { Source } from '../codegen/source.ts';
import type { AggregateCall } from '../typed.ts';
import { type Accumulator, accumulatorId, type Aggregate } from './accumulator.ts';
import { LIST_TYPE } from './element-list.ts';
import { asDouble } from './variance.ts';

/**
 * PERCENTILE: the value at a part of the ordered values, between two of them by linear interpolation, in DOUBLE. A
 * value counts as often as its frequency says, which is not at all for NULL and below 1. NULL when there is none.
 */
export function percentile(call: AggregateCall): Aggregate {
  const { percentages, type } = call;
  assert(percentages !== undefined, 'PERCENTILE without a percentage');
  return {
    kind: 'by-column',
    call,
    accumulators: [counts(call)],
    results: ([state], slots, count) => {
      const results = Array.from({ length: count }, (_, j) => {
        const ordered = orderedCounts(state, slots[j], 'present');
        if (ordered.length === 0) return null;
        return type.kind === 'ARRAY'
          ? percentages.map((part) => valueAt(ordered, part))
          : valueAt(ordered, percentages[0]);
      });
      return columnFromValues(type, results);
    },
  };
}

/**
 * One bytes value: how many pairs were in order last (f64), then pairs of a value and its count (f64 each; below 0 for
 * what was taken back). Pairs are appended; when there are twice as many as then, equal values become one pair.
 */
const HEADER = 8;
const PAIR = 16;
const FEW = 64;

function counts(call: AggregateCall): Accumulator {
  const { arg, second, filter } = call;
  assert(arg !== undefined, 'PERCENTILE without an argument');
  const write =
    (sign: 1 | -1) =>
    (source: Source, [state]: readonly SlotAccess[], value: Operand | undefined, frequency?: Operand): void => {
      const put = (by: string): void =>
        source.line(`${source.constant(addCount)}(${state.id}, t, ${asDouble(source, arg, value)}, ${by});`);
      if (frequency === undefined) return put(String(sign));
      const times = source.local('n', `Number(${valueOf(frequency)})`);
      const counted = frequency.isNull === NEVER ? '' : `!${frequency.isNull} && `;
      source.block(`if (${counted}${times} > 0)`, () => put(`${sign} * ${times}`));
    };
  return {
    id: accumulatorId(`counts ${second?.index ?? ''}`, arg, filter),
    arg,
    ...(second === undefined ? {} : { second }),
    filter,
    types: [LIST_TYPE],
    add: write(1),
    subtract: write(-1),
    merge: (source, [state], [partial]) => {
      const { bytes, start, end } = asBytes(partial);
      source.line(`${source.constant(mergeCounts)}(${state.id}, t, ${bytes}, ${start}, ${end});`);
    },
  };
}

const pair = new Uint8Array(PAIR);
const pairView = new DataView(pair.buffer);
const emptyHeader = new Uint8Array(HEADER);

function addCount(list: SlotBytes, slot: number, value: number, by: number): void {
  if (list.lengths[slot] === 0) list.append(slot, emptyHeader, 0, HEADER);
  pairView.setFloat64(0, value, true);
  pairView.setFloat64(8, by, true);
  list.append(slot, pair, 0, PAIR);
  tidy(list, slot);
}

function mergeCounts(list: SlotBytes, slot: number, from: Uint8Array, start: number, end: number): void {
  if (start === end) return;
  if (list.lengths[slot] === 0) list.append(slot, emptyHeader, 0, HEADER);
  list.append(slot, from, start + HEADER, end);
  tidy(list, slot);
}

/** Sorts the pairs and adds up those of equal values, once they have doubled: log n steps a pair over time. */
function tidy(list: SlotBytes, slot: number): void {
  const size = (list.lengths[slot] - HEADER) / PAIR;
  if (size < FEW || size < 2 * list.view.getFloat64(list.starts[slot], true)) return;
  const { values, counts: times, length } = orderedCounts(list, slot, 'all');
  const bytes = new Uint8Array(HEADER + length * PAIR);
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, length, true);
  for (let i = 0; i < length; i++) {
    view.setFloat64(HEADER + i * PAIR, values[i], true);
    view.setFloat64(HEADER + i * PAIR + 8, times[i], true);
  }
  list.set(slot, bytes, 0, bytes.length);
}

/** Different values in ascending order and how often each counts: never 0 times, and below 0 only where all are asked for. */
interface OrderedCounts {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly length: number;
}

const NONE: OrderedCounts = { values: new Float64Array(0), counts: new Float64Array(0), length: 0 };

function orderedCounts(state: SlotColumn, slot: number, which: 'all' | 'present'): OrderedCounts {
  assert(state.layout === 'bytes', `counts in a column of layout ${state.layout}`);
  if (state.lengths[slot] === 0) return NONE;
  const { view } = state;
  const first = state.starts[slot] + HEADER;
  const size = (state.lengths[slot] - HEADER) / PAIR;
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) values[i] = view.getFloat64(first + i * PAIR, true);
  // -0 before 0 and NaN last, as Java orders DOUBLEs.
  const order = Uint32Array.from({ length: size }, (_, i) => i).sort((a, b) => compareDoubles(values[a], values[b]));
  const result = { values: new Float64Array(size), counts: new Float64Array(size), length: 0 };
  for (let i = 0; i < size;) {
    const value = values[order[i]];
    let times = 0;
    for (; i < size && Object.is(values[order[i]], value); i++)
      times += view.getFloat64(first + order[i] * PAIR + 8, true);
    if (times === 0 || (times < 0 && which === 'present')) continue;
    result.values[result.length] = value;
    result.counts[result.length++] = times;
  }
  return result;
}

/** With Flink's order of operations, on which the last digit depends. */
function valueAt({ values, counts: times, length }: OrderedCounts, part: number): number {
  let total = 0;
  for (let i = 0; i < length; i++) total += times[i];
  const place = part * (total - 1) + 1;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  let i = 0;
  let upTo = times[0];
  while (upTo < below && i < length - 1) upTo += times[++i];
  if (upTo >= above || i === length - 1) return values[i];
  return (above - place) * values[i] + (place - below) * values[i + 1];
}

function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 || Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
}
