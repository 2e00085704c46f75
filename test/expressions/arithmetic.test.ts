import { describe, expect, test } from 'vitest';
import {
  BIGINT,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  SMALLINT,
  timestamp,
  TINYINT,
  type SqlType,
} from '../../src/data/types.ts';
import { RowError } from '../../src/expressions/index.ts';
import type { FunctionName } from '../../src/expressions/typed.ts';
import { call, evaluate, input, literal, valueOf } from './support.ts';

type Case = readonly [FunctionName, unknown, unknown, unknown];

function table(type: SqlType, cases: readonly Case[]): void {
  for (const [op, a, b, expected] of cases) {
    test(`${type.kind} ${String(a)} ${op} ${String(b)}`, () => {
      const expr = call(op, type, input(0, type), input(1, type));
      expect(valueOf(expr, [type, type], [a, b])).toEqual(expected);
      expect(
        evaluate(
          expr,
          [type, type],
          [
            [a, b],
            [null, b],
            [a, null],
            [a, b],
          ],
        ),
      ).toEqual([expected, null, null, expected]);
    });
  }
}

describe('integers wrap', () => {
  table(TINYINT, [
    ['+', 100, 100, -56],
    ['-', -128, 1, 127],
    ['*', 64, 4, 0],
    ['/', -128, -1, -128],
    ['%', -7, 3, -1],
  ]);
  table(SMALLINT, [
    ['+', 32767, 1, -32768],
    ['*', 300, 300, 24464],
  ]);
  table(INT, [
    ['+', 2147483647, 1, -2147483648],
    ['-', -2147483648, 1, 2147483647],
    ['*', 123456789, 987654321, -67153019],
    ['/', -5, 2, -2],
    ['/', -2147483648, -1, -2147483648],
    ['%', -26, 5, -1],
    ['%', 5, -5, 0],
  ]);
  table(BIGINT, [
    ['+', 9223372036854775807n, 1n, -9223372036854775808n],
    ['-', -9223372036854775808n, 1n, 9223372036854775807n],
    ['*', 9223372036854775807n, 2n, -2n],
    ['/', -5n, 2n, -2n],
    ['/', -9223372036854775808n, -1n, -9223372036854775808n],
    ['%', -26n, 5n, -1n],
  ]);
});

test('intermediate BIGINT values wrap', () => {
  const a = input(0, BIGINT);
  const sum = call('+', BIGINT, a, literal('1', BIGINT));
  const halved = call('/', BIGINT, sum, literal('2', BIGINT));
  expect(valueOf(halved, [BIGINT], [9223372036854775807n])).toBe(-4611686018427387904n);
});

describe('floating point', () => {
  table(DOUBLE, [
    ['/', 1, 0, Infinity],
    ['/', 0, 0, NaN],
    ['/', -1, 0, -Infinity],
    ['%', 5.5, 2, 1.5],
    ['+', 0.1, 0.2, 0.1 + 0.2],
  ]);
  table(FLOAT, [
    ['+', Math.fround(0.1), Math.fround(0.2), Math.fround(Math.fround(0.1) + Math.fround(0.2))],
    ['*', Math.fround(3e38), 10, Infinity],
  ]);
});

describe('division by zero fails its row', () => {
  for (const [type, zero] of [
    [INT, 0],
    [BIGINT, 0n],
    [decimal(10, 2), 0n],
  ] as const) {
    for (const op of ['/', '%'] as const) {
      test(`${type.kind} ${op}`, () => {
        const result = type.kind === 'DECIMAL' ? decimal(23, 13) : type;
        const expr = call(op, result, input(0, type), input(1, type));
        const one = typeof zero === 'number' ? 1 : 1n;
        const rows = [
          [one, one],
          [null, zero],
          [one, null],
          [one, zero],
        ];
        try {
          evaluate(expr, [type, type], rows);
          expect.unreachable();
        } catch (error) {
          expect(error).toBeInstanceOf(RowError);
          expect(error).toMatchObject({ code: 'division-by-zero', kind: 'runtime', row: 3 });
        }
        // A NULL divided by zero is NULL.
        expect(
          evaluate(
            expr,
            [type, type],
            [
              [null, zero],
              [one, null],
            ],
          ),
        ).toEqual([null, null]);
      });
    }
  }
});

test('NEGATE wraps at the minimum', () => {
  const negated = (type: SqlType, value: unknown): unknown =>
    valueOf(call('NEGATE', type, input(0, type)), [type], [value]);
  expect(negated(INT, -2147483648)).toBe(-2147483648);
  expect(negated(TINYINT, -128)).toBe(-128);
  expect(negated(BIGINT, -9223372036854775808n)).toBe(-9223372036854775808n);
  expect(negated(INT, 0)).toBe(0);
  expect(negated(DOUBLE, 1.5)).toBe(-1.5);
  expect(negated(decimal(5, 2), 123n)).toBe(-123n);
  expect(negated(INT, null)).toBeNull();
});

