import { unreachable } from '../data/errors.ts';
import type { AlignedSpec } from '../planner/physical.ts';
import { paneOf } from '../planner/window-panes.ts';

/** The start of the cell of the grid offset + k * size that holds `time`: right for negative times too. */
export function cellStart(time: number, size: number, offset: number): number {
  return Math.floor((time - offset) / size) * size + offset;
}

/** The start of the window that ends at `end`. */
export function windowStart(window: AlignedSpec, end: number): number {
  return window.kind === 'cumulate' ? cellStart(end - 1, window.size, window.offset) : end - window.size;
}

/** The end of the earliest window that holds the pane ending at `pane`; no such window when it is after `lastEnd`. */
export function firstEnd(window: AlignedSpec, pane: number): number {
  if (window.kind !== 'hop') return pane;
  const { size, slide, offset } = window;
  return cellStart(pane - 1, slide, offset + size) + slide;
}

/** The end of the latest window that holds the pane ending at `pane`. */
export function lastEnd(window: AlignedSpec, pane: number): number {
  switch (window.kind) {
    case 'tumble':
      return pane;
    case 'hop':
      return cellStart(pane - paneOf(window).size, window.slide, window.offset) + window.size;
    case 'cumulate':
      return cellStart(pane - 1, window.size, window.offset) + window.size;
    default:
      return unreachable(window);
  }
}

/** How far apart window ends are. */
export function endDistance(window: AlignedSpec): number {
  switch (window.kind) {
    case 'tumble':
      return window.size;
    case 'hop':
      return window.slide;
    case 'cumulate':
      return window.step;
    default:
      return unreachable(window);
  }
}
