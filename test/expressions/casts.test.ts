import { describe, expect, test } from 'vitest';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  formatType,
  INT,
  SMALLINT,
  STRING,
  timestamp,
  timestampLtz,
  TINYINT,
  type SqlType,
} from '../../src/data/types.ts';
import { RowError } from '../../src/expressions/index.ts';
import { call, cast, evaluate, input, literal, tryCast } from './support.ts';

const FAIL = Symbol('fails');
const char = (length: number): SqlType => ({ kind: 'CHAR', length, nullable: true });
const varchar = (length: number): SqlType => ({ kind: 'VARCHAR', length, nullable: true });
const binary = (length: number): SqlType => ({ kind: 'BINARY', length, nullable: true });
const time = (precision: number): SqlType => ({ kind: 'TIME', precision, nullable: true });
const ts = (text: string, nanos = 0) => ({ ms: Date.parse(`${text}Z`), nanos });
const DAY_TIME: SqlType = { kind: 'INTERVAL_DAY_TIME', nullable: true };
const MONTHS: SqlType = { kind: 'INTERVAL_YEAR_MONTH', nullable: true };

function casts(from: SqlType, to: SqlType, pairs: readonly (readonly [unknown, unknown])[]): void {
  describe(`${formatType(from)} to ${formatType(to)}`, () => {
    for (const [value, expected] of pairs) {
      test(`${typeof value === 'object' ? JSON.stringify(value) : String(value)}`, () => {
        const rows = [[null], [value], [null], [value]];
        const strict = cast(input(0, from), to);
        const lenient = evaluate(tryCast(input(0, from), to), [from], rows);
        if (expected === FAIL) {
          expect(lenient).toEqual([null, null, null, null]);
          try {
            evaluate(strict, [from], rows);
            expect.unreachable();
          } catch (error) {
            expect(error).toBeInstanceOf(RowError);
            expect(error).toMatchObject({ code: 'cast-failed', row: 1 });
          }
        } else {
          expect(lenient).toEqual([null, expected, null, expected]);
          expect(evaluate(strict, [from], rows)).toEqual([null, expected, null, expected]);
        }
      });
    }
  });
}

casts(STRING, INT, [
  ['12', 12],
  [' 12 ', 12],
  ['+5', 5],
  ['-5', -5],
  ['1.9', 1],
  ['-1.9', -1],
  ['123.', 123],
  ['2147483647', 2147483647],
  ['-2147483648', -2147483648],
  ['2147483648', FAIL],
  ['', FAIL],
  ['abc', FAIL],
  ['1e3', FAIL],
  ['1.x', FAIL],
  ['-', FAIL],
]);
casts(STRING, TINYINT, [
  ['127', 127],
  ['128', FAIL],
]);
casts(STRING, BIGINT, [
  ['9223372036854775807', 9223372036854775807n],
  ['9223372036854775808', FAIL],
  [' -7.5', -7n],
]);
casts(STRING, DOUBLE, [
  ['1e3', 1000],
  [' NaN ', NaN],
  ['-Infinity', -Infinity],
  ['1.5d', 1.5],
  ['.5', 0.5],
  ['x', FAIL],
]);
casts(STRING, decimal(5, 2), [
  ['1.005', 101n],
  ['-1.005', -101n],
  ['999.99', 99999n],
  ['999.995', FAIL],
  ['1e2', 10000n],
  ['one', FAIL],
]);
casts(STRING, BOOLEAN, [
  ['t', true],
  ['YES', true],
  ['1', true],
  ['No', false],
  ['0', false],
  [' true', FAIL],
  ['2', FAIL],
]);
casts(STRING, DATE, [
  ['2024-02-29', 19782],
  ['2021-9-7', 18877],
  ['2024-02-29 12:00:00', 19782],
  ['2024', 19723],
  ['2023-02-29', FAIL],
  ['x', FAIL],
]);
casts(STRING, time(3), [
  ['12:34:56.789', 45296789],
  ['12', 43200000],
  ['24:00:00', FAIL],
]);
casts(STRING, timestamp(3), [
  ['2024-02-29 12:34:56.789999', ts('2024-02-29T12:34:56.789')],
  ['2024-02-29', ts('2024-02-29T00:00:00')],
  ['2024-02-29T12:34:56', FAIL],
  ['2024-02-30 00:00:00', FAIL],
]);
casts(STRING, timestampLtz(9), [['1969-12-31 23:59:59.123456789', ts('1969-12-31T23:59:59.123', 456789)]]);
casts(STRING, varchar(2), [
  ['äöü', 'äö'],
  ['a', 'a'],
  ['\u{1F600}\u{1F600}\u{1F600}', '\u{1F600}\u{1F600}'],
]);
casts(STRING, char(4), [
  ['ä', 'ä   '],
  ['abcdef', 'abcd'],
]);
casts(STRING, BYTES, [['ä', Uint8Array.of(0xc3, 0xa4)]]);
casts(STRING, binary(3), [
  ['a', Uint8Array.of(97, 0, 0)],
  ['abcd', Uint8Array.of(97, 98, 99)],
]);
casts(BYTES, STRING, [
  [Uint8Array.of(0xc3, 0xa4), 'ä'],
  [Uint8Array.of(0xff), '\uFFFD'],
]);

