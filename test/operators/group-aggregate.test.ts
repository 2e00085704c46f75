import { describe, expect, it } from 'vitest';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING } from '../../src/data/types.ts';
import type { GroupAggregateNode } from '../../src/planner/physical.ts';
import type { ChangelogMode } from '../../src/planner/connector.ts';
import { type Row, runOperator, VARIANTS } from './harness.ts';
import { call, groupNode, schema } from './nodes.ts';

const INPUT = schema(['k', STRING], ['v', INT], ['d', DOUBLE], ['keep', BOOLEAN], ['big', BIGINT], ['s', STRING]);
const COUNT = call(INPUT, 'COUNT');
const SUM = call(INPUT, 'SUM', 'v');
const MIN = call(INPUT, 'MIN', 'v');
const MAX = call(INPUT, 'MAX', 'v');

function check(name: string, node: GroupAggregateNode, steps: readonly Row[], expected: readonly Row[]): void {
  const inputMode: ChangelogMode = node.retractInput ? 'retract' : 'append';
  describe(name, () => {
    for (const variant of VARIANTS) {
      it(JSON.stringify(variant), () => {
        expect(runOperator({ node, input: INPUT, inputMode }, steps, variant).rows).toEqual(expected);
      });
    }
  });
}

/** Per-batch emission depends on where batches end. */
function checkOneBatch(name: string, node: GroupAggregateNode, steps: readonly Row[], expected: readonly Row[]): void {
  const inputMode: ChangelogMode = node.retractInput ? 'retract' : 'append';
  for (const sparse of [false, true]) {
    it(`${name}${sparse ? ' (sparse)' : ''}`, () => {
      const variant = { batchSize: 1000, restoreEvery: 1, sparse };
      expect(runOperator({ node, input: INPUT, inputMode }, steps, variant).rows).toEqual(expected);
    });
  }
}

check(
  'each row changes its group',
  groupNode(INPUT, { keys: ['k'], calls: [COUNT, SUM] }),
  [
    ['+I', 'a', 1],
    ['+I', 'b', 10],
    ['+I', 'a', null],
    ['+I', null, 5],
    ['+I', 'a', 2],
    ['+I', null, 6],
    ['WM', 7],
  ],
  [
    ['+I', 'a', 1, 1],
    ['+I', 'b', 1, 10],
    ['-U', 'a', 1, 1],
    ['+U', 'a', 2, 1],
    ['+I', null, 1, 5],
    ['-U', 'a', 2, 1],
    ['+U', 'a', 3, 3],
    ['-U', null, 1, 5],
    ['+U', null, 2, 11],
    ['WM', 7],
  ],
);

check(
  'an unchanged result is not emitted again',
  groupNode(INPUT, { keys: ['k'], calls: [MAX] }),
  [
    ['+I', 'a', 5],
    ['+I', 'a', 3],
    ['+I', 'a', 5],
    ['+I', 'a', 6],
    ['+I', 'a', null],
  ],
  [
    ['+I', 'a', 5],
    ['-U', 'a', 5],
    ['+U', 'a', 6],
  ],
);

check(
  'no -U where none is needed',
  groupNode(INPUT, { keys: ['k'], calls: [SUM], updateBefore: false }),
  [
    ['+I', 'a', 1],
    ['+I', 'a', 2],
  ],
  [
    ['+I', 'a', 1],
    ['+U', 'a', 3],
  ],
);

check(
  'with a TTL an unchanged result is emitted again',
  groupNode(INPUT, { keys: ['k'], calls: [MAX], ttl: 100 }),
  [
    ['TIME', 0],
    ['+I', 'a', 5],
    ['+I', 'a', 3],
  ],
  [
    ['+I', 'a', 5],
    ['-U', 'a', 5],
    ['+U', 'a', 5],
  ],
);

check(
  'a group older than its TTL starts anew',
  groupNode(INPUT, { keys: ['k'], calls: [COUNT, call(INPUT, 'COUNT', 'v', { distinct: true })], ttl: 100 }),
  [
    ['TIME', 0],
    ['+I', 'a', 5],
    ['TIME', 60],
    ['+I', 'a', 5],
    ['TIME', 159],
    ['+I', 'a', 5],
    ['TIME', 300],
    ['+I', 'a', 5],
  ],
  [
    ['+I', 'a', 1, 1],
    ['-U', 'a', 1, 1],
    ['+U', 'a', 2, 1],
    ['-U', 'a', 2, 1],
    ['+U', 'a', 3, 1],
    ['+I', 'a', 1, 1],
  ],
);