describe('DECIMAL, the checks of Flink', () => {
  const d = (precision: number, scale: number): SqlType => decimal(precision, scale);
  const cases: readonly (readonly [string, FunctionName, SqlType, bigint, SqlType, bigint, SqlType, bigint | null])[] =
    [
      ['1.0 / 8.0 = 0.125000', '/', d(2, 1), 10n, d(2, 1), 80n, d(8, 6), 125000n],
      ['2.0 / 3.0 = 0.666667', '/', d(2, 1), 20n, d(2, 1), 30n, d(8, 6), 666667n],
      ['2.0 / (-3)', '/', d(2, 1), 20n, d(10, 0), -3n, d(13, 12), -666666666667n],
      ['1.0 / 400', '/', d(2, 1), 10n, d(10, 0), 400n, d(13, 12), 2500000000n],
      ['0.908 * 2', '*', d(3, 3), 908n, d(19, 0), 2n, d(23, 3), 1816n],
      ['1.25 + 0.5', '+', d(3, 2), 125n, d(2, 1), 5n, d(4, 2), 175n],
      ['1.25 - 2', '-', d(3, 2), 125n, d(1, 0), 2n, d(4, 2), -75n],
      ['half up when the scale shrinks', '+', d(38, 18), 5n, d(10, 0), 0n, d(38, 17), 1n],
      ['half up below zero', '+', d(38, 18), -5n, d(10, 0), 0n, d(38, 17), -1n],
      ['38 digits overflow', '+', d(38, 0), 10n ** 38n - 1n, d(38, 0), 1n, d(38, 0), null],
      ['product overflow', '*', d(38, 0), 10n ** 20n, d(38, 0), 10n ** 20n, d(38, 0), null],
      ['-7.5 % 2', '%', d(2, 1), -75n, d(1, 0), 2n, d(2, 1), -15n],
    ];
  for (const [name, op, ta, a, tb, b, to, expected] of cases) {
    test(name, () => {
      const expr = call(op, to, input(0, ta), input(1, tb));
      expect(
        evaluate(
          expr,
          [ta, tb],
          [
            [a, b],
            [null, b],
            [a, null],
            [a, b],
          ],
        ),
      ).toEqual([expected, null, null, expected]);
    });
  }
});

describe('intervals', () => {
  const DAY_TIME: SqlType = { kind: 'INTERVAL_DAY_TIME', nullable: true };
  const MONTHS: SqlType = { kind: 'INTERVAL_YEAR_MONTH', nullable: true };
  const TIME: SqlType = { kind: 'TIME', precision: 3, nullable: true };
  const at = (text: string, nanos = 0) => ({ ms: Date.parse(`${text}Z`), nanos });
  const plus = (
    type: SqlType,
    value: unknown,
    interval: SqlType,
    amount: string | number,
    op: '+' | '-' = '+',
  ): unknown => {
    const plain = typeof amount === 'number' ? amount : BigInt(amount);
    const byColumn = valueOf(call(op, type, input(0, type), input(1, interval)), [type, interval], [value, plain]);
    expect(valueOf(call(op, type, input(0, type), literal(amount, interval)), [type], [value])).toEqual(byColumn);
    return byColumn;
  };

  test('time stamps keep their nanoseconds', () => {
    expect(plus(timestamp(9), at('2024-02-29T12:00:00.001', 5), DAY_TIME, '-2000')).toEqual(
      at('2024-02-29T11:59:58.001', 5),
    );
    expect(plus(timestamp(3), at('1969-12-31T23:59:59'), DAY_TIME, '1500', '-')).toEqual(at('1969-12-31T23:59:57.500'));
  });
  test('months are clamped to the end of the month', () => {
    expect(plus(timestamp(3), at('2024-01-31T01:02:03'), MONTHS, 1)).toEqual(at('2024-02-29T01:02:03'));
    expect(plus(timestamp(3), at('2024-03-31T01:02:03'), MONTHS, 13, '-')).toEqual(at('2023-02-28T01:02:03'));
    expect(plus(DATE, 19753, MONTHS, 1)).toBe(19782);
    expect(plus(DATE, -1, MONTHS, -12)).toBe(-366);
  });
  test('a DATE moves by whole days, a TIME within its day', () => {
    expect(plus(DATE, 0, DAY_TIME, String(36 * 3600_000))).toBe(1);
    expect(plus(TIME, 1000, DAY_TIME, '2000', '-')).toBe(86_399_000);
    expect(plus(TIME, 1000, DAY_TIME, String(86_400_000))).toBe(1000);
  });
});
