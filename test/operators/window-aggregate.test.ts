import { describe, expect, it } from 'vitest';
import { MAX_WATERMARK } from '../../src/data/batch.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, timestamp } from '../../src/data/types.ts';
import type { WindowAggregateNode } from '../../src/planner/physical.ts';
import { type Row, runOperator, sortBetweenWatermarks, VARIANTS } from './harness.ts';
import { call, schema, windowNode } from './nodes.ts';

const INPUT = schema(
  ['k', STRING],
  ['ts', timestamp(3)],
  ['v', INT],
  ['d', DOUBLE],
  ['keep', BOOLEAN],
  ['big', BIGINT],
);
const COUNT = call(INPUT, 'COUNT');
const SUM = call(INPUT, 'SUM', 'v');

interface Check {
  readonly node: WindowAggregateNode;
  readonly steps: readonly Row[];
  readonly expected: readonly Row[];
  readonly counters?: Readonly<Record<string, number>>;
}

function check(name: string, { node, steps, expected, counters = {} }: Check): void {
  const phases = node.twoPhase ? [false, true] : [false];
  const inputMode = node.retractInput === true ? 'retract' : 'append';
  describe(name, () => {
    for (const twoPhase of phases) {
      for (const variant of VARIANTS) {
        it(`${twoPhase ? 'two phases' : 'one phase'} ${JSON.stringify(variant)}`, () => {
          const result = runOperator({ node, input: INPUT, inputMode }, steps, variant, twoPhase);
          expect(sortBetweenWatermarks(result.rows)).toEqual(sortBetweenWatermarks(expected));
          expect(result.counters).toEqual(counters);
        });
      }
    }
  });
}

check('rows go out when the watermark reaches end - 1; later rows for them are dropped', {
  node: windowNode(INPUT, { size: 10, time: 'ts', keys: ['k'], calls: [COUNT, SUM], twoPhase: true }),
  steps: [
    ['+I', 'a', 1, 5],
    ['+I', 'b', 2, null],
    ['+I', 'a', 9, 6],
    ['+I', 'a', 10, 1],
    ['+I', null, 3, 7],
    ['WM', 8],
    ['+I', 'b', 4, 4],
    ['WM', 9],
    ['+I', 'b', 4, 100],
    ['+I', 'b', 9, 100],
    ['+I', 'b', 10, 2],
    ['+I', 'b', 30, 3],
    ['WM', MAX_WATERMARK],
  ],
  expected: [
    ['WM', 8],
    ['+I', 'a', 2, 11, 0, 10, 9],
    ['+I', 'b', 2, 4, 0, 10, 9],
    ['+I', null, 1, 7, 0, 10, 9],
    ['WM', 9],
    ['+I', 'a', 1, 1, 10, 20, 19],
    ['+I', 'b', 1, 2, 10, 20, 19],
    ['+I', 'b', 1, 3, 30, 40, 39],
    ['WM', MAX_WATERMARK],
  ],
  counters: { lateRecordsDropped: 2 },
});

check('windows fire in order of their ends, empty ones not at all', {
  node: windowNode(INPUT, { size: 10, time: 'ts', keys: [], calls: [COUNT], twoPhase: true }),
  steps: [
    ['+I', 'a', 55, 1],
    ['+I', 'a', 15, 1],
    ['+I', 'a', -5, 1],
    ['+I', 'a', -10, 1],
    ['+I', 'a', -11, 1],
    ['+I', 'a', 0, 1],
    ['WM', 59],
  ],
  expected: [
    ['+I', 1, -20, -10, -11],
    ['+I', 2, -10, 0, -1],
    ['+I', 1, 0, 10, 9],
    ['+I', 1, 10, 20, 19],
    ['+I', 1, 50, 60, 59],
    ['WM', 59],
  ],
});

check('an offset moves the boundaries', {
  node: windowNode(INPUT, { size: 10, offset: -3, time: 'ts', keys: ['k'], calls: [COUNT], twoPhase: true }),
  steps: [
    ['+I', 'a', 6, 1],
    ['+I', 'a', 7, 1],
    ['WM', 16],
  ],
  expected: [
    ['+I', 'a', 1, -3, 7, 6],
    ['+I', 'a', 1, 7, 17, 16],
    ['WM', 16],
  ],
});

check('a row without a time is dropped', {
  node: windowNode(INPUT, { size: 10, time: 'ts', keys: ['k'], calls: [COUNT], twoPhase: true }),
  steps: [
    ['+I', 'a', null, 1],
    ['+I', 'a', 1, 1],
    ['WM', 9],
  ],
  expected: [
    ['+I', 'a', 1, 0, 10, 9],
    ['WM', 9],
  ],
  counters: { nullRowtimeRecordsDropped: 1 },
});

