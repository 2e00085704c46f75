import { describe, expect, it } from 'vitest';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, timestamp } from '../../src/data/types.ts';
import type { AggregateCall } from '../../src/expressions/typed.ts';
import { type Cell, random, type Row, runOperator, SEED, sortBetweenWatermarks, VARIANTS } from './harness.ts';
import type { WindowSpec } from '../../src/planner/physical.ts';
import { aggregate, groupChanges, windowRows } from './naive.ts';
import { call, groupNode, schema, windowNode } from './nodes.ts';

const INPUT = schema(
  ['k', STRING],
  ['ts', timestamp(3)],
  ['v', INT],
  ['d', DOUBLE],
  ['keep', BOOLEAN],
  ['s', STRING],
  ['big', BIGINT],
);
const ROUNDS = 8;

/** Whole multiples of 1/4, so that sums of doubles do not depend on the order. */
const CALLS: readonly AggregateCall[] = [
  call(INPUT, 'COUNT'),
  call(INPUT, 'COUNT', 's'),
  call(INPUT, 'SUM', 'v'),
  call(INPUT, 'SUM', 'd'),
  call(INPUT, 'SUM', 'big'),
  call(INPUT, 'AVG', 'd'),
  call(INPUT, 'MIN', 'v'),
  call(INPUT, 'MAX', 's'),
  call(INPUT, 'MAX', 'd'),
  call(INPUT, 'SUM', 'v', { filter: 'keep' }),
  call(INPUT, 'LISTAGG', 's', { separator: '; ' }),
  call(INPUT, 'LISTAGG', 's', { filter: 'keep' }),
  call(INPUT, 'ARRAY_AGG', 'v'),
  call(INPUT, 'ARRAY_AGG', 's'),
  call(INPUT, 'COLLECT', 's'),
  call(INPUT, 'FIRST_VALUE', 'd'),
  call(INPUT, 'LAST_VALUE', 's', { filter: 'keep' }),
];
const DISTINCT_CALLS: readonly AggregateCall[] = [
  call(INPUT, 'COUNT', 's', { distinct: true }),
  call(INPUT, 'SUM', 'v', { distinct: true }),
  call(INPUT, 'SUM', 'v', { distinct: true, filter: 'keep' }),
  call(INPUT, 'MIN', 'v', { filter: 'keep' }),
  call(INPUT, 'LISTAGG', 's', { distinct: true }),
  call(INPUT, 'ARRAY_AGG', 'v', { distinct: true }),
  call(INPUT, 'COLLECT', 's', { distinct: true }),
  call(INPUT, 'LAST_VALUE', 'v', { distinct: true }),
];
const VARIANCES: readonly AggregateCall[] = [
  call(INPUT, 'VAR_POP', 'd'),
  call(INPUT, 'VAR_SAMP', 'd'),
  call(INPUT, 'STDDEV_POP', 'd', { filter: 'keep' }),
  call(INPUT, 'STDDEV_SAMP', 'd', { distinct: true }),
];

type Random = () => number;
const below = (next: Random, n: number): number => Math.floor(next() * n);
const orNull = (next: Random, value: Cell): Cell => (next() < 0.15 ? null : value);

/** Some of the calls: compiling all of them anew after each restart takes long. */
function some(next: Random, calls: readonly AggregateCall[]): AggregateCall[] {
  const rest = [...calls];
  return Array.from({ length: 7 }, () => rest.splice(below(next, rest.length), 1)[0]);
}

function randomRow(next: Random, time: number): Row {
  return [
    '+I',
    orNull(next, 'abcd'[below(next, 4)]),
    time,
    orNull(next, below(next, 9) - 4),
    orNull(next, (below(next, 17) - 8) / 4),
    orNull(next, next() < 0.5),
    orNull(next, ['', 'x', 'yy', 'zzz', 'zzza'][below(next, 5)]),
    orNull(next, below(next, 1000)),
  ];
}

/**
 * Rows around a rising time, watermarks among them. With `retract` some rows are taken back later; with `unknownFor`
 * also rows of groups (by these input columns) that are not there. `sameSession`: no row is late and none is taken back
 * after a watermark, for in another session than its own it would count below zero.
 */
