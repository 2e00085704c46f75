import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/planner/duration.ts';

describe('durations', () => {
  test.each([
    ['1 s', 1000],
    ['500ms', 500],
    ['1 min', 60_000],
    ['2 h', 7_200_000],
    ['1 d', 86_400_000],
    ['10', 10],
    [' 3 SECONDS ', 3000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text, 'x')).toBe(ms);
  });

  test.each(['', 's', '-1 s', '1.5 s', '1 week', '1 s 2 s', '99999999999999999 d'])('%j is refused', (text) => {
    expect(() => parseDuration(text, "'idle'")).toThrow(/'idle' must be a duration/);
  });

  test.each([0, 1, 1500, 90_000, 3_600_000, 172_800_000])('the text of %d ms reads back', (ms) => {
    expect(parseDuration(formatDuration(ms), 'x')).toBe(ms);
  });
});
