import { describe, expect, it } from 'vitest';
import { INT, STRING, timestampLtz } from '../../src/data/types.ts';
import { MAX_WATERMARK } from '../../src/data/batch.ts';
import type { WindowSpec } from '../../src/planner/physical.ts';
import { type Row, runOperator, sortBetweenWatermarks, VARIANTS } from './harness.ts';
import { call, schema, windowNode } from './nodes.ts';

const INPUT = schema(['k', STRING], ['p', timestampLtz(3)], ['v', INT]);
const CALLS = [call(INPUT, 'SUM', 'v'), call(INPUT, 'COUNT', 'v', { distinct: true })];

/** The time in the rows does not matter: they belong to the clock's. */
const STEPS: readonly Row[] = [
  ['TIME', 1],
  ['+I', 'a', 500, 1],
  ['+I', 'a', 0, 2],
  ['TIME', 9],
  ['+I', 'b', 0, 3], // 1 ms before the end: still in [0, 10)
  ['TIME', 12], // no rows come: [0, 10) goes out by itself
  ['TIME', 13],
  ['+I', 'a', 0, 4],
  ['TIME', 11], // set back: the clock stands at 13
  ['+I', 'a', 0, 4],
  ['TIME', 27],
  ['+I', 'b', 0, 5], // open at the end of the input: lost
  ['WM', MAX_WATERMARK],
  ['TIME', 100],
];

const CASES: readonly (readonly [WindowSpec, readonly Row[]])[] = [
  [
    { kind: 'tumble', size: 10, offset: 0 },
    [
      ['+I', 'a', 3, 2, 0, 10, 9],
      ['+I', 'b', 3, 1, 0, 10, 9],
      ['+I', 'a', 8, 1, 10, 20, 19],
    ],
  ],
  [
    { kind: 'hop', size: 10, slide: 5, offset: 0 },
    [
      ['+I', 'a', 3, 2, -5, 5, 4],
      ['+I', 'a', 3, 2, 0, 10, 9],
      ['+I', 'b', 3, 1, 0, 10, 9],
      ['+I', 'b', 3, 1, 5, 15, 14],
      ['+I', 'a', 8, 1, 5, 15, 14],
      ['+I', 'a', 8, 1, 10, 20, 19],
    ],
  ],
  [
    { kind: 'cumulate', size: 10, step: 5, offset: 0 },
    [
      ['+I', 'a', 3, 2, 0, 5, 4],
      ['+I', 'a', 3, 2, 0, 10, 9],
      ['+I', 'b', 3, 1, 0, 10, 9],
      ['+I', 'a', 8, 1, 10, 15, 14],
      ['+I', 'a', 8, 1, 10, 20, 19],
    ],
  ],
  [
    { kind: 'session', gap: 4 },
    [
      ['+I', 'a', 3, 2, 1, 5, 4],
      ['+I', 'b', 3, 1, 9, 13, 12],
      ['+I', 'a', 8, 1, 13, 17, 16],
    ],
  ],
];

describe.each(CASES)('windows by the wall clock: %j', (window, expected) => {
  it.each(VARIANTS)('%j', (variant) => {
    const node = windowNode(INPUT, { window, time: 'p', keys: ['k'], calls: CALLS, proctime: true });
    const { rows, counters } = runOperator({ node, input: INPUT }, STEPS, variant);
    expect(sortBetweenWatermarks(rows.filter(([op]) => op !== 'WM'))).toEqual(sortBetweenWatermarks(expected));
    expect(counters).toEqual({});
  });
});
