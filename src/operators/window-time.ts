import { MAX_WATERMARK, MIN_WATERMARK } from '../data/batch.ts';
import type { CutPane } from '../planner/physical.ts';
import type { Pane } from '../planner/window-panes.ts';
import { type WindowClock, windowClock } from './window-clock.ts';
import { cellStart } from './window-slices.ts';

export type { Pane };

/** End of the tumbling window that holds `time`: right for negative times too. */
export function windowEnd(time: number, pane: Pane): number {
  return (Math.floor((time - pane.offset) / pane.size) + 1) * pane.size + pane.offset;
}

/** A grid of window ends and the clock on which it lies. */
export interface ClockedPane extends Pane {
  readonly clock: WindowClock;
}

export function clockedPanes(panes: readonly CutPane[], zone: string): readonly ClockedPane[] {
  return panes.map(({ size, offset, local }) => ({ size, offset, clock: windowClock(local === true, zone) }));
}

/**
 * The lowest watermark above `watermark` at which some window closes: windows of a grid close when the watermark
 * reaches their end - 1. Infinity without panes.
 */
export function nextCrossing(watermark: number, panes: readonly ClockedPane[]): number {
  if (panes.length === 0) return Infinity;
  if (watermark <= MIN_WATERMARK) return MIN_WATERMARK + 1;
  if (watermark >= MAX_WATERMARK) return Infinity;
  let next = Infinity;
  for (const pane of panes) {
    next = Math.min(next, pane.clock.isPlain ? windowEnd(watermark + 1, pane) - 1 : nextLocal(watermark, pane));
  }
  return next;
}

/** More than any change of a zone's offset. */
const CHANGE = 2 * 86_400_000;

/** As the clock may be set back, windows that ended before the local time now may still be open. */
function nextLocal(watermark: number, { size, offset, clock }: ClockedPane): number {
  const now = clock.toLocal(watermark);
  let open = Math.ceil((2 * CHANGE) / size) + 1;
  let closed = 0;
  const first = cellStart(now - CHANGE, size, offset);
  while (open - closed > 1) {
    const middle = Math.floor((open + closed) / 2);
    if (clock.closes(first + middle * size) > watermark) open = middle;
    else closed = middle;
  }
  return clock.closes(first + open * size);
}
