import { type Batch, DELETE, makeBatch, UPDATE_BEFORE, withSelection } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import type { KeyBatch } from '../data/hash.ts';
import { DOUBLE, notNull, type SqlType } from '../data/types.ts';
import {
  type AggregateProgram,
  compileAggregates,
  compileKeyEncoder,
  KeyDecoder,
  type KeyEncoder,
  newKeyBatch,
} from '../expressions/index.ts';
import type { AggregateCall } from '../expressions/typed.ts';
import type { KeyedMap, KeyedMapTable, SlotColumn, StateContext } from '../state/contracts.ts';
import { keysOfColumn } from '../state/key-log.ts';
import { isNullAt, isTrueAt, rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import { RetractableExtreme } from './retractable-extreme.ts';
import { ensureI32 } from './rows.ts';
import { countsOf, ValueChanges } from './value-changes.ts';

/** Aggregate calls that need to know which values a key has: the same argument and the same filter. */
export interface MultisetSpec {
  readonly name: string;
  readonly argument: number;
  readonly argumentType: SqlType;
  readonly filter: number | undefined;
  /** DISTINCT calls, and MIN and MAX over input that takes rows back. */
  readonly calls: readonly AggregateCall[];
}

/**
 * How often each key has each value: (key, value) -> count in a keyed map. The accumulators of its calls are fed when
 * a value appears (count rises above 0) and when it goes away. A MIN or MAX that goes away is looked for anew among
 * the key's values. Counts may fall below zero for a while, when a row is taken back before it came.
 */
export class ValueMultiset {
  readonly stateTypes: readonly SqlType[];
  private readonly spec: MultisetSpec;
  /** NULL is a value to count as well: each of the calls judges it for itself. */
  private readonly takesNulls: boolean;
  private readonly map: KeyedMap;
  private readonly sums: AggregateProgram;
  private readonly extremes: readonly RetractableExtreme[];
  private readonly encoder: KeyEncoder;
  private readonly decoder: KeyDecoder;
  private readonly order: readonly { readonly program: number; readonly index: number }[];
  private readonly values = newKeyBatch(64);
  private readonly keys = newKeyBatch(64);
  private readonly goneKeys = newKeyBatch(64);
  private rows: Int32Array = new Int32Array(0);
  private positions: Int32Array = new Int32Array(0);
  private entries: Int32Array = new Int32Array(0);
  private readonly added = new ValueChanges();
  private readonly gone = new ValueChanges();

  constructor(
    spec: MultisetSpec,
    state: StateContext,
    options: { readonly retract: boolean; readonly ttl?: number | undefined },
  ) {
    this.spec = spec;
    this.takesNulls = spec.calls.some((call) => call.fn === 'ARRAY_AGG' && call.ignoreNulls !== true);
    this.map = state.keyedMap(spec.name, { columns: [notNull(DOUBLE)], ttl: options.ttl });
    this.encoder = compileKeyEncoder([spec.argumentType]);
    this.decoder = new KeyDecoder([spec.argumentType]);
    const schema = [{ name: 'value', type: spec.argumentType }];
    const calls = spec.calls.map((call): AggregateCall => ({
      ...call,
      arg: { kind: 'input', index: 0, type: spec.argumentType },
      distinct: false,
      filter: undefined,
    }));
    const sums = calls.filter((call) => !isExtreme(call));
    this.sums = compileAggregates(sums, schema, options.retract);
    let offset = this.sums.stateTypes.length;
    const extremes: RetractableExtreme[] = [];
    for (const call of calls.filter(isExtreme)) {
      const extreme = new RetractableExtreme(call, spec.argumentType, offset);
      extremes.push(extreme);
      offset += extreme.stateTypes.length;
    }
    this.extremes = extremes;
    this.stateTypes = [...this.sums.stateTypes, ...extremes.flatMap((extreme) => extreme.stateTypes)];
    let nextSum = 0;
    let nextExtreme = 1;
    this.order = calls.map((call) =>
      isExtreme(call) ? { program: nextExtreme++, index: 0 } : { program: 0, index: nextSum++ },
    );
  }

  /**
   * Adds (or takes back, by kind) the values of a batch. `keys` and `slots` by position; `columns` are this multiset's
   * part of the state columns.
   */
  apply(
    namespace: number,
    batch: Batch,
    keys: KeyBatch,
    slots: Int32Array,
    columns: readonly SlotColumn[],
    now: number | undefined,
  ): void {
    const count = this.choose(batch);
    if (count === 0) return;
    const argument = [batch.columns[this.spec.argument]];
    this.encoder.encode(argument, withSelection(batch, this.rows.subarray(0, count), count), this.values);
    subsetKeys(keys, this.positions, 0, count, this.keys);
    const table = this.map.namespace(namespace);
    this.entries = ensureI32(this.entries, count);
    table.resolve(this.keys, this.values, count, this.entries, undefined, now);
    this.countValues(table, batch, slots, count);
    const input = makeBatch(argument, batch.length);
    this.feed(input, columns);
    if (this.gone.count > 0) this.replaceExtremes(table, columns, this.values);
    if (batch.kinds !== undefined) this.freeEmpty(table, count);
  }

  /**
   * Adds the values that `from` has in its namespace for keys 0 .. count - 1 to those of the same keys here. A value
   * that both have counts once.
   */
  merge(
    from: ValueMultiset,
    fromNamespace: number,
    keys: KeyBatch,
    count: number,
    namespace: number,
    slots: Int32Array,
    columns: readonly SlotColumn[],
  ): void {
    const source = from.map.peek(fromNamespace);
    if (source === undefined) return;
    const entries: number[] = [];
    const positions: number[] = [];
    for (let i = 0; i < count; i++) {
      for (let entry = source.first(keys, i); entry >= 0; entry = source.next(entry)) {
        entries.push(entry);
        positions.push(i);
      }
    }
    const size = entries.length;
    if (size === 0) return;
    this.positions = Int32Array.from(positions);
    this.entries = ensureI32(this.entries, size);
    const sourceEntries = Int32Array.from(entries);
    const subKeys = source.subKeys(sourceEntries, size);
    const values = keysOfColumn(subKeys, 0, size);
    subsetKeys(keys, this.positions, 0, size, this.keys);
    const table = this.map.namespace(namespace);
    table.resolve(this.keys, values, size, this.entries);
    this.addCounts(table, countsOf(source), sourceEntries, slots, size);
    const [argument] = this.decoder.decode(subKeys, size);
    this.feed(makeBatch([argument], size), columns);
    if (this.gone.count > 0) this.replaceExtremes(table, columns, values);
    this.freeEmpty(table, size);
  }

  private addCounts(
    table: KeyedMapTable,
    fromCounts: Float64Array,
    fromEntries: Int32Array,
    slots: Int32Array,
    size: number,
  ): void {
    const { added, gone, positions, entries } = this;
    const counts = countsOf(table);
    added.clear(size);
    gone.clear(size);
    for (let i = 0; i < size; i++) {
      const before = counts[entries[i]];
      const after = before + fromCounts[fromEntries[i]];
      counts[entries[i]] = after;
      if (before <= 0 && after > 0) added.add(i, i, slots[positions[i]]);
      else if (before > 0 && after <= 0) gone.add(i, i, slots[positions[i]]);
    }
  }

  /** Result columns of its calls, in their order. */
  results(columns: readonly SlotColumn[], slots: Int32Array, count: number): Column[] {
    const parts = [
      this.sums.results(columns, slots, count),
      ...this.extremes.map((extreme) => extreme.results(columns, slots, count)),
    ];
    return this.order.map(({ program, index }) => parts[program][index]);
  }

  /** Forgets all values of keys[row]. */
  clearKey(namespace: number, keys: KeyBatch, row: number): void {
    const table = this.map.peek(namespace);
    if (table === undefined) return;
    for (let entry = table.first(keys, row); entry >= 0;) {
      const next = table.next(entry);
      table.free(entry);
      entry = next;
    }
  }

  drop(namespace: number): void {
    if (this.map.peek(namespace) !== undefined) this.map.drop(namespace);
  }

  /** Positions whose value is not NULL (or NULLs count) and passes the filter; their rows are ascending as the batch's are. */
  private choose(batch: Batch): number {
    this.rows = ensureI32(this.rows, batch.selectedCount);
    this.positions = ensureI32(this.positions, batch.selectedCount);
    const argument = batch.columns[this.spec.argument];
    const filter = this.spec.filter === undefined ? undefined : batch.columns[this.spec.filter];
    let count = 0;
    for (let i = 0; i < batch.selectedCount; i++) {
      const row = rowAt(batch, i);
      if (!this.takesNulls && isNullAt(argument, row)) continue;
      if (filter !== undefined && !isTrueAt(filter, row)) continue;
      this.rows[count] = row;
      this.positions[count++] = i;
    }
    return count;
  }

  private countValues(table: KeyedMapTable, batch: Batch, slots: Int32Array, count: number): void {
    const { added, gone, rows, positions, entries } = this;
    const counts = countsOf(table);
    added.clear(count);
    gone.clear(count);
    for (let i = 0; i < count; i++) {
      const kind = batch.kinds === undefined ? 0 : batch.kinds[rows[i]];
      const before = counts[entries[i]];
      if (kind === UPDATE_BEFORE || kind === DELETE) {
        counts[entries[i]] = before - 1;
        if (before === 1) gone.add(i, rows[i], slots[positions[i]]);
      } else {
        counts[entries[i]] = before + 1;
        if (before === 0) added.add(i, rows[i], slots[positions[i]]);
      }
    }
  }

  private feed(input: Batch, columns: readonly SlotColumn[]): void {
    const { added, gone } = this;
    if (added.count > 0) {
      const batch = withSelection(input, added.rows.subarray(0, added.count), added.count);
      this.sums.accumulate(batch, added.slots, columns);
      for (const extreme of this.extremes) extreme.accumulate(batch, added.slots, columns);
    }
    if (gone.count > 0) {
      const batch = withSelection(input, gone.rows.subarray(0, gone.count), gone.count);
      this.sums.retract(batch, gone.slots, columns);
    }
  }

  private replaceExtremes(table: KeyedMapTable, columns: readonly SlotColumn[], values: KeyBatch): void {
    const { gone } = this;
    if (this.extremes.length === 0) return;
    const keys = subsetKeys(this.keys, gone.positions, 0, gone.count, this.goneKeys);
    for (const extreme of this.extremes) extreme.replace(table, keys, values, gone, columns);
  }

  private freeEmpty(table: KeyedMapTable, count: number): void {
    const counts = countsOf(table);
    const { entries } = this;
    let empty = 0;
    for (let i = 0; i < count; i++) {
      if (counts[entries[i]] !== 0) continue;
      // NaN marks an entry that is in the list already: an entry may occur more than once in a batch.
      counts[entries[i]] = NaN;
      entries[empty++] = entries[i];
    }
    for (let i = 0; i < empty; i++) table.free(entries[i]);
  }
}

export function isExtreme(call: AggregateCall): boolean {
  return call.fn === 'MIN' || call.fn === 'MAX';
}
