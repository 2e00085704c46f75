import { type Batch, makeBatch } from '../data/batch.ts';
import type { Column } from '../data/column.ts';
import { assert } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import { BYTES, DOUBLE, notNull } from '../data/types.ts';
import { compileKeyEncoder, KeyDecoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { SortNode } from '../planner/physical.ts';
import type { OrderedKeyedList } from '../state/contracts.ts';
import { rowAt } from './cells.ts';
import { comparerOf } from './column-order.ts';
import { EMPTY_KEY, emptyKeys, OneCell } from './one-cell.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';

const CHUNK = 4096;
/** The fired time is kept from here on, so that 0 means none. */
const EPOCH = -8.64e15 - 1;

/**
 * ORDER BY a time attribute: rows wait until the watermark passes them. A row that is not after the last time given is
 * dropped and counted.
 */
export class Sort implements Operator {
  private readonly node: SortNode;
  private readonly output: Output;
  private readonly count: OperatorContext['count'];
  /** Whole rows as key bytes, by time. */
  private readonly rows: OrderedKeyedList;
  private readonly fired: OneCell;
  private readonly encoder: KeyEncoder;
  private readonly decoder: KeyDecoder;
  private readonly encoded = newKeyBatch(64);
  private keys = emptyKeys(64);
  private order = new Float64Array(64);
  private slots: Int32Array = new Int32Array(64);

  constructor(node: SortNode, context: OperatorContext) {
    const types = node.schema.map((field) => field.type);
    this.node = node;
    this.output = context.output;
    this.count = context.count;
    this.rows = context.state.orderedList('rows', { columns: [BYTES] });
    this.fired = new OneCell(context.state, 'fired', notNull(DOUBLE));
    this.encoder = compileKeyEncoder(types);
    this.decoder = new KeyDecoder(types);
  }

  process(_input: number, batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    if (this.order.length < count) {
      this.order = new Float64Array(count * 2);
      this.keys = emptyKeys(count * 2);
    }
    this.slots = ensureI32(this.slots, count);
    this.encoder.encode(batch.columns, batch, this.encoded);
    const fired = this.fired.get() + EPOCH;
    const time = batch.columns[this.node.keys[0].column];
    const positions: number[] = [];
    for (let i = 0; i < count; i++) {
      const ms = timeAt(time, rowAt(batch, i));
      if (ms <= fired) continue;
      this.order[positions.length] = ms;
      positions.push(i);
    }
    if (positions.length < count) this.count('lateRecordsDropped', count - positions.length);
    this.rows.insert(this.keys, this.order, positions.length, this.slots);
    const [column] = this.rows.columns;
    assert(column.layout === 'bytes', `rows in a column of layout ${column.layout}`);
    positions.forEach((position, i) => {
      column.set(this.slots[i], this.encoded.bytes, this.encoded.starts[position], this.encoded.ends[position]);
    });
  }

  watermark(time: number): void {
    for (;;) {
      const slots = this.ready(time);
      if (slots.length === 0) break;
      this.fire(slots);
    }
    this.output.watermark(time);
  }

  /** The first slots up to a time, whole times only. */
  private ready(time: number): readonly number[] {
    const slots: number[] = [];
    let last = Number.NEGATIVE_INFINITY;
    let slot = this.rows.lowerBound(EMPTY_KEY, 0, Number.NEGATIVE_INFINITY);
    for (; slot >= 0 && this.rows.orderOf(slot) <= time; slot = this.rows.next(slot)) {
      const order = this.rows.orderOf(slot);
      if (slots.length >= CHUNK && order !== last) break;
      last = order;
      slots.push(slot);
    }
    return slots;
  }

  private fire(slots: readonly number[]): void {
    const count = slots.length;
    const stored = this.rows.gather(0, Int32Array.from(slots), count);
    assert(stored.layout === 'bytes', `rows of layout ${stored.layout}`);
    const columns = this.decoder.decode(stored, count);
    const sorted = this.sorted(columns, count);
    this.fired.set(this.rows.orderOf(slots[count - 1]) - EPOCH);
    for (const slot of slots) this.rows.remove(slot);
    this.output.emit(
      makeBatch(
        columns.map((column) => gatherColumn(column, sorted, count)),
        count,
      ),
    );
  }

  /** Rows in order; those with equal keys stay in order of arrival. */
  private sorted(columns: readonly Column[], count: number): Int32Array {
    const compares = this.node.keys.map((key) => comparerOf(columns[key.column], key));
    const rows = Array.from({ length: count }, (_, i) => i);
    rows.sort((a, b) => {
      for (const compare of compares) {
        const order = compare(a, b);
        if (order !== 0) return order;
      }
      return a - b;
    });
    return Int32Array.from(rows);
  }
}

function timeAt(column: Column, row: number): number {
  if (column.layout === 'const') return timeAt(column.value, 0);
  if (column.layout === 'dict') return timeAt(column.values, column.indices[row]);
  assert(column.layout === 'ts', `a time attribute of layout ${column.layout}`);
  return column.values[row];
}