function randomSteps(
  next: Random,
  length: number,
  retract: boolean,
  unknownFor?: readonly number[],
  sameSession = false,
): Row[] {
  const steps: Row[] = [];
  const live: Row[] = [];
  let time = below(next, 100) - 50;
  let watermark = -1000;
  for (let i = 0; i < length; i++) {
    time += below(next, 4);
    const draw = next();
    const row = randomRow(next, time - below(next, 15));
    if (draw < 0.08) {
      const candidate = time - below(next, 12) - (sameSession ? 16 : 0);
      if (candidate > watermark) steps.push(['WM', (watermark = candidate)]);
      if (sameSession) live.length = 0;
    } else if (retract && draw < 0.45 && live.length > 0) {
      const [, ...cells] = live.splice(below(next, live.length), 1)[0];
      steps.push([next() < 0.5 ? '-D' : '-U', ...cells]);
    } else if (retract && draw < 0.5) {
      const known = (other: Row): boolean => unknownFor?.every((key) => other[key + 1] === row[key + 1]) ?? true;
      if (unknownFor !== undefined && !live.some(known)) steps.push(['-D', ...cellsOf(row)]);
    } else {
      live.push(row);
      steps.push(row);
    }
  }
  steps.push(['WM', 1e6]);
  return steps;
}

function cellsOf([, ...cells]: Row): Cell[] {
  return cells;
}

function property(name: string, run: (next: Random, round: number) => void): void {
  it(`${name} (seed ${SEED})`, () => {
    for (let round = 0; round < ROUNDS; round++) run(random(SEED + round), round);
  });
}

describe('group aggregate against a naive model', () => {
  for (const retract of [false, true]) {
    for (const keys of [['k'], ['k', 'keep'], []]) {
      property(`keys ${keys.join(', ')}${retract ? ', rows taken back' : ''}`, (next, round) => {
        const calls = some(next, [...CALLS, ...DISTINCT_CALLS]);
        const updateBefore = next() < 0.7;
        const node = groupNode(INPUT, { keys, calls, retract, updateBefore });
        const steps = randomSteps(next, 80, retract, node.keys);
        const variant = VARIANTS[round % VARIANTS.length];
        const { rows } = runOperator({ node, input: INPUT, inputMode: retract ? 'retract' : 'append' }, steps, variant);
        const expected = groupChanges(node, steps);
        expect(rows, `round ${round}, ${JSON.stringify(variant)}`).toEqual(expected);
      });
    }
  }

  property('per batch the same rows at last', (next, round) => {
    const retract = next() < 0.5;
    const calls = some(next, [...CALLS, ...DISTINCT_CALLS]);
    const node = groupNode(INPUT, { keys: ['k'], calls, retract, perBatch: true, updateBefore: next() < 0.5 });
    const steps = randomSteps(next, 80, retract, node.keys);
    const variant = VARIANTS[round % VARIANTS.length];
    const { rows } = runOperator({ node, input: INPUT, inputMode: retract ? 'retract' : 'append' }, steps, variant);
    expect(finalRows(rows), `round ${round}, ${JSON.stringify(variant)}`).toEqual(finalRows(groupChanges(node, steps)));
  });
});

const sorted = (rows: readonly Row[]): string[] =>
  rows
    .filter(([op]) => op !== 'WM')
    .map((row) => JSON.stringify(row))
    .sort();

describe('variances against a naive model', () => {
  for (const retract of [false, true]) {
    property(retract ? 'rows taken back' : 'rows added', (next, round) => {
      const node = groupNode(INPUT, { keys: ['k'], calls: VARIANCES, retract, updateBefore: true });
      const steps = randomSteps(next, 80, retract, node.keys);
      const variant = VARIANTS[round % VARIANTS.length];
      const { rows } = runOperator({ node, input: INPUT, inputMode: retract ? 'retract' : 'append' }, steps, variant);
      expect(rounded(finalRows(rows))).toEqual(rounded(finalRows(groupChanges(node, steps))));
    });
  }
  property('merged', (next, round) => {
    const calls = VARIANCES.filter((one) => !one.distinct);
    const node = windowNode(INPUT, {
      window: randomWindow(next, 'hop'),
      time: 'ts',
      keys: ['k'],
      calls,
      twoPhase: true,
    });
    const steps = randomSteps(next, 120, false);
    const { rows } = runOperator({ node, input: INPUT }, steps, VARIANTS[round % VARIANTS.length], true);
    const expected = windowRows(node, steps);
    expect(sorted(rounded(rows))).toEqual(sorted(rounded(expected.rows)));
  });
});

