import { hashBytes, type KeyBatch } from '../data/hash.ts';
import { assert } from '../data/errors.ts';
import { DOUBLE, notNull } from '../data/types.ts';
import type { KeyedMapTable, StateContext } from '../state/contracts.ts';
import { KeyLog } from '../state/key-log.ts';
import { EMPTY_KEY } from './one-cell.ts';

/** Bytes of the number at the end of a row's key. */
const NUMBER_BYTES = 8;

/**
 * Rows of an operator that runs in one task, in order of arrival; of equal rows the first is taken out. A row is given
 * as the key of its columns and, last, a NOT NULL DOUBLE of 0: the number that tells equal rows apart in the state.
 */
export class RowQueue {
  private readonly rows: KeyedMapTable;
  /** Of rows that came again while an equal one was there: the numbers of the first and of the last. */
  private readonly repeats: KeyedMapTable;
  private readonly numbered = new KeyLog();
  private readonly slot = new Int32Array(1);
  private readonly isNew = new Uint8Array(1);

  /** With a `ttl` (milliseconds), rows that came longer ago are gone, and all methods are told the time. */
  constructor(state: StateContext, name: string, ttl?: number) {
    const numbers = [notNull(DOUBLE), notNull(DOUBLE)];
    this.rows = state.keyedMap(name, { columns: [], ttl }).namespace(0);
    this.repeats = state.keyedMap(`${name}-repeats`, { columns: numbers, ttl }).namespace(0);
  }

  /** With a TTL, some may be gone already. */
  get size(): number {
    return this.rows.size;
  }

  add(row: KeyBatch, now?: number): void {
    const { rows, repeats, slot, isNew } = this;
    if (this.findRepeats(row, now) < 0) {
      rows.resolve(EMPTY_KEY, row, 1, slot, isNew, now);
      if (isNew[0] !== 0) return;
    }
    // Both numbers of a new one are 0.
    repeats.resolve(EMPTY_KEY, row, 1, slot, undefined, now);
    const [, last] = this.numbers();
    const number = ++last[slot[0]];
    rows.resolve(EMPTY_KEY, this.withNumber(row, number), 1, slot, undefined, now);
  }

  /** Takes out the first row of these values; false when there is none. */
  remove(row: KeyBatch, now?: number): boolean {
    const entry = this.findRepeats(row, now);
    const [first, last] = this.numbers();
    const from = entry < 0 ? 0 : first[entry];
    const to = entry < 0 ? 0 : last[entry];
    // Those that are not there any more have outlived the TTL.
    for (let number = from; number <= to; number++) {
      this.rows.find(EMPTY_KEY, number === 0 ? row : this.withNumber(row, number), 1, this.slot, now);
      if (this.slot[0] < 0) continue;
      this.rows.free(this.slot[0]);
      this.startFrom(entry, number + 1);
      return true;
    }
    return false;
  }

  /** Takes out the first row; false when there is none. */
  shift(into: KeyLog, now?: number): boolean {
    const found = this.rows.first(EMPTY_KEY, 0, now);
    if (found < 0) return false;
    this.slot[0] = found;
    const { bytes, view, starts, ends } = this.rows.subKeys(this.slot, 1);
    const number = view.getFloat64(ends[0] - NUMBER_BYTES, true);
    into.clear();
    into.add(bytes, starts[0], ends[0], 0);
    setNumber(into, 0);
    this.rows.free(found);
    this.startFrom(this.findRepeats(into, now), number + 1);
    return true;
  }

  private findRepeats(row: KeyBatch, now: number | undefined): number {
    if (this.repeats.size === 0) return -1;
    this.repeats.find(EMPTY_KEY, row, 1, this.slot, now);
    return this.slot[0];
  }

  /** The rows of an entry of repeats begin with this number. */
  private startFrom(entry: number, number: number): void {
    if (entry < 0) return;
    const [first, last] = this.numbers();
    if (number > last[entry]) return this.repeats.free(entry);
    first[entry] = number;
    this.repeats.touch(entry);
  }

  private numbers(): readonly [Float64Array, Float64Array] {
    const [first, last] = this.repeats.columns;
    assert(first.layout === 'f64' && last.layout === 'f64', `numbers of layout ${first.layout}`);
    return [first.values, last.values];
  }

  private withNumber(row: KeyBatch, number: number): KeyBatch {
    this.numbered.clear();
    this.numbered.add(row.bytes, row.starts[0], row.ends[0], 0);
    setNumber(this.numbered, number);
    return this.numbered;
  }
}

function setNumber(row: KeyLog, number: number): void {
  row.view.setFloat64(row.ends[0] - NUMBER_BYTES, number, true);
  row.hashes[0] = hashBytes(row.view, row.starts[0], row.ends[0]);
}
