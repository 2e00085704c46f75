import type { Batch } from '../data/batch.ts';
import type { WindowAggregateNode } from '../planner/physical.ts';
import { paneOf } from '../planner/window-panes.ts';
import { localTimes, type WindowClock, windowClock } from './window-clock.ts';
import type { WindowPartition } from './window-partition.ts';
import type { ClockedPane } from './window-time.ts';

/** Puts the rows of a batch into panes: by their time, or by the window that they came with. */
export function assignWindows(
  partition: WindowPartition,
  batch: Batch,
  node: WindowAggregateNode,
  clock: WindowClock,
): void {
  const column = batch.columns[node.timeColumn];
  if (node.attached === true) partition.byEnd(batch, column);
  else if (node.window.kind === 'session') throw new Error('sessions are not on a grid');
  else partition.byTime(batch, clock.isPlain ? column : localTimes(column, batch.length, clock), paneOf(node.window));
}

/** The grid on whose boundaries the windows of a node close; none for sessions, which may close at any time. */
export function closingPanes(node: WindowAggregateNode, zone: string): readonly ClockedPane[] {
  if (node.window.kind === 'session') return [];
  return [{ ...paneOf(node.window), clock: windowClock(node.local === true, zone) }];
}
