import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/batch.ts';
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

function start(judgedRows?: number, node = NODE): { operator: Operator; sent(): Row[] } {
  const output = new Collector(partialSchema(NODE, INPUT));
  const operator = createCheckedOperator(node, [INPUT], { ...contextFor(output), judgedRows }, 'local');
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

describe('rows whose keys hardly repeat', () => {
  const different = (from: number, count: number): ReturnType<typeof batchOf> =>
    rows(...Array.from({ length: count }, (_, i) => [`k${from + i}`, 1] as const));

  it('pass once that is known, and what was held goes before them', () => {
    const { operator, sent } = start(4);
    operator.process(0, rows(['a', 1], ['b', 12], ['c', 2], ['a', 3]));
    expect(sent()).toEqual([]);
    operator.watermark(9);
    expect(sent()).toEqual([
      ['+I', 'a', 10],
      ['+I', 'c', 10],
      ['+I', 'b', 20],
      ['WM', 9],
    ]);
    operator.process(0, rows(['e', 14], ['late', 4], ['e', 15], ['f', 27]));
    expect(sent()).toEqual([
      ['+I', 'e', 20],
      ['+I', 'late', 10],
      ['+I', 'e', 20],
      ['+I', 'f', 30],
    ]);
    operator.watermark(12);
    operator.watermark(19);
    expect(sent()).toEqual([['WM', 19]]);
  });

  it('pass in the midst of a window where hardly any repeats', () => {
    const { operator, sent } = start(10);
    operator.process(0, different(0, 9));
    expect(sent()).toEqual([]);
    operator.process(0, different(9, 1));
    expect(sent().length).toBe(10);
    operator.process(0, different(10, 1));
    expect(sent()).toEqual([['+I', 'k10', 10]]);
  });

  it('pass together, whatever their windows; those without a time are counted and stay behind', () => {
    const batches: number[] = [];
    const dropped: string[] = [];
    const output = new Collector(partialSchema(NODE, INPUT));
    const counted = { emit: (batch: Batch) => batches.push(batch.selectedCount), watermark: () => undefined };
    const context = { ...contextFor(output), output: counted, judgedRows: 4 };
    const count = (name: string, by: number): number => dropped.push(`${by} ${name}`);
    const operator = createCheckedOperator(NODE, [INPUT], { ...context, count }, 'local');
    operator.process(0, different(0, 4));
    const mixed = Array.from({ length: 6 }, (_, i): Row => ['+I', `m${i}`, i % 3 === 2 ? null : i * 10, 1]);
    operator.process(0, batchOf(INPUT, mixed, 'append', true));
    operator.process(0, batchOf(INPUT, [['+I', 'n', null, 1]], 'append', false));
    expect(batches).toEqual([4, 4]);
    expect(dropped).toEqual(['2 nullRowtimeRecordsDropped', '1 nullRowtimeRecordsDropped']);
  });

  it('are added up again now and then, to see whether keys repeat by now', () => {
    const { operator, sent } = start(4);
    operator.process(0, different(0, 4));
    operator.flush?.();
    sent();
    operator.process(0, different(4, 255));
    expect(sent().length).toBe(255);
    operator.process(0, rows(['a', 1], ['a', 2], ['a', 3], ['a', 4]));
    operator.flush?.();
    expect(sent()).toEqual([['+I', 'a', 10]]);
    operator.process(0, rows(['a', 1], ['a', 2]));
    expect(sent()).toEqual([]);
  });

  it('are judged by the partials of all windows together, sent or held', () => {
    const { operator, sent } = start(8);
    operator.process(0, rows(['a', 1], ['a', 1], ['a', 2], ['a', 12], ['b', 12], ['c', 12], ['d', 12]));
    operator.watermark(9);
    expect(sent().length).toBe(2);
    // 8 rows, 5 partials.
    operator.process(0, rows(['a', 12]));
    operator.watermark(10);
    operator.flush?.();
    expect(sent().length).toBe(5);
    operator.process(0, rows(['a', 13], ['a', 13]));
    expect(sent().length).toBe(2);
  });

  it('never pass where the strategy is TWO_PHASE', () => {
    const { operator, sent } = start(4, { ...NODE, adaptive: false });
    operator.process(0, different(0, 100));
    operator.flush?.();
    sent();
    operator.process(0, different(0, 100));
    expect(sent()).toEqual([]);
  });
});
