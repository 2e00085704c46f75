import { type Batch, makeBatch } from '../data/batch.ts';
import { type Column, isNull } from '../data/column.ts';
import { unreachable } from '../data/errors.ts';
import { gatherColumn } from '../data/gather.ts';
import type { AlignedSpec, WindowProperty, WindowTableNode } from '../planner/physical.ts';
import { paneOf } from '../planner/window-panes.ts';
import type { Operator, OperatorContext, Output } from './operator.ts';
import { ensureI32 } from './rows.ts';
import { localTimes, type WindowClock, windowClock } from './window-clock.ts';
import { endDistance, firstEnd, lastEnd, windowStart } from './window-slices.ts';
import { windowEnd } from './window-time.ts';

/**
 * TUMBLE, HOP and CUMULATE by themselves: every row at once, once for each of its windows. Nothing is late here. HOP
 * gives a row's windows from the latest to the earliest, CUMULATE from the shortest to the longest.
 */
export class WindowTableFunction implements Operator {
  private readonly node: WindowTableNode;
  private readonly window: AlignedSpec;
  private readonly clock: WindowClock;
  private readonly output: Output;
  private readonly count: OperatorContext['count'];
  private rows: Int32Array = new Int32Array(0);
  private ends: Float64Array = new Float64Array(0);

  constructor(node: WindowTableNode, window: AlignedSpec, context: OperatorContext) {
    this.node = node;
    this.window = window;
    this.clock = windowClock(node.local === true, context.zone);
    this.output = context.output;
    this.count = context.count;
  }

  process(_input: number, batch: Batch): void {
    const count = this.assign(batch);
    if (count === 0) return;
    const { rows } = this;
    const columns = batch.columns.map((column) => gatherColumn(column, rows, count));
    const windows = this.node.properties.map((property) => this.propertyColumn(property, count));
    const kinds = batch.kinds === undefined ? undefined : gatherKinds(batch.kinds, rows, count);
    this.output.emit(makeBatch([...columns, ...windows], count, kinds));
  }

  /** Nothing waits here. */
  nextClose(): number {
    return Infinity;
  }

  watermark(time: number): void {
    this.output.watermark(time);
  }

  /** Fills `rows` and `ends` with pairs of row and window; returns how many. */
  private assign(batch: Batch): number {
    const time = localTimes(batch.columns[this.node.timeColumn], batch.length, this.clock);
    const { window } = this;
    const pane = paneOf(window);
    const distance = endDistance(window);
    let count = 0;
    let dropped = 0;
    for (let i = 0; i < batch.selectedCount; i++) {
      const row = batch.selection === undefined ? i : batch.selection[i];
      if (isNull(time.nulls, row)) {
        dropped += 1;
        continue;
      }
      const end = windowEnd(time.values[row], pane);
      const first = firstEnd(window, end);
      const last = lastEnd(window, end);
      const most = Math.floor((last - first) / distance) + 1;
      this.reserve(count + most);
      for (let k = 0; k < most; k++) {
        this.rows[count] = row;
        this.ends[count++] = window.kind === 'hop' ? last - k * distance : first + k * distance;
      }
    }
    if (dropped > 0) this.count('nullRowtimeRecordsDropped', dropped);
    return count;
  }

  private reserve(count: number): void {
    if (this.ends.length >= count) return;
    const rows = ensureI32(new Int32Array(0), count);
    rows.set(this.rows);
    const ends = new Float64Array(rows.length);
    ends.set(this.ends);
    this.rows = rows;
    this.ends = ends;
  }

  private propertyColumn(property: WindowProperty, count: number): Column {
    return { layout: 'ts', values: this.propertyTimes(property, count), nanos: undefined, nulls: undefined };
  }

  private propertyTimes(property: WindowProperty, count: number): Float64Array {
    const ends = this.ends.subarray(0, count);
    switch (property) {
      case 'window_start':
        return ends.map((end) => windowStart(this.window, end));
      case 'window_end':
        return ends.slice();
      case 'window_time':
        return ends.map((end) => this.clock.closes(end));
      default:
        return unreachable(property);
    }
  }
}

function gatherKinds(kinds: Uint8Array, rows: Int32Array, count: number): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = kinds[rows[i]];
  return out;
}
