import { type Batch, makeBatch, withSelection } from '../data/batch.ts';
import type { BytesColumn } from '../data/column.ts';
import type { Schema } from '../data/types.ts';
import { KeyDecoder, newKeyBatch } from '../expressions/index.ts';
import type { SessionSpec, WindowAggregateNode } from '../planner/physical.ts';
import { AggregateSet } from './aggregate-set.ts';
import { rowAt } from './cells.ts';
import { subsetKeys } from './key-rows.ts';
import { lanePositions } from './lane-positions.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { sessionColumns } from './session-columns.ts';
import { type ClosedSessions, type Session, SessionList } from './session-list.ts';
import { SessionRows } from './session-rows.ts';
import { type WindowClock, windowClock } from './window-clock.ts';

/**
 * Aggregation over sessions. Rows are first given their sessions, one by one, and then added to them together; where a
 * row joins two sessions, the rows before it are added first. A row is late when its session, after all merging, is
 * closed.
 */
export class SessionAggregate implements Operator {
  private readonly node: WindowAggregateNode;
  private readonly aggregates: AggregateSet;
  private readonly sessions: SessionList;
  private readonly clock: WindowClock;
  private readonly input: SessionRows;
  private readonly decoder: KeyDecoder;
  private readonly output: Output;
  private readonly laneKeys = newKeyBatch(1024);
  private readonly one = newKeyBatch(1);
  /** Positions of the batch below this have been added. */
  private added = 0;

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
    if (batch.selectedCount === 0) return;
    this.added = 0;
    this.input.add(batch, (position, to, from) => {
      this.addRows(batch, position);
      this.absorb(position, to, from);
    });
    this.addRows(batch, batch.selectedCount);
  }

  nextClose(): number {
    return this.sessions.nextClose();
  }

  watermark(time: number): void {
    this.sessions.advance(time, (closed) => this.close(closed));
    this.output.watermark(time);
  }

  private absorb(position: number, to: Session, from: Session): void {
    const { sessions, aggregates } = this;
    const keys = subsetKeys(this.input.keys, Int32Array.of(position), 0, 1, this.one);
    const source = sessions.lane(from.lane);
    const partials = aggregates.stateTypes.map((_type, i) => source.gather(i, Int32Array.of(from.slot), 1));
    const into = { slots: Int32Array.of(to.slot), columns: sessions.lane(to.lane).kept };
    aggregates.mergeKeys({ source: aggregates, namespace: from.lane, partials }, keys, 1, to.lane, into);
    aggregates.clearKey(from.lane, keys, 0);
  }

  /** Adds the rows below a position that have not been added yet, lane by lane. */
  private addRows(batch: Batch, end: number): void {
    const { aggregates, sessions, added } = this;
    this.added = end;
    for (const { lane, positions } of lanePositions(sessions.lanes, added, end)) {
      const { kept } = sessions.lane(lane);
      const count = positions.length;
      if (count === batch.selectedCount) {
        aggregates.apply(lane, batch, this.input.keys, sessions.slots, kept);
        continue;
      }
      const part = withSelection(
        batch,
        positions.map((position) => rowAt(batch, position)),
        count,
      );
      const slots = positions.map((position) => sessions.slots[position]);
      // Only values of their own are found by keys.
      const keys = aggregates.mergeable
        ? this.input.keys
        : subsetKeys(this.input.keys, positions, 0, count, this.laneKeys);
      aggregates.apply(lane, part, keys, slots, kept);
    }
  }

  private close(closed: ClosedSessions): void {
    const { lane, keys, slots, count } = closed;
    const { aggregates } = this;
    const { table, kept } = this.sessions.lane(lane);
    if (aggregates.countColumn < 0) {
      this.emit(closed, closed.column, slots, count);
    } else {
      const counts = aggregates.rowCounts(kept);
      const left = slots.subarray(0, count).filter((slot) => counts[slot] > 0);
      if (left.length > 0) this.emit(closed, table.keys(left, left.length), left, left.length);
    }
    // Without values of their own, there is nothing to forget.
    if (aggregates.mergeable) return;
    for (let i = 0; i < count; i++) aggregates.clearKey(lane, keys, i);
  }

  private emit(closed: ClosedSessions, keys: BytesColumn, slots: Int32Array, count: number): void {
    const windows = sessionColumns(this.node.properties, closed, slots, count, this.clock);
    const results = this.aggregates.results(this.sessions.lane(closed.lane).kept, slots, count);
    this.output.emit(makeBatch([...this.decoder.decode(keys, count), ...results, ...windows], count));
  }
}
