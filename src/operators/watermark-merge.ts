import { MAX_WATERMARK } from '../data/batch.ts';

/** What a source knows of one of its splits. */
export interface SplitTime {
  /** Epoch milliseconds; MIN_WATERMARK before the first. */
  readonly watermark: number;
  /** At its end: it holds nothing back any more. */
  readonly finished: boolean;
  /** When it last gave a row, or when it was opened or could not be read for back-pressure (same clock as `now`). */
  readonly lastActive: number;
}

/**
 * The watermark of a source: the minimum over splits that are neither finished nor idle. All finished (or none at
 * all): MAX_WATERMARK. Undefined when the unfinished ones are all idle: then the watermark stays where it is.
 * `idleTimeout` in milliseconds, 0 = a split is never idle. The caller forwards the result only when it has risen.
 */
export function mergeWatermarks(splits: readonly SplitTime[], now: number, idleTimeout: number): number | undefined {
  let least = Infinity;
  let open = 0;
  for (const split of splits) {
    if (split.finished) continue;
    open += 1;
    const idle = idleTimeout > 0 && now - split.lastActive >= idleTimeout;
    if (!idle && split.watermark < least) least = split.watermark;
  }
  if (open === 0) return MAX_WATERMARK;
  return least === Infinity ? undefined : least;
}
