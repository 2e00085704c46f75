import { type Batch, DELETE, UPDATE_BEFORE } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import type { KeyBatch } from '../data/hash.ts';
import { BIGINT, DOUBLE, notNull, type Schema, type SqlType } from '../data/types.ts';
import { type AggregateProgram, compileAggregates } from '../expressions/index.ts';
import type { AggregateCall } from '../expressions/typed.ts';
import type { SlotColumn, StateContext } from '../state/contracts.ts';
import { rowAt } from './cells.ts';
import { isExtreme, type MultisetSpec, ValueMultiset } from './value-multiset.ts';

export interface AggregateSetOptions {
  /** Rows are taken back as well as added: the set counts rows, MIN and MAX remember all values. */
  readonly retract: boolean;
  /** State TTL in milliseconds. */
  readonly ttl?: number;
  /** All rows that come in are counted, those that take others back too. */
  readonly countInput?: boolean;
}

const COUNT_ROWS: AggregateCall = {
  fn: 'COUNT',
  arg: undefined,
  distinct: false,
  filter: undefined,
  type: notNull(BIGINT),
};

/**
 * All aggregate calls of one operator. Its state columns are, in this order: accumulators of the plain calls, those of
 * each value multiset (DISTINCT; MIN and MAX with retraction), and with retraction the row count as DOUBLE. The number of
 * rows that came in (`countInput`) is a COUNT(*) beside the plain calls; with retraction a DOUBLE at the end.
 */
export class AggregateSet {
  readonly stateTypes: readonly SqlType[];
  /** Index of the row count among the state columns; -1 without retraction. */
  readonly countColumn: number;
  /** Index of the number of rows that came in among the state columns; -1 without `countInput`. */
  readonly inputColumn: number;
  private readonly plain: AggregateProgram;
  private readonly plainColumns: number;
  private readonly multisets: readonly ValueMultiset[];
  private readonly offsets: readonly number[];
  /** For each call, the part (0 = plain, 1 = first multiset) and the index there. */
  private readonly order: readonly { readonly part: number; readonly index: number }[];

  constructor(calls: readonly AggregateCall[], inputSchema: Schema, options: AggregateSetOptions, state: StateContext) {
    const split = splitCalls(calls, options.retract);
    const { retract, countInput = false } = options;
    this.order = split.order;
    const plain = countInput && !retract ? [...split.plain, COUNT_ROWS] : split.plain;
    this.plain = compileAggregates(plain, inputSchema, retract);
    this.multisets = split.multisets.map((spec) => new ValueMultiset(spec, state, options));
    const types: SqlType[] = [...this.plain.stateTypes];
    this.plainColumns = types.length;
    this.offsets = this.multisets.map((multiset) => {
      const offset = types.length;
      types.push(...multiset.stateTypes);
      return offset;
    });
    this.countColumn = retract ? types.length : -1;
    if (retract) types.push(notNull(DOUBLE));
    if (!countInput) this.inputColumn = -1;
    else if (!retract) [this.inputColumn] = this.plain.callColumns[plain.length - 1];
    else this.inputColumn = types.push(notNull(DOUBLE)) - 1;
    this.stateTypes = types;
  }

  /** Accumulators can be added to one another. */
  get mergeable(): boolean {
    return this.multisets.length === 0;
  }

  /**
   * Adds the rows of a batch to the accumulators, or takes them away by their kinds. `keys` and `slots` are by
   * position. `now` stamps the values of multisets with a TTL.
   */
  apply(
    namespace: number,
    batch: Batch,
    keys: KeyBatch,
    slots: Int32Array,
    columns: readonly SlotColumn[],
    now?: number,
  ): void {
    for (let i = 0; i < this.multisets.length; i++) {
      this.multisets[i].apply(namespace, batch, keys, slots, this.columnsOf(i, columns), now);
    }
    this.addPlain(batch, slots, columns);
  }

  /** The same where no call needs a value multiset. */
  add(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    assert(this.mergeable, 'aggregates with a value multiset need keys');
    this.addPlain(batch, slots, columns);
  }

  private addPlain(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    if (batch.kinds === undefined) this.plain.accumulate(batch, slots, columns);
    else this.plain.accumulateSigned(batch, slots, columns);
    if (this.countColumn >= 0) this.countRows(batch, slots, columns);
    else assert(batch.kinds === undefined || !hasRetraction(batch), 'the plan says that no row is taken back');
  }

  private countRows(batch: Batch, slots: Int32Array, columns: readonly SlotColumn[]): void {
    countSigned(batch, slots, this.rowCounts(columns));
    if (this.inputColumn < 0) return;
    const counts = doubles(columns[this.inputColumn]);
    for (let i = 0; i < batch.selectedCount; i++) counts[slots[i]] += 1;
  }

  /** Adds accumulators (rows 0 .. count - 1 of flat `partials`, in the order of `stateTypes`) to those of `slots`. */
  merge(partials: readonly Column[], count: number, slots: Int32Array, columns: readonly SlotColumn[]): void {
    assert(this.mergeable, 'aggregates with a value multiset cannot be merged');
    this.mergePlain(partials, count, slots, columns);
  }

