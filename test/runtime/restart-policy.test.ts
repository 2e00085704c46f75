import { describe, expect, it } from 'vitest';
import { decideRestart, type RestartDecision } from '../../src/runtime/restart-policy.ts';

const policy = { firstDelay: 1000, maxDelay: 3000, window: 60_000, maxFailures: 4 };
const restart = (delay: number): RestartDecision => ({ action: 'restart', delay });

describe('when a job that lost its thread runs again', () => {
  it.each<[string, number[], number, RestartDecision]>([
    ['the death is laid to another job', [], 0, restart(1000)],
    ['first failure', [0], 0, restart(1000)],
    ['second failure: twice as long', [0, 10_000], 10_000, restart(2000)],
    ['third failure: bounded', [0, 10_000, 20_000], 20_000, restart(3000)],
    ['too many', [0, 10_000, 20_000, 30_000], 30_000, { action: 'quarantine', failures: 4 }],
    ['old failures are forgotten', [0, 10_000, 20_000, 90_000], 90_000, restart(1000)],
    ['a failure at the very edge of the window counts', [30_000, 90_000], 90_000, restart(2000)],
  ])('%s', (_name, failures, now, expected) => {
    expect(decideRestart(failures, now, policy)).toEqual(expected);
  });
});
