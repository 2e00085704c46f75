import { MIN_WATERMARK } from '../data/batch.ts';
import type { Pane } from '../planner/window-panes.ts';

export type { Pane };

/** End of the tumbling window that holds `time`: right for negative times too. */
export function windowEnd(time: number, pane: Pane): number {
  return (Math.floor((time - pane.offset) / pane.size) + 1) * pane.size + pane.offset;
}

/** The window with this (exclusive) end is closed: rows for it are late. */
export function isClosed(end: number, watermark: number): boolean {
  return watermark >= end - 1;
}

/**
 * The lowest watermark above `watermark` at which some window closes: windows of a grid close when the watermark
 * reaches their end - 1. Infinity without panes.
 */
export function nextCrossing(watermark: number, panes: readonly Pane[]): number {
  if (panes.length === 0) return Infinity;
  if (watermark <= MIN_WATERMARK) return MIN_WATERMARK + 1;
  let next = Infinity;
  for (const pane of panes) next = Math.min(next, windowEnd(watermark + 1, pane) - 1);
  return next;
}
