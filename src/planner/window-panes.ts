import { unreachable } from '../data/errors.ts';
import type { AlignedSpec } from './physical.ts';

/** A grid of boundaries: offset + k * size, milliseconds. */
export interface Pane {
  readonly size: number;
  readonly offset: number;
}

/** The coarsest grid that holds every start and every end of these windows: rows are aggregated by its panes. */
export function paneOf(window: AlignedSpec): Pane {
  switch (window.kind) {
    case 'tumble':
      return { size: window.size, offset: window.offset };
    case 'hop':
      return { size: greatestDivisor(window.size, window.slide), offset: window.offset };
    case 'cumulate':
      return { size: window.step, offset: window.offset };
    default:
      return unreachable(window);
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
