import type { Batch } from '../data/batch.ts';
import type { WindowAggregateNode, WindowSpec } from '../planner/physical.ts';
import { type Pane, paneOf } from '../planner/window-panes.ts';
import type { WindowPartition } from './window-partition.ts';

/** Puts the rows of a batch into panes: by their time, or by the window that they came with. */
export function assignWindows(partition: WindowPartition, batch: Batch, node: WindowAggregateNode): void {
  const column = batch.columns[node.timeColumn];
  if (node.attached === true) partition.byEnd(batch, column);
  else if (node.window.kind !== 'session') partition.byTime(batch, column, paneOf(node.window));
  else throw new Error('sessions are not on a grid');
}

/** The grids on whose boundaries windows close; none for sessions, which may close at any time. */
export function panesOf(window: WindowSpec): readonly Pane[] {
  return window.kind === 'session' ? [] : [paneOf(window)];
}
