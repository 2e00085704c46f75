import { tableTest } from '../harness/table-test.ts';

const DDL = `CREATE TABLE t (k STRING, v INT, d DOUBLE, s STRING, n DECIMAL(5, 2), a ARRAY<INT>, ok BOOLEAN)
  WITH ('connector' = 'values')`;
const ROWS = {
  t: [
    ['a', 2900, 1.5, 'x', '1.00', [1], true],
    ['a', 2500, null, null, '2.00', null, false],
    ['a', 2600, 2.5, 'y', null, [1, null], true],
    ['b', null, 4, 'x', '9.99', [], null],
    ['a', 2600, 2.5, 'x', '1.00', [1], false],
  ],
};

/** Results after all rows. */
function aggregate(name: string, select: string, expected: readonly (readonly unknown[])[]): void {
  tableTest(name, {
    ddl: DDL,
    rows: ROWS,
    sql: `SELECT k, ${select} FROM t GROUP BY k`,
    final: true,
    expected: expected as never,
  });
}

aggregate('variances have the type of their argument', 'VAR_POP(v), VAR_SAMP(v), STDDEV_POP(v), STDDEV_SAMP(d)', [
  ['a', 22499, 29999, 150, 0.5773502691896258],
  ['b', null, null, null, null],
]);
aggregate('variances of DECIMAL', 'VARIANCE(n), STDDEV(n), VAR_POP(n)', [
  ['a', '0.333333', '0.577350', '0.222222'],
  ['b', null, null, '0.000000'],
]);
aggregate(
  'LISTAGG, in order of arrival, without NULLs',
  `LISTAGG(s), LISTAGG(s, ' | '), LISTAGG(DISTINCT s), LISTAGG(s) FILTER (WHERE ok)`,
  [
    ['a', 'x,y,x', 'x | y | x', 'x,y', 'x,y'],
    ['b', 'x', 'x', 'x', null],
  ],
);
aggregate('ARRAY_AGG keeps NULLs', 'ARRAY_AGG(s), ARRAY_AGG(DISTINCT v), ARRAY_AGG(a)', [
  ['a', ['x', null, 'y', 'x'], [2900, 2500, 2600], [[1], null, [1, null], [1]]],
  ['b', ['x'], [null], [[]]],
]);
aggregate(
  'ARRAY_AGG without NULLs',
  'ARRAY_AGG(s IGNORE NULLS), ARRAY_AGG(DISTINCT v IGNORE NULLS), ARRAY_AGG(v RESPECT NULLS)',
  [
    ['a', ['x', 'y', 'x'], [2900, 2500, 2600], [2900, 2500, 2600, 2600]],
    ['b', ['x'], null, [null]],
  ],
);
aggregate('COLLECT', 'COLLECT(s), COLLECT(v), COLLECT(d)', [
  [
    'a',
    [
      ['x', 2],
      ['y', 1],
    ],
    [
      [2500, 1],
      [2600, 2],
      [2900, 1],
    ],
    [
      [1.5, 1],
      [2.5, 2],
    ],
  ],
  ['b', [['x', 1]], [], [[4, 1]]],
]);
aggregate('FIRST_VALUE and LAST_VALUE', 'FIRST_VALUE(s), LAST_VALUE(d), LAST_VALUE(a), FIRST_VALUE(n)', [
  ['a', 'x', 2.5, [1], '1.00'],
  ['b', 'x', 4, [], '9.99'],
]);
aggregate('COUNT of nested values', 'COUNT(a), COUNT(*), COUNT(DISTINCT a)', [
  ['a', '3', '4', '2'],
  ['b', '1', '1', '1'],
]);

/** Over updates of an inner aggregate: what is taken back is gone. */
tableTest('lists over updating input', {
  ddl: DDL,
  rows: ROWS,
  sql: `SELECT c, LISTAGG(k), FIRST_VALUE(k), LAST_VALUE(k), COLLECT(k), ARRAY_AGG(k), VAR_POP(c)
    FROM (SELECT k, COUNT(*) AS c FROM t GROUP BY k) GROUP BY c`,
  final: true,
  expected: [
    ['4', 'a', 'a', 'a', [['a', 1]], ['a'], '0'],
    ['1', 'b', 'b', 'b', [['b', 1]], ['b'], '0'],
  ],
});

