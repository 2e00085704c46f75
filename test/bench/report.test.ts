import { expect, test } from 'vitest';
import type { Measurement } from '../../bench/pipeline/measurement.ts';
import { formatRow, scalingRow } from '../../bench/pipeline/report.ts';

/** So many million events a second with so many cores busy. */
function measured(millions: number, busyCores: number): Measurement {
  return {
    events: millions * 30e6,
    seconds: 30,
    patchSeconds: 0,
    eventsPerSecond: millions * 1e6,
    cpuSecondsPerMillion: busyCores / millions,
    rss: 0,
    logBytes: 0,
    epochs: 30,
    bytesWritten: 0,
  };
}

const TWO_CORES = { goal: 1.5, cores: 2 };

test.each([
  ['the goal is met', measured(20, 2), measured(10, 1), '2.00 x (by CPU 1.00 x)   goal >= 1.50 x: met'],
  ['the goal is missed', measured(12, 2), measured(10, 1), '1.20 x (by CPU 0.60 x)   goal >= 1.50 x: NOT MET'],
  ['just room enough', measured(12, 2), measured(10, 1.33), '1.20 x (by CPU 0.80 x)   goal >= 1.50 x: NOT MET'],
  [
    'no room on the machine',
    measured(2, 2),
    measured(2, 1.6),
    '1.00 x (by CPU 0.80 x)   no room for 1.50 x: one keeps 1.60 of 2 cores busy: 1.25 x at most',
  ],
])('two threads beside one: %s', (_name, two, one, expected) => {
  expect(formatRow(scalingRow('threads', 'two / one', two, one, TWO_CORES), 9)).toBe(`two / one ${expected}\n`);
});
