import { describe, expect, it } from 'vitest';
import { progressJson, progressText, spoken } from '../../src/cli/backfill/progress-line.ts';
import { ProgressMeter, type Sample } from '../../src/cli/backfill/progress.ts';

const DAY = 86_400_000;
const BOTH = { from: 0, to: 10 * DAY };
const OPEN = { from: undefined, to: undefined };

function sample(at: number, rows: number, left: number | undefined, eventTime?: number): Sample {
  return { at, rows, left, eventTime };
}

describe('progress of a backfill', () => {
  it.each<[string, typeof BOTH | typeof OPEN, readonly Sample[], { done: unknown; rate: number; timeLeft: unknown }]>([
    ['by records', OPEN, [sample(0, 0, 1000), sample(1000, 100, 900)], { done: 0.1, rate: 100, timeLeft: 9000 }],
    [
      'once the sources know',
      OPEN,
      [sample(0, 0, undefined), sample(1000, 100, 900), sample(2000, 400, 600)],
      { done: 0.4, rate: 200, timeLeft: 2000 },
    ],
    [
      'rows that a filter keeps out',
      OPEN,
      [sample(0, 0, 1000), sample(1000, 1, 500)],
      { done: 0.5, rate: 1, timeLeft: 1000 },
    ],
    [
      'by event time',
      BOTH,
      [sample(0, 0, undefined), sample(1000, 50, undefined, DAY), sample(2000, 150, undefined, 2 * DAY)],
      { done: 0.2, rate: 75, timeLeft: 8000 },
    ],
    [
      'before the range',
      BOTH,
      [sample(0, 0, undefined, -DAY), sample(1000, 0, undefined, -DAY)],
      { done: 0, rate: 0, timeLeft: undefined },
    ],
    [
      'nothing tells',
      OPEN,
      [sample(0, 0, undefined), sample(500, 50, undefined, DAY)],
      { done: undefined, rate: 100, timeLeft: undefined },
    ],
    ['nothing moves', OPEN, [sample(0, 0, 10), sample(9000, 0, 10)], { done: 0, rate: 0, timeLeft: undefined }],
    ['nothing to do', OPEN, [sample(0, 0, 0), sample(1000, 0, 0)], { done: 1, rate: 0, timeLeft: 0 }],
    ['the end', OPEN, [sample(0, 0, 10), sample(1000, 10, 0)], { done: 1, rate: 10, timeLeft: 0 }],
  ])('%s', (_, range, samples, expected) => {
    const meter = new ProgressMeter(range);
    const last = samples.map((one) => meter.observe(one)).at(-1);
    expect({ done: last?.done, rate: last?.rowsPerSecond, timeLeft: last?.timeLeft }).toEqual(expected);
  });

  it('forgets a pace that is over', () => {
    const meter = new ProgressMeter(OPEN);
    meter.observe(sample(0, 0, 100_000));
    meter.observe(sample(1000, 50_000, 50_000));
    let rows = 50_000;
    let last;
    for (let at = 2000; at <= 40_000; at += 1000) last = meter.observe(sample(at, ++rows, 100_000 - rows));
    expect(last).toMatchObject({ rowsPerSecond: 1 });
    expect(last?.timeLeft).toBeCloseTo((100_000 - rows) * 1000, -2);
  });

  it('shows it', () => {
    const progress = {
      done: 0.405,
      rows: 1200,
      rowsPerSecond: 99.6,
      left: 1763,
      eventTime: Date.UTC(2001, 0, 3, 10),
      timeLeft: 64_200,
    };
    expect(progressText(progress)).toBe(
      '[#########...............]  40.5 %  1200 rows  at 2001-01-03T10:00:00.000Z  100 rows/s  1 min 5 s left',
    );
    expect(JSON.parse(progressJson(progress))).toEqual({
      progress: 0.405,
      rows: 1200,
      rowsPerSecond: 100,
      recordsLeft: 1763,
      eventTime: '2001-01-03T10:00:00.000Z',
      secondsLeft: 64.2,
    });
    const unknown = { ...progress, done: undefined, left: undefined, eventTime: undefined, timeLeft: undefined };
    expect(progressText(unknown)).toBe('1200 rows  100 rows/s');
    expect([900, 59_000, 61_000, 7_380_000, 90_000_000].map(spoken)).toEqual([
      '1 s',
      '59 s',
      '1 min 1 s',
      '2 h 3 min',
      '1 d 1 h',
    ]);
  });
});