tableTest('lists of windows', {
  ddl: `CREATE TABLE w (ts TIMESTAMP(3), k STRING, v INT, WATERMARK FOR ts AS ts) WITH ('connector' = 'values')`,
  rows: {
    w: [
      ['2024-01-01T00:00:01.000', 'a', 1],
      ['2024-01-01T00:00:02.000', 'a', null],
      ['2024-01-01T00:00:03.000', 'b', 3],
      ['2024-01-01T00:00:12.000', 'a', 4],
    ],
  },
  sql: `SELECT k, LISTAGG(CAST(v AS STRING)), ARRAY_AGG(v), COLLECT(v), LAST_VALUE(v), VAR_POP(v)
    FROM TUMBLE(TABLE w, DESCRIPTOR(ts), INTERVAL '10' SECOND) GROUP BY k, window_start, window_end`,
  expected: [
    ['+I', 'a', '1', [1, null], [[1, 1]], 1, 0],
    ['+I', 'b', '3', [3], [[3, 1]], 3, 0],
    ['+I', 'a', '4', [4], [[4, 1]], 4, 0],
  ],
});

/** 400 keys whose counts grow: each row takes back the value before it. */
const GROWING = Array.from({ length: 1000 }, (_, i) => [String((i * 7919) % 400), i]);

function countsOfKeys(): number[] {
  const counts = new Map<unknown, number>();
  for (const [key] of GROWING) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].map(([key, n]) => n * 1000 + Number(key)).sort((a, b) => a - b);
}

function between(values: readonly number[], part: number): number {
  const place = part * (values.length - 1) + 1;
  const [below, above] = [Math.floor(place), Math.ceil(place)];
  if (below === above) return values[below - 1];
  return (above - place) * values[below - 1] + (place - below) * values[above - 1];
}

tableTest('PERCENTILE of many values that are taken back', {
  ddl: `CREATE TABLE g (k STRING, i INT) WITH ('connector' = 'values')`,
  rows: { g: GROWING as never },
  sql: `SELECT PERCENTILE(n, ARRAY[0.9, 0, 0.123]) FROM
    (SELECT COUNT(*) * 1000 + CAST(k AS INT) AS n FROM g GROUP BY k)`,
  final: true,
  expected: [[[0.9, 0, 0.123].map((part) => between(countsOfKeys(), part))]] as never,
});

const MARKS = `CREATE TABLE m (k STRING, id INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'values')`;
const MARKED = {
  m: [
    ['a', 3, 30, '2024-01-01 00:00:01'],
    ['a', 20, null, '2024-01-01 00:00:02'],
    ['b', 1, 7, '2024-01-01 00:00:03'],
    ['a', 1, 10, '2024-01-01 00:00:07'],
    ['a', 4, 40, '2024-01-01 00:00:21'],
  ],
} as never;
const JSON_OF = `JSON_OBJECTAGG(CAST(id AS STRING) VALUE v), JSON_OBJECTAGG(CAST(id AS STRING) VALUE v ABSENT ON NULL),
  JSON_ARRAYAGG(v), JSON_ARRAYAGG(v NULL ON NULL), PERCENTILE(v, 0.5, id)`;

tableTest('JSON aggregates in HOP, whose panes are merged', {
  ddl: MARKS,
  rows: MARKED,
  sql: `SELECT window_start, ${JSON_OF} FROM TABLE(HOP(TABLE m, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
    WHERE k = 'a' GROUP BY window_start, window_end`,
  final: true,
  expected: [
    ['2023-12-31T23:59:55.000', '{"20":null,"3":30}', '{"3":30}', '[30]', '[30,null]', 30],
    ['2024-01-01T00:00:00.000', '{"1":10,"20":null,"3":30}', '{"1":10,"3":30}', '[30,10]', '[30,null,10]', 30],
    ['2024-01-01T00:00:05.000', '{"1":10}', '{"1":10}', '[10]', '[10]', 10],
    ['2024-01-01T00:00:15.000', '{"4":40}', '{"4":40}', '[40]', '[40]', 40],
    ['2024-01-01T00:00:20.000', '{"4":40}', '{"4":40}', '[40]', '[40]', 40],
  ],
});

tableTest('JSON aggregates of sessions', {
  ddl: MARKS,
  rows: MARKED,
  sql: `SELECT k, ${JSON_OF} FROM TABLE(SESSION(TABLE m PARTITION BY k, DESCRIPTOR(ts), INTERVAL '6' SECOND))
    GROUP BY k, window_start, window_end`,
  final: true,
  expected: [
    ['a', '{"1":10,"20":null,"3":30}', '{"1":10,"3":30}', '[30,10]', '[30,null,10]', 30],
    ['b', '{"1":7}', '{"1":7}', '[7]', '[7]', 7],
    ['a', '{"4":40}', '{"4":40}', '[40]', '[40]', 40],
  ],
});

tableTest('a key that is there already fails the job', {
  ddl: MARKS,
  rows: MARKED,
  sql: `SELECT JSON_OBJECTAGG(k VALUE v) FROM m`,
  expected: [],
  error: 'duplicate-json-key',
});
