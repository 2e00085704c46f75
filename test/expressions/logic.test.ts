import { describe, expect, test } from 'vitest';
import { makeBatch } from '../../src/data/batch.ts';
import { BIGINT, BOOLEAN, decimal, DOUBLE, INT, STRING, timestamp, type SqlType } from '../../src/data/types.ts';
import { compileCalc, NO_CONTEXT } from '../../src/expressions/index.ts';
import type { FunctionName } from '../../src/expressions/typed.ts';
import { batchForms, call, caseOf, columnsOf, evaluate, input, literal, readRows, test3, valueOf } from './support.ts';

const TRUTH = [true, false, null];

function and3(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}
const not3 = (a: boolean | null): boolean | null => (a === null ? null : !a);
const or3 = (a: boolean | null, b: boolean | null): boolean | null => not3(and3(not3(a), not3(b)));

test('AND, OR and NOT are three-valued', () => {
  const rows = TRUTH.flatMap((a) => TRUTH.map((b) => [a, b] as const));
  const [a, b] = [input(0, BOOLEAN), input(1, BOOLEAN)];
  const types = [BOOLEAN, BOOLEAN];
  expect(evaluate(test3('AND', a, b), types, rows)).toEqual(rows.map(([x, y]) => and3(x, y)));
  expect(evaluate(test3('OR', a, b), types, rows)).toEqual(rows.map(([x, y]) => or3(x, y)));
  expect(evaluate(test3('NOT', a), types, rows)).toEqual(rows.map(([x]) => not3(x)));
  expect(evaluate(test3('AND', a, b, test3('NOT', a)), types, rows)).toEqual(
    rows.map(([x, y]) => and3(and3(x, y), not3(x))),
  );
});

test('IS tests are never NULL', () => {
  const results = (fn: FunctionName): unknown[] =>
    evaluate(
      test3(fn, input(0, BOOLEAN)),
      [BOOLEAN],
      TRUTH.map((v) => [v]),
    );
  expect(results('IS NULL')).toEqual([false, false, true]);
  expect(results('IS NOT NULL')).toEqual([true, true, false]);
  expect(results('IS TRUE')).toEqual([true, false, false]);
  expect(results('IS FALSE')).toEqual([false, true, false]);
  expect(results('IS NOT TRUE')).toEqual([false, true, true]);
  expect(results('IS NOT FALSE')).toEqual([true, false, true]);
});

describe('only the branch that is taken is evaluated', () => {
  const one = literal(1, INT);
  const boom = call('/', INT, one, input(0, INT));
  const fails = test3('=', boom, one);
  const isZero = test3('=', input(0, INT), literal(0, INT));
  const rows = [[0], [1]];

  test('AND, OR', () => {
    expect(evaluate(test3('OR', isZero, fails), [INT], rows)).toEqual([true, true]);
    expect(evaluate(test3('AND', test3('NOT', isZero), fails), [INT], rows)).toEqual([false, true]);
    expect(() => evaluate(test3('OR', fails, isZero), [INT], rows)).toThrow('/ by zero');
  });
  test('CASE', () => {
    expect(evaluate(caseOf(INT, boom, [isZero, literal(-1, INT)]), [INT], rows)).toEqual([-1, 1]);
    expect(evaluate(caseOf(INT, literal(null, INT), [isZero, literal(7, INT)]), [INT], rows)).toEqual([7, null]);
  });
  test('COALESCE', () => {
    expect(evaluate(call('COALESCE', INT, input(0, INT), boom), [INT], rows)).toEqual([0, 1]);
    expect(evaluate(call('COALESCE', INT, literal(null, INT), input(0, INT)), [INT], [[null], [4]])).toEqual([null, 4]);
  });
  test('a NULL does not end AND', () => {
    const unknown = literal(null, BOOLEAN);
    expect(() => evaluate(test3('AND', unknown, fails), [INT], rows)).toThrow('/ by zero');
  });
});

test('CASE and COALESCE over strings, decimals, time stamps and arrays', () => {
  const array: SqlType = { kind: 'ARRAY', element: STRING, nullable: true };
  const samples: readonly (readonly [SqlType, unknown, unknown])[] = [
    [STRING, 'Zürich', ''],
    [decimal(38, 2), 10n ** 37n, -1n],
    [timestamp(9), { ms: 5, nanos: 999_999 }, { ms: -1, nanos: 1 }],
    [array, ['a', null], []],
    [DOUBLE, NaN, -0],
  ];
  for (const [type, x, y] of samples) {
    const rows = [
      [true, x, y],
      [false, x, y],
      [null, x, y],
      [true, null, y],
      [false, x, null],
    ];
    const types = [BOOLEAN, type, type];
    const choice = caseOf(type, input(2, type), [input(0, BOOLEAN), input(1, type)]);
    expect(evaluate(choice, types, rows)).toEqual([x, y, y, null, null]);
    const first = call('COALESCE', type, input(1, type), input(2, type));
    expect(evaluate(first, types, rows)).toEqual([x, x, x, y, x]);
  }
});

