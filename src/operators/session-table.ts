import { type Batch, makeBatch } from '../data/batch.ts';
import { BYTES, notNull, type Schema } from '../data/types.ts';
import { compileKeyEncoder, KeyDecoder, type KeyEncoder, newKeyBatch } from '../expressions/index.ts';
import type { SessionSpec, WindowTableNode } from '../planner/physical.ts';
import type { OrderedKeyedList } from '../state/contracts.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { sessionColumns } from './session-columns.ts';
import { type ClosedSessions, SessionList } from './session-list.ts';
import { SessionRows } from './session-rows.ts';
import { type WindowClock, windowClock } from './window-clock.ts';

/**
 * SESSION by itself: rows wait until their session closes and then go out with its window, in order of their times.
 * A row is kept as the bytes of a key of all its columns, beside its time.
 */
export class SessionTableFunction implements Operator {
  private readonly node: WindowTableNode;
  private readonly clock: WindowClock;
  private readonly sessions: SessionList;
  private readonly rows: OrderedKeyedList;
  private readonly input: SessionRows;
  private readonly rowEncoder: KeyEncoder;
  private readonly rowDecoder: KeyDecoder;
  private readonly output: Output;
  private readonly bytes = newKeyBatch(1024);
  private readonly one = newKeyBatch(1);
  private readonly order = new Float64Array(1);
  private readonly slot = new Int32Array(1);

  constructor(node: WindowTableNode, window: SessionSpec, inputSchema: Schema, context: OperatorContext) {
    const types = inputSchema.map((field) => field.type);
    this.node = node;
    this.clock = windowClock(node.local === true, context.zone);
    this.sessions = new SessionList(window.gap, this.clock, [], context.state);
    this.rows = context.state.orderedList('rows', { columns: [notNull(BYTES)] });
    this.input = new SessionRows(
      node.partition,
      node.timeColumn,
      inputSchema,
      this.sessions,
      this.clock,
      context.count,
    );
    this.rowEncoder = compileKeyEncoder(types);
    this.rowDecoder = new KeyDecoder(types);
    this.output = context.output;
  }

  process(_input: number, batch: Batch): void {
    if (batch.selectedCount === 0) return;
    this.rowEncoder.encode(batch.columns, batch, this.bytes);
    // What a session keeps is found by its times: two that become one need no more.
    const times = this.input.add(batch, () => undefined);
    for (let i = 0; i < batch.selectedCount; i++) {
      if (this.sessions.lanes[i] >= 0) this.keep(i, times.values[rowAt(batch, i)]);
    }
  }

  nextClose(): number {
    return this.sessions.nextClose();
  }

  watermark(time: number): void {
    this.sessions.advance(time, (closed) => this.close(closed));
    this.output.watermark(time);
  }

  private keep(position: number, local: number): void {
    this.order[0] = local;
    const key = subsetKeys(this.input.keys, Int32Array.of(position), 0, 1, this.one);
    this.rows.insert(key, this.order, 1, this.slot);
    const [column] = this.rows.columns;
    if (column.layout !== 'bytes') throw new Error(`rows in a column of layout ${column.layout}`);
    column.set(this.slot[0], this.bytes.bytes, this.bytes.starts[position], this.bytes.ends[position]);
  }

  private close(closed: ClosedSessions): void {
    const { keys, slots, count, starts, ends } = closed;
    const found: number[] = [];
    const sessionOf: number[] = [];
    for (let i = 0; i < count; i++) {
      const end = ends[slots[i]];
      let row = this.rows.lowerBound(keys, i, starts[slots[i]]);
      for (; row >= 0 && this.rows.orderOf(row) < end; row = this.rows.next(row)) {
        found.push(row);
        sessionOf.push(slots[i]);
      }
    }
    const size = found.length;
    const rowSlots = Int32Array.from(found);
    const stored = this.rows.gather(0, rowSlots, size);
    if (stored.layout !== 'bytes') throw new Error(`rows in a column of layout ${stored.layout}`);
    const columns = this.rowDecoder.decode(stored, size);
    const { properties } = this.node;
    const windows = sessionColumns(properties, closed, Int32Array.from(sessionOf), size, this.clock);
    this.output.emit(makeBatch([...columns, ...windows], size));
    // From the last one: a run is shortened at its end.
    for (let i = size - 1; i >= 0; i--) this.rows.remove(found[i]);
  }
}
