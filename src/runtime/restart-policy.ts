import { HeadwaterError } from '../data/errors.ts';

/** When a job that lost its engine thread runs again, and when it does not any more. Times in milliseconds. */
export interface RestartPolicy {
  /** Pause before the first restart; it doubles with each further failure in the window. */
  readonly firstDelay: number;
  readonly maxDelay: number;
  /** Failures older than this are forgotten. */
  readonly window: number;
  /** This many failures within the window, and the job is quarantined. */
  readonly maxFailures: number;
}

export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  firstDelay: 1000,
  maxDelay: 60_000,
  window: 600_000,
  maxFailures: 3,
};

export type RestartDecision =
  { readonly action: 'restart'; readonly delay: number } | { readonly action: 'quarantine'; readonly failures: number };

/** Decides from the times (monotonic ms) of the failures that are laid to the job, the last one included. */
export function decideRestart(failures: readonly number[], now: number, policy: RestartPolicy): RestartDecision {
  const recent = failures.filter((time) => now - time <= policy.window).length;
  if (recent >= policy.maxFailures) return { action: 'quarantine', failures: recent };
  return { action: 'restart', delay: Math.min(policy.maxDelay, policy.firstDelay * 2 ** Math.max(0, recent - 1)) };
}

const OUTAGES = ['kafka-unreachable', 'registry-unreachable', 'redis-unreachable', 'redis-lost'];

/** Another system was away when the job was to start again: that says nothing of the job. */
export function isOutage(error: HeadwaterError | undefined): boolean {
  return error !== undefined && OUTAGES.includes(error.code);
}

export function quarantined(job: string, failures: number, window: number, last: HeadwaterError): HeadwaterError {
  return new HeadwaterError(
    'job-quarantined',
    `job ${job} failed ${failures} times within ${Math.round(window / 1000)} s and is not restarted again; ` +
      `its last checkpoint is whole: submit it again once the cause is gone. Last failure: ${last.message}`,
    { kind: 'runtime', cause: last },
  );
}