function isOrdered({ fn }: AggregateCall): boolean {
  return ['LISTAGG', 'ARRAY_AGG', 'FIRST_VALUE', 'LAST_VALUE'].includes(fn);
}

/** DOUBLE results to 6 digits: the order of operations is another one in the model. */
function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) =>
    typeof inner === 'number' ? Math.round(inner * 1e6 + 0.1234) : inner,
  );
}

type WindowKind = 'tumble' | 'hop' | 'cumulate' | 'session';

/** Sizes, offsets (negative too) and, for HOP, slides that do not divide the size or are above it. */
function randomWindow(next: Random, kind: WindowKind): WindowSpec {
  const size = 1 + below(next, 20);
  const offset = below(next, 2 * size - 1) - size + 1;
  switch (kind) {
    case 'tumble':
      return { kind, size, offset };
    case 'hop':
      return { kind, size, slide: 1 + below(next, next() < 0.2 ? 25 : size), offset };
    case 'session':
      return { kind, gap: 1 + below(next, 12) };
    case 'cumulate': {
      const step = 1 + below(next, 6);
      return { kind, size: step * (1 + below(next, 6)), step, offset };
    }
  }
}

describe.each<WindowKind>(['tumble', 'hop', 'cumulate', 'session'])('%s aggregate against a naive model', (kind) => {
  for (const retract of [false, true]) {
    for (const twoPhase of kind === 'session' ? [false] : [false, true]) {
      const name = `${twoPhase ? 'two phases' : 'one phase'}${retract ? ', rows taken back' : ''}`;
      property(name, (next, round) => {
        const mergeable = CALLS.filter((one) => !retract || (one.fn !== 'MIN' && one.fn !== 'MAX'));
        const all = (twoPhase ? mergeable : [...CALLS, ...DISTINCT_CALLS]).filter(
          // Panes are merged one after the other, each in order of arrival; rows taken back need the order of all.
          (one) => (kind === 'tumble' && !(twoPhase && retract)) || !isOrdered(one),
        );
        const calls = some(next, all);
        const window = randomWindow(next, kind);
        const keys = next() < 0.2 ? [] : ['k'];
        const node = windowNode(INPUT, { window, time: 'ts', keys, calls, retract, twoPhase });
        const steps = randomSteps(next, 120, retract, undefined, retract && kind === 'session');
        const variant = VARIANTS[round % VARIANTS.length];
        const inputMode = retract ? 'retract' : 'append';
        const result = runOperator({ node, input: INPUT, inputMode }, steps, variant, twoPhase);
        const expected = windowRows(node, steps);
        const hint = `round ${round}, ${JSON.stringify(variant)}, ${JSON.stringify(window)}`;
        expect(withoutWatermarks(result.rows), hint).toEqual(withoutWatermarks(expected.rows));
        expect(result.counters.lateRecordsDropped ?? 0, hint).toBe(expected.late);
        if (kind === 'session') expectKeysInOrder(result.rows, keys.length, hint);
      });
    }
  }
});

/** The sessions of a key go out one after the other, also where one watermark closes several of them. */
function expectKeysInOrder(rows: readonly Row[], keys: number, hint: string): void {
  const last = new Map<string, number>();
  for (const row of rows.filter(([op]) => op !== 'WM')) {
    const key = JSON.stringify(row.slice(1, 1 + keys));
    const end = Number(row[row.length - 2]);
    expect(end, hint).toBeGreaterThan(last.get(key) ?? -Infinity);
    last.set(key, end);
  }
}

function withoutWatermarks(rows: readonly Row[]): Row[] {
  return sortBetweenWatermarks(rows.filter(([op]) => op !== 'WM'));
}

/** What a changelog adds up to, by the first column. */
function finalRows(changes: readonly Row[]): Record<string, Row> {
  const rows: Record<string, Row> = {};
  for (const [op, ...cells] of changes) {
    if (op === '+I' || op === '+U') rows[String(cells[0])] = ['+I', ...cells];
    if (op === '-D') delete rows[String(cells[0])];
  }
  return rows;
}

it('the model itself', () => {
  expect(
    aggregate(call(INPUT, 'SUM', 'v', { distinct: true }), [
      ['+I', 'a', 0, 3],
      ['+I', 'a', 0, 3],
    ]),
  ).toBe(3);
  expect(aggregate(call(INPUT, 'MAX', 'v'), [['+I', 'a', 0, null]])).toBe(null);
});