casts(INT, TINYINT, [
  [300, 44],
  [-129, 127],
]);
casts(BIGINT, INT, [[4294967297n, 1]]);
casts(BIGINT, DOUBLE, [[9007199254740993n, 9007199254740992]]);
casts(INT, BIGINT, [[-2147483648, -2147483648n]]);
casts(INT, FLOAT, [[16777217, 16777216]]);
casts(DOUBLE, INT, [
  [1e10, 2147483647],
  [-1e10, -2147483648],
  [NaN, 0],
  [-1.9, -1],
]);
casts(DOUBLE, TINYINT, [[1e10, -1]]);
casts(DOUBLE, BIGINT, [
  [1e30, 9223372036854775807n],
  [-1e30, -9223372036854775808n],
  [NaN, 0n],
  [2.9, 2n],
]);
casts(DOUBLE, decimal(5, 2), [
  [1.005, 101n],
  [12345, null],
  [NaN, FAIL],
]);
casts(DOUBLE, FLOAT, [[0.1, Math.fround(0.1)]]);
casts(FLOAT, DOUBLE, [[Math.fround(0.1), 0.10000000149011612]]);
casts(decimal(5, 2), decimal(3, 1), [
  [1225n, 123n],
  [-1225n, -123n],
  [9995n, null],
]);
casts(INT, decimal(8, 4), [
  [12345, null],
  [1234, 12340000n],
]);
casts(decimal(20, 2), BIGINT, [[-12399n, -123n]]);
casts(decimal(12, 2), TINYINT, [[30099n, 44]]);
casts(decimal(38, 20), DOUBLE, [[123456789012345678901234567890n, 1234567890.1234567]]);
casts(BOOLEAN, INT, [
  [true, 1],
  [false, 0],
]);
casts(BOOLEAN, decimal(3, 1), [[true, 10n]]);
casts(INT, BOOLEAN, [
  [0, false],
  [-3, true],
]);
casts(decimal(5, 2), BOOLEAN, [[0n, false]]);
casts(DAY_TIME, BIGINT, [[5000n, 5000n]]);
casts(MONTHS, INT, [[14, 14]]);

