import { expect, it } from 'vitest';
import { INT, STRING, timestamp } from '../../src/data/types.ts';
import { createCheckedOperator } from '../../src/operators/checked.ts';
import { partialSchema } from '../../src/operators/factory.ts';
import type { Operator } from '../../src/operators/operator.ts';
import { batchOf, Collector, contextFor, type Row } from './harness.ts';
import { call, schema, windowNode } from './nodes.ts';

const INPUT = schema(['k', STRING], ['ts', timestamp(3)], ['v', INT]);
const NODE = windowNode(INPUT, {
  size: 10,
  time: 'ts',
  keys: ['k'],
  calls: [call(INPUT, 'SUM', 'v')],
  twoPhase: true,
});

function start(): { operator: Operator; sent(): Row[] } {
  const output = new Collector(partialSchema(NODE, INPUT));
  const operator = createCheckedOperator(NODE, [INPUT], contextFor(output), 'local');
  // Watermarks, and of the partials the key and the end of the window.
  return { operator, sent: () => output.rows.splice(0).map(([op, ...cells]): Row => [op, ...cells.slice(0, 2)]) };
}

const rows = (...cells: readonly (readonly [string, number])[]): ReturnType<typeof batchOf> =>
  batchOf(
    INPUT,
    cells.map(([key, time]): Row => ['+I', key, time, 1]),
    'append',
    false,
  );

it('a watermark has the windows sent on that it closes, and no others', () => {
  const { operator, sent } = start();
  operator.process(0, rows(['a', 1], ['b', 12], ['a', 9], ['a', 25]));
  operator.watermark(7);
  expect(sent()).toEqual([['WM', 7]]);
  operator.watermark(8);
  expect(sent()).toEqual([]);
  operator.watermark(9);
  expect(sent()).toEqual([
    ['+I', 'a', 10],
    ['WM', 9],
  ]);
  operator.process(0, rows(['late', 3], ['c', 12]));
  operator.watermark(21);
  expect(sent()).toEqual([
    ['+I', 'late', 10],
    ['+I', 'b', 20],
    ['+I', 'c', 20],
    ['WM', 21],
  ]);
});

it('a flush has everything sent on, and the last watermark', () => {
  const { operator, sent } = start();
  operator.watermark(3);
  operator.process(0, rows(['a', 1], ['b', 12]));
  operator.watermark(5);
  operator.flush?.();
  expect(sent()).toEqual([
    ['WM', 3],
    ['+I', 'a', 10],
    ['+I', 'b', 20],
    ['WM', 5],
  ]);
});

it('many keys are sent on without being asked', () => {
  const { operator, sent } = start();
  const keys = Array.from({ length: 270_000 }, (_, i) => [`k${i}`, i % 30] as const);
  for (let from = 0; from < keys.length; from += 27_000) operator.process(0, rows(...keys.slice(from, from + 27_000)));
  expect(sent().length).toBeGreaterThan(262_144);
});

it('little more than the largest table is kept when all is sent on', () => {
  const { operator } = start();
  const long = Array.from({ length: 30_000 }, (_, i) => `${i}`.padEnd(1000));
  // Each round fills another one of three tables: what was kept last is filled first.
  for (const big of [1, 2, 3]) {
    for (const window of [1, 2, 3]) {
      const keys = window === big ? long : ['few'];
      operator.process(0, rows(...keys.map((key) => [key, window * 10] as const)));
    }
    operator.flush?.();
  }
  expect(operator.heldBytes?.()).toBeLessThan(65 << 20);
});