describe('comparison', () => {
  const OPS = ['=', '<>', '<', '<=', '>', '>='] as const;
  const compared = (type: SqlType, a: unknown, b: unknown): unknown[] =>
    OPS.map((op) => valueOf(test3(op, input(0, type), input(1, type)), [type, type], [a, b]));
  const LESS = [false, true, true, true, false, false];
  const EQUAL = [true, false, false, true, false, true];
  const GREATER = [false, true, false, false, true, true];

  test('strings by unsigned bytes of UTF-8, a prefix first', () => {
    expect(compared(STRING, 'a', 'b')).toEqual(LESS);
    expect(compared(STRING, 'a', 'ab')).toEqual(LESS);
    expect(compared(STRING, '', 'a')).toEqual(LESS);
    expect(compared(STRING, 'ab', 'ab')).toEqual(EQUAL);
    expect(compared(STRING, 'é', 'z')).toEqual(GREATER);
    // UTF-16 has it the other way round.
    expect(compared(STRING, '\u{1F600}', '\uFFFD')).toEqual(GREATER);
  });
  test('NaN equals nothing', () => {
    expect(compared(DOUBLE, NaN, NaN)).toEqual([false, true, false, false, false, false]);
    expect(compared(DOUBLE, -0, 0)).toEqual(EQUAL);
  });
  test('64 bits, nanoseconds, booleans, wide decimals', () => {
    expect(compared(BIGINT, 9223372036854775806n, 9223372036854775807n)).toEqual(LESS);
    expect(compared(timestamp(9), { ms: 1, nanos: 2 }, { ms: 1, nanos: 1 })).toEqual(GREATER);
    expect(compared(timestamp(9), { ms: 0, nanos: 2 }, { ms: 1, nanos: 1 })).toEqual(LESS);
    expect(compared(BOOLEAN, false, true)).toEqual(LESS);
    expect(compared(decimal(38, 0), -(10n ** 37n), 1n)).toEqual(LESS);
  });
  test('NULL gives NULL', () => {
    for (const op of OPS) {
      const rows = [
        [null, 1],
        [1, null],
        [null, null],
      ];
      expect(evaluate(test3(op, input(0, INT), input(1, INT)), [INT, INT], rows)).toEqual([null, null, null]);
    }
  });
  test('IS DISTINCT FROM counts NULLs as equal', () => {
    const rows = [
      [null, null],
      [1, null],
      [null, 1],
      [1, 1],
      [1, 2],
    ];
    const distinct = evaluate(test3('IS DISTINCT FROM', input(0, INT), input(1, INT)), [INT, INT], rows);
    expect(distinct).toEqual([false, true, true, false, true]);
    const same = evaluate(test3('IS NOT DISTINCT FROM', input(0, INT), input(1, INT)), [INT, INT], rows);
    expect(same).toEqual([true, false, false, true, false]);
  });
});

test('IN, short and long lists, with NULLs', () => {
  for (const extra of [0, 20]) {
    const filler = Array.from({ length: extra }, (_, i) => literal(1000 + i, INT));
    const list = (...values: (number | null)[]) => [...values.map((v) => literal(v, INT)), ...filler];
    const rows = [[1], [2], [null]];
    expect(evaluate(test3('IN', input(0, INT), ...list(1, 3)), [INT], rows)).toEqual([true, false, null]);
    expect(evaluate(test3('IN', input(0, INT), ...list(1, null)), [INT], rows)).toEqual([true, null, null]);
  }
  const words = ['a', 'bb', 'ccc'].map((word) => literal(word, STRING));
  expect(evaluate(test3('IN', input(0, STRING), ...words), [STRING], [['bb'], ['b'], [null]])).toEqual([
    true,
    false,
    null,
  ]);
});

describe('filter', () => {
  const types = [INT, STRING];
  const rows = [
    [1, 'a'],
    [null, 'b'],
    [3, null],
    [4, 'd'],
    [5, 'e'],
    [6, 'f'],
    [7, 'g'],
  ];
  const condition = test3('>', input(0, INT), literal(3, INT));

  test('keeps TRUE rows, copies nothing, and numbers computed columns as the input', () => {
    const plus = call('+', INT, input(0, INT), literal(10, INT));
    const calc = compileCalc(condition, [input(1, STRING), plus], NO_CONTEXT);
    for (const { name, batch, rows: held } of batchForms(types, rows)) {
      const kept = held.filter((i) => Number(rows[i][0]) > 3);
      const result = calc.run(batch);
      if (kept.length === 0) {
        expect(result, name).toBeUndefined();
        continue;
      }
      if (result === undefined) throw new Error(name);
      expect(result.columns[0]).toBe(batch.columns[1]);
      expect(readRows(STRING, result.columns[0], result), name).toEqual(kept.map((i) => rows[i][1]));
      expect(readRows(INT, result.columns[1], result), name).toEqual(kept.map((i) => Number(rows[i][0]) + 10));
    }
  });
  test('row kinds pass through', () => {
    const kinds = Uint8Array.of(0, 1, 2, 3, 0, 1, 2);
    const result = compileCalc(condition, [], NO_CONTEXT).run(makeBatch(columnsOf(types, rows), 7, kinds));
    expect(result?.kinds).toBe(kinds);
    expect([...(result?.selection?.subarray(0, result.selectedCount) ?? [])]).toEqual([3, 4, 5, 6]);
  });
  test('more variants than are kept apart still give right answers', () => {
    const many = Array.from({ length: 5 }, () => INT);
    const sum = many
      .map((type, i) => call('COALESCE', INT, input(i, type), literal(0, INT)))
      .reduce((a, b) => call('+', INT, a, b));
    const calc = compileCalc(undefined, [sum], NO_CONTEXT);
    for (let mask = 0; mask < 32; mask++) {
      const row = many.map((_type, i) => ((mask >> i) & 1 ? null : 1 << i));
      const batch = makeBatch(columnsOf(many, [row, row.map((v) => v ?? 1)]), 2);
      const out = calc.run(batch);
      if (out === undefined) throw new Error('no rows');
      expect(readRows(INT, out.columns[0], batch)[0]).toBe(31 & ~mask);
    }
  });
});
