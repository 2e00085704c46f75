import { describe, expect, it } from 'vitest';
import { MAX_WATERMARK, MIN_WATERMARK } from '../../src/data/batch.ts';
import { mergeWatermarks } from '../../src/operators/watermark-merge.ts';
import { isClosed, windowClock } from '../../src/operators/window-clock.ts';
import { clockedPanes, nextCrossing, windowEnd } from '../../src/operators/window-time.ts';

describe('mergeWatermarks', () => {
  type Split = [watermark: number, finished: boolean, lastActive: number];
  const table: readonly [name: string, splits: readonly Split[], now: number, timeout: number, number | undefined][] = [
    ['no splits: nothing to wait for', [], 0, 0, MAX_WATERMARK],
    [
      'all finished',
      [
        [5, true, 0],
        [7, true, 0],
      ],
      0,
      0,
      MAX_WATERMARK,
    ],
    [
      'the minimum',
      [
        [5, false, 0],
        [3, false, 0],
        [9, false, 0],
      ],
      0,
      0,
      3,
    ],
    [
      'a finished split holds nothing back',
      [
        [5, false, 0],
        [3, true, 0],
      ],
      0,
      0,
      5,
    ],
    [
      'a split without rows pins it',
      [
        [5, false, 0],
        [MIN_WATERMARK, false, 0],
      ],
      1e9,
      0,
      MIN_WATERMARK,
    ],
    [
      'an idle split is left out',
      [
        [5, false, 950],
        [3, false, 800],
      ],
      1000,
      100,
      5,
    ],
    [
      'idle exactly at the timeout',
      [
        [5, false, 950],
        [3, false, 900],
      ],
      1000,
      100,
      5,
    ],
    [
      'not idle just before',
      [
        [5, false, 950],
        [3, false, 901],
      ],
      1000,
      100,
      3,
    ],
    [
      'all idle: it stays',
      [
        [5, false, 0],
        [3, false, 0],
      ],
      1000,
      100,
      undefined,
    ],
    [
      'idle ones wait for more, finished ones do not',
      [
        [5, false, 0],
        [3, true, 0],
      ],
      1000,
      100,
      undefined,
    ],
  ];
  for (const [name, splits, now, timeout, expected] of table) {
    it(name, () => {
      const times = splits.map(([watermark, finished, lastActive]) => ({ watermark, finished, lastActive }));
      expect(mergeWatermarks(times, now, timeout)).toBe(expected);
    });
  }
});

describe('window arithmetic', () => {
  const table: readonly [time: number, size: number, offset: number, end: number][] = [
    [0, 10, 0, 10],
    [9, 10, 0, 10],
    [10, 10, 0, 20],
    [-1, 10, 0, 0],
    [-10, 10, 0, 0],
    [-11, 10, 0, -10],
    [1, 10, 2, 2],
    [2, 10, 2, 12],
    [-9, 10, -2, -2],
    [7, 10, -2, 8],
    [8, 10, -2, 18],
  ];
  for (const [time, size, offset, end] of table) {
    it(`${time} in windows of ${size} with offset ${offset} ends at ${end}`, () => {
      expect(windowEnd(time, { size, offset })).toBe(end);
    });
  }

  it('closes a window when the watermark reaches its last millisecond', () => {
    expect(isClosed(10, 8, windowClock(false, 'UTC'))).toBe(false);
    expect(isClosed(10, 9, windowClock(false, 'UTC'))).toBe(true);
  });

  it('finds the next watermark that closes a window', () => {
    const panes = clockedPanes(
      [
        { size: 10, offset: 0 },
        { size: 15, offset: 3 },
      ],
      'UTC',
    );
    expect(nextCrossing(0, panes)).toBe(2);
    expect(nextCrossing(2, panes)).toBe(9);
    expect(nextCrossing(9, panes)).toBe(17);
    expect(nextCrossing(8, panes)).toBe(9);
    expect(nextCrossing(-5, panes)).toBe(-1);
    expect(nextCrossing(5, [])).toBe(Infinity);
    expect(nextCrossing(MIN_WATERMARK, panes)).toBeLessThan(-1e15);
  });

  it('finds it on the wall clock of a zone, the clock being set back', () => {
    const hour = 3_600_000;
    const panes = clockedPanes([{ size: hour, offset: 0, local: true }], 'America/New_York');
    // 2024-11-03, 2:00 EDT (06:00Z) is 1:00 EST: the hour from 1:00 is there twice and ends with the second one.
    const at = (time: string): number => Date.parse(`2024-11-03T${time}Z`);
    expect(nextCrossing(at('04:10'), panes)).toBe(at('05:00') - 1);
    expect(nextCrossing(at('05:00') - 1, panes)).toBe(at('07:00') - 1);
    expect(nextCrossing(at('06:30'), panes)).toBe(at('07:00') - 1);
    expect(nextCrossing(at('07:00') - 1, panes)).toBe(at('08:00') - 1);
  });
});