check(
  'SELECT DISTINCT: no aggregates',
  groupNode(INPUT, { keys: ['k', 'v'], calls: [] }),
  [
    ['+I', 'a', 1],
    ['+I', 'a', 1],
    ['+I', 'a', null],
    ['+I', null, null],
    ['+I', 'a', null],
  ],
  [
    ['+I', 'a', 1],
    ['+I', 'a', null],
    ['+I', null, null],
  ],
);

check(
  'one global group without keys, no row before the first input and none after the last is gone',
  groupNode(INPUT, { keys: [], calls: [COUNT, SUM], retract: true }),
  [
    ['WM', 1],
    ['-D', 'a', 1],
    ['+I', 'a', 1],
    ['+I', 'b', 2],
    ['-D', 'a', 1],
    ['-D', 'b', 2],
    ['-D', 'b', 2],
    ['+I', 'c', 9],
  ],
  [
    ['WM', 1],
    ['+I', 1, 1],
    ['-U', 1, 1],
    ['+U', 2, 3],
    ['-U', 2, 3],
    ['+U', 1, 2],
    ['-D', 1, 2],
    ['+I', 1, 9],
  ],
);

check(
  'retraction of SUM, MIN and MAX',
  groupNode(INPUT, { keys: ['k'], calls: [SUM, MIN, MAX], retract: true }),
  [
    ['+I', 'a', 5],
    ['+I', 'a', 9],
    ['+I', 'a', 9],
    ['-U', 'a', 9],
    ['+U', 'a', 1],
    ['-D', 'a', 9],
    ['-D', 'a', 1],
    ['+I', 'a', null],
    ['-D', 'a', 5],
    ['-D', 'a', null],
    ['-D', 'a', null],
    ['+I', 'a', 2],
  ],
  [
    ['+I', 'a', 5, 5, 5],
    ['-U', 'a', 5, 5, 5],
    ['+U', 'a', 14, 5, 9],
    ['-U', 'a', 14, 5, 9],
    ['+U', 'a', 23, 5, 9],
    ['-U', 'a', 23, 5, 9],
    ['+U', 'a', 14, 5, 9],
    ['-U', 'a', 14, 5, 9],
    ['+U', 'a', 15, 1, 9],
    ['-U', 'a', 15, 1, 9],
    ['+U', 'a', 6, 1, 5],
    ['-U', 'a', 6, 1, 5],
    ['+U', 'a', 5, 5, 5],
    ['-U', 'a', 5, 5, 5],
    ['+U', 'a', null, null, null],
    ['-D', 'a', null, null, null],
    ['+I', 'a', 2, 2, 2],
  ],
);

check(
  'MIN and MAX of strings with retraction',
  groupNode(INPUT, { keys: ['k'], calls: [call(INPUT, 'MAX', 's')], retract: true }),
  [
    ['+I', 'a', 0, 0, true, 0, 'pear'],
    ['+I', 'a', 0, 0, true, 0, 'zebra'],
    ['+I', 'a', 0, 0, true, 0, ''],
    ['-D', 'a', 0, 0, true, 0, 'zebra'],
    ['-D', 'a', 0, 0, true, 0, 'pear'],
  ],
  [
    ['+I', 'a', 'pear'],
    ['-U', 'a', 'pear'],
    ['+U', 'a', 'zebra'],
    ['-U', 'a', 'zebra'],
    ['+U', 'a', 'pear'],
    ['-U', 'a', 'pear'],
    ['+U', 'a', ''],
  ],
);

check(
  'DISTINCT and FILTER',
  groupNode(INPUT, {
    keys: ['k'],
    calls: [
      call(INPUT, 'COUNT', 'v', { distinct: true }),
      call(INPUT, 'SUM', 'v', { distinct: true, filter: 'keep' }),
      call(INPUT, 'COUNT', undefined, { filter: 'keep' }),
    ],
  }),
  [
    ['+I', 'a', 1, 0, false],
    ['+I', 'a', 1, 0, true],
    ['+I', 'a', 1, 0, null],
    ['+I', 'a', 2, 0, true],
    ['+I', 'a', null, 0, true],
  ],
  [
    ['+I', 'a', 1, null, 0],
    ['-U', 'a', 1, null, 0],
    ['+U', 'a', 1, 1, 1],
    ['-U', 'a', 1, 1, 1],
    ['+U', 'a', 2, 3, 2],
    ['-U', 'a', 2, 3, 2],
    ['+U', 'a', 2, 3, 3],
  ],
);

