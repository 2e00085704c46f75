/**
 * When to inject the next barrier: a pure decision over what the job's tasks reported. Times are milliseconds of one
 * monotone clock.
 */
export interface CoordinatorState {
  /** Highest epoch triggered and highest epoch committed. */
  readonly triggered: number;
  readonly committed: number;
  readonly lastTrigger: number;
  /** When an epoch with output was last committed: `minPause` counts from it. */
  readonly lastCommit: number;
  /** Bytes of output staged in the tasks since the last barrier. */
  readonly stagedBytes: number;
  /** Sources work through what was there before: nobody waits for the newest result yet. */
  readonly backlog: boolean;
  /** All sources of all tasks reached their end, or a stop was asked for: one last barrier is wanted. */
  readonly finalWanted: boolean;
}

export interface CoordinatorPolicy {
  /** The longest wait between barriers. */
  readonly interval: number;
  /** A barrier comes early when output is staged and no output was committed for this long: an epoch of the interval
   *  that had none does not keep results waiting. In a backlog it takes `BACKLOG_STAGED_BYTES` of it. */
  readonly minPause: number;
  /** More staged output than this forces a barrier. */
  readonly maxStagedBytes: number;
}

/**
 * In a backlog a barrier comes early for this much staged output, not for any: results of closed windows follow one
 * another faster than anybody looks, and epochs for each of them would only cost time. Flink makes the same
 * distinction (`execution.checkpointing.interval-during-backlog`, FLIP-309).
 */
export const BACKLOG_STAGED_BYTES = 4 << 20;

export const DEFAULT_POLICY: CoordinatorPolicy = { interval: 1000, minPause: 50, maxStagedBytes: 64 << 20 };

/** At most this many epochs are triggered and not committed. */
export const MAX_UNCOMMITTED = 2;

export type BarrierDecision =
  { readonly trigger: true } | { readonly trigger: false; readonly waitMs: number | undefined };

/** `waitMs` undefined: nothing will change until a commit arrives. */
export function decideBarrier(state: CoordinatorState, policy: CoordinatorPolicy, now: number): BarrierDecision {
  if (state.triggered - state.committed >= MAX_UNCOMMITTED) return { trigger: false, waitMs: undefined };
  if (state.finalWanted) return { trigger: true };
  if (state.stagedBytes > policy.maxStagedBytes) return { trigger: true };
  const dueAt = state.lastTrigger + policy.interval;
  const worth = state.stagedBytes > (state.backlog ? BACKLOG_STAGED_BYTES : 0);
  const earlyAt = worth && state.triggered === state.committed ? state.lastCommit + policy.minPause : Infinity;
  const at = Math.min(dueAt, earlyAt);
  return now >= at ? { trigger: true } : { trigger: false, waitMs: at - now };
}

/** Deltas are folded by asking for a full snapshot once they outweigh the last full one. */
export function wantsFullSnapshot(fullBytes: number, deltaBytes: number): boolean {
  return deltaBytes > Math.max(8 << 20, 2 * fullBytes);
}