casts(DOUBLE, STRING, [
  [1, '1.0'],
  [1e7, '1.0E7'],
  [1e-4, '1.0E-4'],
  [0.001, '0.001'],
  [100, '100.0'],
  [123456.789, '123456.789'],
  [1.2345e20, '1.2345E20'],
  [-0, '-0.0'],
  [NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [9999999, '9999999.0'],
]);
casts(FLOAT, STRING, [
  [Math.fround(0.1), '0.1'],
  [Math.fround(3.4028235e38), '3.4028235E38'],
  [16777216, '1.6777216E7'],
]);
casts(decimal(5, 3), STRING, [
  [9870n, '9.870'],
  [-5n, '-0.005'],
]);
casts(BOOLEAN, STRING, [[true, 'TRUE']]);
casts(BIGINT, STRING, [[-9223372036854775808n, '-9223372036854775808']]);
casts(INT, char(3), [
  [12345, '123'],
  [1, '1  '],
]);
casts(DATE, STRING, [
  [19782, '2024-02-29'],
  [-719528, '0000-01-01'],
]);
casts(DATE, char(3), [[18894, '202']]);
casts(time(3), STRING, [
  [45296780, '12:34:56.78'],
  [45296000, '12:34:56.0'],
]);
casts(time(0), STRING, [[45296000, '12:34:56']]);
casts(timestamp(3), STRING, [[ts('2024-01-01T00:00:00'), '2024-01-01 00:00:00.000']]);
casts(timestamp(0), STRING, [[ts('2024-01-01T00:00:00'), '2024-01-01 00:00:00']]);
casts(timestampLtz(9), STRING, [[ts('1969-12-31T23:59:59.001', 2), '1969-12-31 23:59:59.001000002']]);
casts(DAY_TIME, STRING, [
  [93784005n, '+1 02:03:04.005'],
  [-1000n, '-0 00:00:01.000'],
]);
casts(MONTHS, STRING, [
  [84, '+7-00'],
  [-10, '-0-10'],
]);

casts(timestamp(9), timestamp(6), [[ts('1969-12-31T23:59:59.999', 123456), ts('1969-12-31T23:59:59.999', 123000)]]);
casts(timestamp(9), timestamp(0), [[ts('1969-12-31T23:59:59.999', 5), ts('1969-12-31T23:59:59')]]);
casts(timestamp(3), timestampLtz(3), [[ts('2024-01-01T00:00:00'), ts('2024-01-01T00:00:00')]]);
casts(timestamp(3), DATE, [[ts('1969-12-31T23:59:59.999'), -1]]);
casts(timestamp(3), time(0), [[ts('1969-12-31T23:59:59.999'), 86399000]]);
casts(DATE, timestamp(3), [[-1, ts('1969-12-31T00:00:00')]]);
casts(time(3), timestamp(3), [[1500, ts('1970-01-01T00:00:01.500')]]);

const array = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: true });
casts(array(INT), STRING, [[[1, null, 3], '[1, NULL, 3]']]);
casts(array(STRING), array(INT), [
  [
    ['1', null],
    [1, null],
  ],
  [['1', 'x'], FAIL],
]);
const map: SqlType = { kind: 'MAP', key: STRING, value: INT, nullable: true };
casts(map, STRING, [
  [
    [
      ['a', 1],
      ['b', 2],
    ],
    '{a=1, b=2}',
  ],
]);
const row: SqlType = {
  kind: 'ROW',
  fields: [
    { name: 'a', type: INT },
    { name: 'b', type: STRING },
  ],
  nullable: true,
};
casts(row, STRING, [[[1, 'x'], '(1, x)']]);

test('several strings of one row are kept apart', () => {
  const text = (index: number) => cast(input(index, INT), STRING);
  const both = call('COALESCE', STRING, call('COALESCE', STRING, text(0), text(1)), literal('none', STRING));
  const rows = [
    [1, 22],
    [null, 333],
    [null, null],
  ];
  expect(evaluate(both, [INT, INT], rows)).toEqual(['1', '333', 'none']);
  const less = call('<', BOOLEAN, text(0), text(1));
  expect(
    evaluate(
      less,
      [INT, INT],
      [
        [10, 9],
        [8, 9],
        [1000, 1],
      ],
    ),
  ).toEqual([true, true, false]);
});

test('long strings and many rows outgrow the buffers', () => {
  const rows = Array.from({ length: 300 }, (_, i) => ['x'.repeat(i)]);
  expect(evaluate(cast(input(0, STRING), varchar(200)), [STRING], rows)).toEqual(rows.map(([s]) => s.slice(0, 200)));
  expect(evaluate(cast(input(0, STRING), char(250)), [STRING], rows)).toEqual(
    rows.map(([s]) => s.slice(0, 250).padEnd(250)),
  );
});

test('the message of a failed cast gives the value and the type', () => {
  const failing = cast(input(0, STRING), SMALLINT);
  expect(() => evaluate(failing, [STRING], [['4 apples']])).toThrow("Cannot cast '4 apples' to SMALLINT");
});
