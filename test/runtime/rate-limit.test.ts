import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/runtime/rate-limit.ts';

const START = 1_800_000_000_000;

/** Rows that tasks read in a time, each of them whenever it may; `step`: milliseconds between looks. */
function read(rate: number, tasks: number, ms: number, batch: number, step: (now: number) => number = () => 1): number {
  const shared = RateLimit.share(rate);
  const limits = Array.from({ length: tasks }, () => new RateLimit(shared));
  let rows = 0;
  for (let now = 0; now < ms; now += step(now)) {
    for (const limit of limits) {
      const room = Math.min(batch, limit.room(2048, START + now));
      limit.took(room, START + now);
      rows += room;
    }
  }
  return rows;
}

describe('a rate limit', () => {
  it.each([
    [10, 1, 60_000, 2048],
    [1000, 1, 10_000, 2048],
    [1000, 3, 10_000, 2048],
    [1000, 2, 10_000, 7],
    [250_000, 2, 5_000, 2048],
    [0.5, 1, 60_000, 2048],
  ])('%d rows a second, %d tasks, %d ms, batches of %d', (rate, tasks, ms, batch) => {
    const expected = (rate * ms) / 1000;
    const rows = read(rate, tasks, ms, batch);
    expect(Math.abs(rows - expected)).toBeLessThanOrEqual(Math.max(1, 0.03 * expected));
  });

  it('makes up for a machine that was busy, not for a long pause', () => {
    expect(read(1000, 1, 10_000, 2048, (now) => (now % 900 < 300 ? 300 : 1))).toBeGreaterThan(9_700);
    // Five seconds of nothing: one of them is made up for.
    const paused = read(1000, 1, 10_000, 2048, (now) => (now === 2000 ? 5000 : 1));
    expect(Math.abs(paused - 6000)).toBeLessThan(120);
  });

  it('does not wait for a clock that was set back', () => {
    const limit = new RateLimit(RateLimit.share(100));
    limit.took(5, START);
    expect(limit.wait(START)).toBe(50);
    expect(limit.wait(START - 3_600_000)).toBe(0);
    limit.took(5, START - 3_600_000);
    expect(limit.wait(START - 3_600_000)).toBe(50);
  });
});
