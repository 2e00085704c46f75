import { type Batch, makeBatch, withSelection } from '../data/batch.ts';
import type { Schema } from '../data/types.ts';
import { KeyDecoder, newKeyBatch } from '../expressions/index.ts';
import type { SessionSpec, WindowAggregateNode } from '../planner/physical.ts';
import { AggregateSet } from './aggregate-set.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';
import { sessionColumns } from './session-columns.ts';
import { type ClosedSessions, keyColumn, SessionList } from './session-list.ts';
import { type SessionOwner, SessionRows } from './session-rows.ts';
import { type WindowClock, windowClock } from './window-clock.ts';

/**
 * Aggregation over sessions. Rows are first given their sessions, one by one, and then added to them together; where a
 * row joins two sessions, the rows before it are added first. A row is late when its session, after all merging, is
 * closed.
 */
export class SessionAggregate implements Operator, SessionOwner {
  private readonly node: WindowAggregateNode;
  private readonly aggregates: AggregateSet;
  private readonly sessions: SessionList;
  private readonly clock: WindowClock;
  private readonly input: SessionRows;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly laneKeys = newKeyBatch(1024);
  private readonly one = newKeyBatch(1);
  /** Rows that have their session and are not added yet: positions, slots, and the lanes that occur. */
  private positions: Int32Array = new Int32Array(0);
  private slots: Int32Array = new Int32Array(0);
  private rows: Int32Array = new Int32Array(0);
  private laneSlots: Int32Array = new Int32Array(0);
  private pending = 0;

  constructor(node: WindowAggregateNode, window: SessionSpec, inputSchema: Schema, context: OperatorContext) {
    const keyTypes = node.keys.map((key) => inputSchema[key].type);
    this.node = node;
    this.clock = windowClock(node.local === true, context.zone);
    const options = { retract: node.retractInput === true };
    this.aggregates = new AggregateSet(node.aggregates, inputSchema, options, context.state);
    this.sessions = new SessionList(window.gap, this.clock, this.aggregates.stateTypes, context.state);
    this.input = new SessionRows(node.keys, node.timeColumn, inputSchema, this.sessions, this.clock, context.count);
    this.decoder = new KeyDecoder(keyTypes);
    this.output = context.output;
  }

  process(_input: number, batch: Batch): void {
    const count = batch.selectedCount;
    if (count === 0) return;
    this.positions = ensureI32(this.positions, count);
    this.slots = ensureI32(this.slots, count);
    this.pending = 0;
    this.input.add(batch, this);
    this.addPending(batch);
  }

  place(position: number, slot: number): void {
    this.positions[this.pending] = position;
    this.slots[this.pending++] = slot;
  }

  absorb(batch: Batch, position: number, slot: number, absorbed: number): void {
    const { sessions, aggregates } = this;
    this.addPending(batch);
    const keys = subsetKeys(this.input.keys, Int32Array.of(position), 0, 1, this.one);
    const from = Int32Array.of(absorbed);
    const partials = aggregates.stateTypes.map((_type, i) => sessions.gather(i, from, 1));
    const lane = sessions.lane(absorbed);
    const into = { slots: Int32Array.of(slot), columns: sessions.columns() };
    aggregates.mergeKeys({ source: aggregates, namespace: lane, partials }, keys, 1, sessions.lane(slot), into);
    aggregates.clearKey(lane, keys, 0);
  }

  nextClose(): number {
    return this.sessions.nextClose();
  }

  watermark(time: number): void {
    this.sessions.advance(time, (closed) => this.close(closed));
    this.output.watermark(time);
  }

  /** Adds the rows that wait, lane by lane: the values of a key's sessions are kept apart by lanes. */
  private addPending(batch: Batch): void {
    const { pending, slots, positions } = this;
    this.pending = 0;
    if (pending === 0) return;
    this.rows = ensureI32(this.rows, pending);
    this.laneSlots = ensureI32(this.laneSlots, pending);
    const lanes = new Set<number>();
    // Without values of their own, all sessions can be added to together.
    if (this.aggregates.mergeable) lanes.add(0);
    else for (let i = 0; i < pending; i++) lanes.add(this.sessions.lane(slots[i]));
    for (const lane of lanes) {
      const chosen = new Int32Array(pending);
      let count = 0;
      for (let i = 0; i < pending; i++) {
        if (lanes.size > 1 && this.sessions.lane(slots[i]) !== lane) continue;
        chosen[count] = positions[i];
        this.rows[count] = rowAt(batch, positions[i]);
        this.laneSlots[count++] = slots[i];
      }
      const keys = subsetKeys(this.input.keys, chosen, 0, count, this.laneKeys);
      const part = withSelection(batch, this.rows.subarray(0, count), count);
      this.aggregates.apply(lane, part, keys, this.laneSlots, this.sessions.columns());
    }
  }

  private close({ keys, slots, count }: ClosedSessions): void {
    const { sessions, aggregates } = this;
    const columns = sessions.columns();
    const chosen = new Int32Array(count);
    const kept = new Int32Array(count);
    const counts = aggregates.countColumn < 0 ? undefined : aggregates.rowCounts(columns);
    let rows = 0;
    for (let i = 0; i < count; i++) {
      if (counts !== undefined && !(counts[slots[i]] > 0)) continue;
      chosen[rows] = i;
      kept[rows++] = slots[i];
    }
    if (rows > 0) {
      const own = subsetKeys(keys, chosen, 0, rows, newKeyBatch(rows));
      const windows = sessionColumns(this.node.properties, sessions, kept, rows, this.clock);
      const results = aggregates.results(columns, kept, rows);
      this.output.emit(makeBatch([...this.decoder.decode(keyColumn(own), rows), ...results, ...windows], rows));
    }
    // Without values of their own, there is nothing to forget.
    if (aggregates.mergeable) return;
    for (let i = 0; i < count; i++) aggregates.clearKey(sessions.lane(slots[i]), keys, i);
  }
}
