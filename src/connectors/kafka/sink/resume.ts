import type { LogState } from '../../../checkpoint/log-reader.ts';
import type { SinkProgress } from './target.ts';

/** Where a writer goes on: after an epoch; or why it must not. */
export type ResumeDecision =
  | { readonly action: 'resume'; readonly after: number }
  | { readonly action: 'refuse'; readonly code: 'sink-diverged' | 'sink-ahead'; readonly reason: string };

/**
 * Compares what the topic's own note says with the committed log. What the log no longer has (`baseEpoch` and before) was
 * written and acknowledged. `pending`: the log has chunks. `force`: an operator has decided that the log is right.
 */
export function decideResume(
  progress: SinkProgress | undefined,
  log: LogState,
  pending: boolean,
  force: boolean,
): ResumeDecision {
  const fromLog = { action: 'resume', after: log.baseEpoch } as const;
  if (force) return fromLog;
  if (progress === undefined) {
    if (log.baseEpoch === 0 || !pending) return fromLog;
    const reason = `the note of how far the topic was written is gone, and epochs up to ${log.baseEpoch} had been written`;
    return { action: 'refuse', code: 'sink-diverged', reason };
  }
  if (log.superseded.includes(progress.lineage)) return fromLog;
  if (progress.lineage !== log.lineage) {
    const reason = 'another job with the same transactional id has written to the topic, or this one with other state';
    return { action: 'refuse', code: 'sink-diverged', reason };
  }
  if (progress.epoch > log.committedEpoch) {
    const reason = `epoch ${progress.epoch} was written to the topic, and the job has committed ${log.committedEpoch} only`;
    return { action: 'refuse', code: 'sink-ahead', reason };
  }
  return { action: 'resume', after: Math.max(progress.epoch, log.baseEpoch) };
}
