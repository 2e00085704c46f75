import type { Batch } from '../../data/batch.ts';
import type { Column } from '../../data/column.ts';
import { unreachable } from '../../data/errors.ts';
import type { Schema, SqlType } from '../../data/types.ts';
import type { SlotColumn } from '../../state/contracts.ts';
import { flatInside } from '../codegen/shape.ts';
import { Variants } from '../codegen/variants.ts';
import type { AggregateCall } from '../typed.ts';
import type { Accumulator, Aggregate } from './accumulator.ts';
import { arrayAgg } from './array-agg.ts';
import { avg } from './avg.ts';
import { collect } from './collect.ts';
import { count } from './count.ts';
import { firstLast } from './first-last.ts';
import { compileMerge, compileResult, compileRows, type Mode, type ResultKernel, type RowsKernel } from './kernels.ts';
import { jsonArrayAgg } from './json-array-agg.ts';
import { jsonObjectAgg } from './json-object-agg.ts';
import { listAgg } from './listagg.ts';
import { minMax } from './min-max.ts';
import { percentile } from './percentile.ts';
import { sum } from './sum.ts';
import { variance } from './variance.ts';

/** Aggregate calls over accumulators in state columns. `slots[j]` belongs to the j-th selected row; -1 skips it. */
export interface AggregateProgram {
  /** The state columns that it needs; `columns` below are in this order (more may follow). */
  readonly stateTypes: readonly SqlType[];
  /** For each call: its state columns, which calls may share. */
  readonly callColumns: readonly (readonly number[])[];
  /** For each call: DISTINCT, which the operator must sort out beforehand, with a keyed map of the values. */
  readonly needsMap: readonly boolean[];
  /** For each call: MIN or MAX, which can take back rows only with a keyed map of the values. */
  readonly needsMapToRetract: readonly boolean[];
  /** Adds the selected rows, whatever their kinds. */
  accumulate(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void;
  /** Takes the selected rows back, whatever their kinds. MIN and MAX cannot. */
  retract(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void;
  /** Adds +I and +U rows, takes -U and -D rows back. */
  accumulateSigned(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void;
  /** Adds rows 0 .. count - 1 of partial state columns. */
  merge(partials: readonly Column[], count: number, slots: Int32Array, columns: readonly SlotColumn[]): void;
  /** One new column per call with the results of slots[0 .. count - 1]. */
  results(columns: readonly SlotColumn[], slots: Int32Array, count: number): Column[];
}

/** `retract`: rows will be taken back too, which some aggregates must remember more for. */
export function compileAggregates(
  calls: readonly AggregateCall[],
  _inputSchema: Schema,
  retract = true,
): AggregateProgram {
  return new GeneratedProgram(calls.map((call) => aggregateOf(call, retract)));
}

function aggregateOf(call: AggregateCall, retract: boolean): Aggregate {
  switch (call.fn) {
    case 'COUNT':
      return count(call);
    case 'SUM':
      return sum(call);
    case 'AVG':
      return avg(call);
    case 'MIN':
    case 'MAX':
      return minMax(call);
    case 'STDDEV_POP':
    case 'STDDEV_SAMP':
    case 'VAR_POP':
    case 'VAR_SAMP':
      return variance(call);
    case 'LISTAGG':
      return listAgg(call);
    case 'ARRAY_AGG':
      return arrayAgg(call);
    case 'COLLECT':
      return collect(call);
    case 'FIRST_VALUE':
    case 'LAST_VALUE':
      return firstLast(call, retract);
    case 'JSON_ARRAYAGG':
      return jsonArrayAgg(call);
    case 'JSON_OBJECTAGG':
      return jsonObjectAgg(call);
    case 'PERCENTILE':
      return percentile(call);
    default:
      return unreachable(call.fn);
  }
}

const NO_ROWS = new Int32Array(0);
const NO_KINDS = new Uint8Array(0);

class GeneratedProgram implements AggregateProgram {
  readonly stateTypes: readonly SqlType[];
  readonly callColumns: readonly (readonly number[])[];
  readonly needsMap: readonly boolean[];
  readonly needsMapToRetract: readonly boolean[];
  private readonly rows: Record<Mode, Variants<RowsKernel>>;
  private readonly merges: Variants<RowsKernel>;
  private readonly resultKernels: readonly ResultKernel[];
  private readonly inputs: readonly number[];

  constructor(aggregates: readonly Aggregate[]) {
    const accumulators = distinctAccumulators(aggregates);
    this.stateTypes = accumulators.flatMap((accumulator) => accumulator.types);
    this.needsMap = aggregates.map(({ call }) => call.distinct && call.fn !== 'MIN' && call.fn !== 'MAX');
    this.needsMapToRetract = aggregates.map(({ call }) => call.fn === 'MIN' || call.fn === 'MAX');
    this.inputs = inputsOf(accumulators);
    const variants = (mode: Mode): Variants<RowsKernel> =>
      new Variants(this.inputs, (shapes, selected) => compileRows(accumulators, mode, shapes, selected));
    this.rows = { add: variants('add'), subtract: variants('subtract'), signed: variants('signed') };
    const states = this.stateTypes.map((_type, i) => i);
    this.merges = new Variants(states, (shapes) => compileMerge(accumulators, shapes));
    const places = placesOf(accumulators);
    this.callColumns = aggregates.map((call) => call.accumulators.flatMap(({ id }) => places.get(id) ?? []));
    this.resultKernels = aggregates.map((aggregate, i) => compileResult(aggregate, this.callColumns[i]));
  }

  accumulate(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    this.run('add', batch, slots, columns);
  }

  retract(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    this.run('subtract', batch, slots, columns);
  }

  accumulateSigned(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    this.run(batch.kinds === undefined ? 'add' : 'signed', batch, slots, columns);
  }

  merge(partials: readonly Column[], count: number, slots: Int32Array, columns: readonly SlotColumn[]): void {
    if (this.stateTypes.length === 0) return;
    const flat = partials.map(flatInside);
    this.merges.get(flat, false)(flat, NO_ROWS, count, count, slots, columns, NO_KINDS);
  }

  results(columns: readonly SlotColumn[], slots: Int32Array, count: number): Column[] {
    return this.resultKernels.map((kernel) => kernel(columns, slots, count));
  }

  private run(mode: Mode, batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    if (this.stateTypes.length === 0) return;
    const { selection, selectedCount, length, kinds } = batch;
    const nested = this.inputs.some((index) => flatInside(batch.columns[index]) !== batch.columns[index]);
    const input = nested ? batch.columns.map(flatInside) : batch.columns;
    const kernel = this.rows[mode].get(input, selection !== undefined);
    kernel(input, selection ?? NO_ROWS, selectedCount, length, slots, columns, kinds ?? NO_KINDS);
  }
}

/** In the order of the calls; the state format depends on it. */
function distinctAccumulators(aggregates: readonly Aggregate[]): readonly Accumulator[] {
  const known = new Map<string, Accumulator>();
  for (const accumulator of aggregates.flatMap((aggregate) => aggregate.accumulators)) {
    if (!known.has(accumulator.id)) known.set(accumulator.id, accumulator);
  }
  return [...known.values()];
}

/** State columns by the accumulator's id. */
function placesOf(accumulators: readonly Accumulator[]): ReadonlyMap<string, readonly number[]> {
  let next = 0;
  return new Map(accumulators.map(({ id, types }) => [id, types.map(() => next++)]));
}

function inputsOf(accumulators: readonly Accumulator[]): readonly number[] {
  const indexes = accumulators.flatMap(({ arg, second, filter }) =>
    [arg, second, filter].flatMap((ref) => (ref ? [ref.index] : [])),
  );
  return [...new Set(indexes)];
}