check('AVG, MIN, MAX, FILTER', {
  node: windowNode(INPUT, {
    size: 10,
    time: 'ts',
    keys: ['k'],
    calls: [
      call(INPUT, 'AVG', 'd'),
      call(INPUT, 'MIN', 'v'),
      call(INPUT, 'MAX', 'big'),
      call(INPUT, 'SUM', 'v', { filter: 'keep' }),
    ],
    twoPhase: true,
  }),
  steps: [
    ['+I', 'a', 1, 5, 1.5, true, 100],
    ['+I', 'a', 2, -5, 2.5, false, 300],
    ['+I', 'a', 3, null, null, true, null],
    ['+I', 'b', 3, null, null, null, null],
    ['WM', 100],
  ],
  expected: [
    ['+I', 'a', 2, -5, 300, 5, 0, 10, 9],
    ['+I', 'b', null, null, null, null, 0, 10, 9],
    ['WM', 100],
  ],
});

check('DISTINCT counts values by window', {
  node: windowNode(INPUT, {
    size: 10,
    time: 'ts',
    keys: ['k'],
    calls: [
      call(INPUT, 'COUNT', 'v', { distinct: true }),
      call(INPUT, 'SUM', 'v', { distinct: true }),
      call(INPUT, 'MAX', 'v', { distinct: true }),
      call(INPUT, 'COUNT', 'v', { distinct: true, filter: 'keep' }),
    ],
  }),
  steps: [
    ['+I', 'a', 1, 5, 0, true],
    ['+I', 'a', 2, 5, 0, true],
    ['+I', 'a', 11, 5, 0, false],
    ['+I', 'a', 3, 7, 0, false],
    ['+I', 'a', 4, null, 0, true],
    ['+I', 'b', 4, null, 0, true],
    ['WM', 9],
    ['+I', 'a', 11, 5, 0, true],
    ['+I', 'a', 1, 9, 0, true],
    ['WM', 19],
  ],
  expected: [
    ['+I', 'a', 2, 12, 7, 1, 0, 10, 9],
    ['+I', 'b', 0, null, null, 0, 0, 10, 9],
    ['WM', 9],
    ['+I', 'a', 1, 5, 5, 1, 10, 20, 19],
    ['WM', 19],
  ],
  counters: { lateRecordsDropped: 1 },
});

check('rows taken back leave their window; a key without rows does not go out', {
  node: windowNode(INPUT, {
    size: 10,
    time: 'ts',
    keys: ['k'],
    calls: [COUNT, SUM],
    retract: true,
    twoPhase: true,
  }),
  steps: [
    ['+I', 'a', 1, 5],
    ['+I', 'a', 2, 6],
    ['-U', 'a', 1, 5],
    ['+U', 'a', 1, 50],
    ['+I', 'b', 1, 1],
    ['-D', 'b', 1, 1],
    ['-D', 'c', 1, 1], // before its insert
    ['+I', 'c', 1, 1],
    ['+I', 'c', 2, 8],
    ['WM', 9],
    ['-D', 'a', 2, 6],
    ['WM', 19],
  ],
  expected: [
    ['+I', 'a', 2, 56, 0, 10, 9],
    ['+I', 'c', 1, 8, 0, 10, 9],
    ['WM', 9],
    ['WM', 19],
  ],
  counters: { lateRecordsDropped: 1 },
});

check('MIN and MAX of rows taken back', {
  node: windowNode(INPUT, {
    size: 10,
    time: 'ts',
    keys: ['k'],
    calls: [call(INPUT, 'MIN', 'v'), call(INPUT, 'MAX', 'v'), call(INPUT, 'COUNT', 'v', { distinct: true })],
    retract: true,
  }),
  steps: [
    ['+I', 'a', 1, 5],
    ['+I', 'a', 2, 9],
    ['+I', 'a', 2, 9],
    ['-D', 'a', 2, 9],
    ['+I', 'b', 2, 1],
    ['+I', 'b', 2, 2],
    ['+I', 'b', 2, 3],
    ['-D', 'b', 2, 1],
    ['-D', 'b', 2, 3],
    ['+I', 'c', 2, null],
    ['WM', 9],
  ],
  expected: [
    ['+I', 'a', 5, 9, 2, 0, 10, 9],
    ['+I', 'b', 2, 2, 1, 0, 10, 9],
    ['+I', 'c', null, null, 0, 0, 10, 9],
    ['WM', 9],
  ],
});

describe('many keys', () => {
  for (const twoPhase of [false, true]) {
    it(`go out in batches of some thousands (${twoPhase ? 'two phases' : 'one phase'})`, () => {
      const node = windowNode(INPUT, { size: 10, time: 'ts', keys: ['k'], calls: [COUNT], twoPhase: true });
      const keys = Array.from({ length: 20_000 }, (_, i) => `key-${i}`);
      const steps: Row[] = [...keys.map((key): Row => ['+I', key, 1, 1]), ['WM', 9]];
      const variant = { batchSize: 1000, restoreEvery: 0, sparse: false };
      const { rows } = runOperator({ node, input: INPUT }, steps, variant, twoPhase);
      expect(rows.length).toBe(20_001);
      expect(new Set(rows.slice(0, -1).map((row) => row[1])).size).toBe(20_000);
      expect(rows.slice(0, -1).every((row) => row[2] === 1)).toBe(true);
    });
  }
});
