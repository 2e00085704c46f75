import type { Column, TsColumn } from '../data/column.ts';
import { timeZone, UTC } from '../data/time-zone.ts';
import { flatTime } from './window-partition.ts';

/**
 * The line of time on which windows lie: that of the time attribute for TIMESTAMP, the wall clock of the session's zone
 * for TIMESTAMP_LTZ. Starts and ends of windows are on it; watermarks are not.
 */
export interface WindowClock {
  /** Instants and local times are the same. */
  readonly isPlain: boolean;
  toLocal(instant: number): number;
  /** The lowest watermark that closes a window with this (exclusive) end: at the last instant that shows end - 1. */
  closes(end: number): number;
}

const PLAIN: WindowClock = { isPlain: true, toLocal: (instant) => instant, closes: (end) => end - 1 };

/** `local`: the time attribute is an instant, its windows lie on the wall clock of `zone`. */
export function windowClock(local: boolean, zone: string): WindowClock {
  const found = local ? timeZone(zone) : UTC;
  if (found === UTC) return PLAIN;
  return {
    isPlain: false,
    toLocal: (instant) => found.toLocal(instant),
    closes: (end) => found.toLastInstant(end - 1),
  };
}

/** The window with this end is closed: rows for it are late. */
export function isClosed(end: number, watermark: number, clock: WindowClock): boolean {
  return clock.isPlain ? watermark >= end - 1 : end < Infinity && watermark >= clock.closes(end);
}

/** A time column on the clock's line. */
export function localTimes(column: Column, length: number, clock: WindowClock): TsColumn {
  const flat = flatTime(column, length);
  if (clock.isPlain) return flat;
  return { ...flat, values: flat.values.map((time) => clock.toLocal(time)) };
}