check(
  'COUNT DISTINCT with retraction',
  groupNode(INPUT, { keys: ['k'], calls: [call(INPUT, 'COUNT', 's', { distinct: true })], retract: true }),
  [
    ['+I', 'a', 0, 0, true, 0, 'x'],
    ['+I', 'a', 0, 0, true, 0, 'x'],
    ['+I', 'a', 0, 0, true, 0, 'y'],
    ['-D', 'a', 0, 0, true, 0, 'x'],
    ['-D', 'a', 0, 0, true, 0, 'x'],
    ['-D', 'a', 0, 0, true, 0, 'y'],
    ['+I', 'a', 0, 0, true, 0, 'x'],
  ],
  [
    ['+I', 'a', 1],
    ['-U', 'a', 1],
    ['+U', 'a', 2],
    ['-U', 'a', 2],
    ['+U', 'a', 1],
    ['-D', 'a', 1],
    ['+I', 'a', 1],
  ],
);

check(
  'a group that comes again knows nothing of its former values',
  groupNode(INPUT, { keys: ['k'], calls: [call(INPUT, 'COUNT', 'v', { distinct: true }), MAX], retract: true }),
  [
    ['+I', 'a', 5],
    ['-D', 'a', 4], // takes back what was never there
    ['+I', 'a', 4],
    ['-D', 'a', 4],
  ],
  [
    ['+I', 'a', 1, 5],
    ['-D', 'a', 1, 5],
    ['+I', 'a', 1, 4],
    ['-D', 'a', 1, 4],
  ],
);

describe('one net change a batch', () => {
  checkOneBatch(
    'a group that comes again knows nothing of its former values',
    groupNode(INPUT, {
      keys: ['k'],
      calls: [call(INPUT, 'COUNT', 'v', { distinct: true }), MAX],
      retract: true,
      perBatch: true,
    }),
    [
      ['+I', 'a', 5],
      ['WM', 1],
      ['-D', 'a', 4],
      ['WM', 2],
      ['+I', 'a', 4],
    ],
    [
      ['+I', 'a', 1, 5],
      ['WM', 1],
      ['-D', 'a', 1, 5],
      ['WM', 2],
      ['+I', 'a', 1, 4],
    ],
  );
  checkOneBatch(
    'inserts and updates, by first row',
    groupNode(INPUT, { keys: ['k'], calls: [COUNT, SUM], perBatch: true, updateBefore: false }),
    [
      ['+I', 'a', 1],
      ['+I', 'b', 2],
      ['+I', 'a', 3],
      ['WM', 1],
      ['+I', 'b', 4],
      ['+I', 'c', 5],
      ['+I', 'b', 1],
    ],
    [
      ['+I', 'a', 2, 4],
      ['+I', 'b', 1, 2],
      ['WM', 1],
      ['+U', 'b', 3, 7],
      ['+I', 'c', 1, 5],
    ],
  );
  checkOneBatch(
    'what cancels out is not emitted; -U when asked for',
    groupNode(INPUT, { keys: ['k'], calls: [SUM], perBatch: true, retract: true }),
    [
      ['-D', 'a', 4],
      ['+I', 'a', 1],
      ['-D', 'a', 1],
      ['+I', 'b', 2],
      ['+I', 'c', 3],
      ['WM', 1],
      ['-U', 'b', 2],
      ['+U', 'b', 2],
      ['-U', 'c', 3],
      ['+U', 'c', 4],
      ['WM', 2],
      ['-D', 'b', 2],
      ['+I', 'c', 1],
      ['-D', 'b', 2],
      ['WM', 3],
      ['+I', 'b', 7],
    ],
    [
      ['+I', 'b', 2],
      ['+I', 'c', 3],
      ['WM', 1],
      ['-U', 'c', 3],
      ['+U', 'c', 4],
      ['WM', 2],
      ['-D', 'b', 2],
      ['-U', 'c', 4],
      ['+U', 'c', 5],
      ['WM', 3],
      ['+I', 'b', 7],
    ],
  );
});