  private mergePlain(
    partials: readonly Column[],
    count: number,
    slots: Int32Array,
    columns: readonly SlotColumn[],
  ): void {
    this.plain.merge(partials.slice(0, this.plainColumns), count, slots, columns.slice(0, this.plainColumns));
    if (this.countColumn < 0) return;
    const counts = this.rowCounts(columns);
    const partial = partials[this.countColumn];
    assert(partial.layout === 'f64', `partial row counts of layout ${partial.layout}`);
    for (let i = 0; i < count; i++) counts[slots[i]] += partial.values[i];
  }

  /**
   * Adds the accumulators of keys of another namespace (`from`: its set, and the columns of those keys, flat) to those
   * of `into`, values of multisets included. `keys` are the keys of both.
   */
  mergeKeys(
    from: { readonly source: AggregateSet; readonly namespace: number; readonly partials: readonly Column[] },
    keys: KeyBatch,
    count: number,
    namespace: number,
    into: { readonly slots: Int32Array; readonly columns: readonly SlotColumn[] },
  ): void {
    this.mergePlain(from.partials, count, into.slots, into.columns);
    this.multisets.forEach((multiset, i) => {
      const values = from.source.multisets[i];
      multiset.merge(values, from.namespace, keys, count, namespace, into.slots, this.columnsOf(i, into.columns));
    });
  }

  /** Result columns of the calls for some slots. */
  results(columns: readonly SlotColumn[], slots: Int32Array, count: number): Column[] {
    const parts = [
      this.plain.results(columns, slots, count),
      ...this.multisets.map((multiset, i) => multiset.results(this.columnsOf(i, columns), slots, count)),
    ];
    return this.order.map(({ part, index }) => parts[part][index]);
  }

  /** Rows added less rows taken away, by slot. Only with retraction. */
  rowCounts(columns: readonly SlotColumn[]): Float64Array {
    return doubles(columns[this.countColumn]);
  }

  /** Forgets the values of a key whose accumulators are freed. */
  clearKey(namespace: number, keys: KeyBatch, row: number): void {
    for (const multiset of this.multisets) multiset.clearKey(namespace, keys, row);
  }

  drop(namespace: number): void {
    for (const multiset of this.multisets) multiset.drop(namespace);
  }

  private columnsOf(multiset: number, columns: readonly SlotColumn[]): readonly SlotColumn[] {
    const offset = this.offsets[multiset];
    return columns.slice(offset, offset + this.multisets[multiset].stateTypes.length);
  }
}

function doubles(column: SlotColumn): Float64Array {
  assert(column.layout === 'f64', `row counts of layout ${column.layout}`);
  return column.values;
}

function countSigned(batch: Batch, slots: Int32Array, counts: Float64Array): void {
  const { kinds, selectedCount } = batch;
  for (let i = 0; i < selectedCount; i++) {
    const kind = kinds === undefined ? 0 : kinds[rowAt(batch, i)];
    counts[slots[i]] += kind === UPDATE_BEFORE || kind === DELETE ? -1 : 1;
  }
}

function hasRetraction(batch: Batch): boolean {
  for (let i = 0; i < batch.selectedCount; i++) {
    const kind = batch.kinds === undefined ? 0 : batch.kinds[rowAt(batch, i)];
    if (kind === UPDATE_BEFORE || kind === DELETE) return true;
  }
  return false;
}

interface SplitCalls {
  readonly plain: readonly AggregateCall[];
  readonly multisets: readonly MultisetSpec[];
  readonly order: readonly { readonly part: number; readonly index: number }[];
}

/** Plain calls, and calls by (argument, filter) that need a value multiset. Without retraction DISTINCT means nothing
 *  to MIN and MAX. */
function splitCalls(calls: readonly AggregateCall[], retract: boolean): SplitCalls {
  const plain: AggregateCall[] = [];
  const multisets: { spec: Omit<MultisetSpec, 'calls'>; calls: AggregateCall[] }[] = [];
  const order = calls.map((call) => {
    const needsValues = isExtreme(call) ? retract : call.distinct;
    if (!needsValues || call.arg === undefined) {
      plain.push(call.distinct ? { ...call, distinct: false } : call);
      return { part: 0, index: plain.length - 1 };
    }
    const argument = call.arg.index;
    const filter = call.filter?.index;
    let part = multisets.findIndex(({ spec }) => spec.argument === argument && spec.filter === filter);
    if (part < 0) {
      part = multisets.length;
      multisets.push({ spec: { name: `values-${part}`, argument, argumentType: call.arg.type, filter }, calls: [] });
    }
    multisets[part].calls.push(call);
    return { part: part + 1, index: multisets[part].calls.length - 1 };
  });
  return { plain, multisets: multisets.map(({ spec, calls: own }) => ({ ...spec, calls: own })), order };
}
