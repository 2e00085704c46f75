import { describe, expect, it } from 'vitest';
import {
  type CoordinatorState,
  decideBarrier,
  DEFAULT_POLICY,
  wantsFullSnapshot,
} from '../../src/checkpoint/coordinator.ts';

const IDLE: CoordinatorState = {
  triggered: 4,
  committed: 4,
  lastTrigger: 1000,
  lastCommit: 1010,
  stagedBytes: 0,
  backlog: false,
  finalWanted: false,
};

describe('decideBarrier', () => {
  const cases: readonly [string, Partial<CoordinatorState>, number, ReturnType<typeof decideBarrier>][] = [
    ['waits for the interval', {}, 1500, { trigger: false, waitMs: 500 }],
    ['fires at the interval', {}, 2000, { trigger: true }],
    ['comes early for staged output, after min-pause since the commit', { stagedBytes: 1 }, 1060, { trigger: true }],
    ['whatever barriers without output came since', { stagedBytes: 1, lastTrigger: 1055 }, 1060, { trigger: true }],
    ['but not before min-pause', { stagedBytes: 1 }, 1030, { trigger: false, waitMs: 30 }],
    [
      'not early while an epoch is uncommitted',
      { stagedBytes: 1, triggered: 5 },
      1500,
      { trigger: false, waitMs: 500 },
    ],
    ['in a backlog not for a little output', { stagedBytes: 1, backlog: true }, 1500, { trigger: false, waitMs: 500 }],
    ['but for much of it', { stagedBytes: 5 << 20, backlog: true }, 1060, { trigger: true }],
    ['then too after min-pause', { stagedBytes: 5 << 20, backlog: true }, 1030, { trigger: false, waitMs: 30 }],
    ['forced by much staged output', { stagedBytes: 65 << 20, triggered: 5 }, 1011, { trigger: true }],
    [
      'never more than two uncommitted',
      { triggered: 6, finalWanted: true },
      9999,
      { trigger: false, waitMs: undefined },
    ],
    ['at once when a final one is wanted', { finalWanted: true }, 1001, { trigger: true }],
  ];
  it.each(cases)('%s', (_name, change, now, expected) => {
    expect(decideBarrier({ ...IDLE, ...change }, DEFAULT_POLICY, now)).toEqual(expected);
  });
});

describe('wantsFullSnapshot', () => {
  it.each([
    [0, 8 << 20, false],
    [0, (8 << 20) + 1, true],
    [100 << 20, 150 << 20, false],
    [100 << 20, 201 << 20, true],
  ])('full %d, deltas %d -> %s', (full, deltas, expected) => {
    expect(wantsFullSnapshot(full, deltas)).toBe(expected);
  });
});
