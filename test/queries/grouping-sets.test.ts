import { tableTest } from '../harness/table-test.ts';

const DDL = `CREATE TABLE t (a STRING, b INT, v INT) WITH ('connector' = 'values')`;
const ROWS = {
  t: [
    ['x', 1, 10],
    ['x', 2, 20],
    ['y', 1, 30],
    [null, 1, 40],
  ],
} as const;

function grouped(sql: string, expected: readonly (readonly unknown[])[]): void {
  tableTest(sql, { ddl: DDL, rows: ROWS, sql, final: true, expected: expected as never });
}

grouped('SELECT a, b, SUM(v), GROUPING(a), GROUPING_ID(a, b) FROM t GROUP BY GROUPING SETS ((a, b), (a), ())', [
  ['x', 1, 10, '0', '0'],
  ['x', 2, 20, '0', '0'],
  ['y', 1, 30, '0', '0'],
  [null, 1, 40, '0', '0'],
  ['x', null, 30, '0', '1'],
  ['y', null, 30, '0', '1'],
  // The group of NULL, which is not the total.
  [null, null, 40, '0', '1'],
  [null, null, 100, '1', '3'],
]);
grouped('SELECT a, COUNT(*) FROM t GROUP BY ROLLUP (a)', [
  ['x', '2'],
  ['y', '1'],
  [null, '1'],
  [null, '4'],
]);
grouped(
  `SELECT a, b + 1, MAX(v), CASE WHEN GROUPING(b + 1) = 1 THEN 'all' ELSE 'one' END FROM t
  WHERE a IS NOT NULL GROUP BY CUBE (a, b + 1) HAVING GROUPING(a) = 0`,
  [
    ['x', 2, 10, 'one'],
    ['x', 3, 20, 'one'],
    ['y', 2, 30, 'one'],
    ['x', null, 20, 'all'],
    ['y', null, 30, 'all'],
  ],
);
grouped('SELECT a, b, SUM(v) FROM t WHERE b = 1 GROUP BY a, ROLLUP (b), GROUPING SETS (())', [
  ['x', 1, 10],
  ['y', 1, 30],
  [null, 1, 40],
  ['x', null, 10],
  ['y', null, 30],
  [null, null, 40],
]);
grouped('SELECT a, GROUPING(a), COUNT(DISTINCT b) FROM t GROUP BY a', [
  ['x', '0', '2'],
  ['y', '0', '1'],
  [null, '0', '1'],
]);
grouped('SELECT s, c FROM (SELECT s, COUNT(*) AS c FROM (SELECT a, SUM(v) AS s FROM t GROUP BY a) GROUP BY CUBE (s))', [
  [30, '2'],
  [40, '1'],
  [null, '3'],
]);

tableTest('grouping sets in a window aggregation', {
  ddl: `CREATE TABLE w (ts TIMESTAMP(3), k STRING, v INT, WATERMARK FOR ts AS ts) WITH ('connector' = 'values')`,
  rows: {
    w: [
      ['2024-01-01T00:00:01.000', 'a', 1],
      ['2024-01-01T00:00:02.000', 'b', 2],
      ['2024-01-01T00:00:12.000', 'a', 4],
    ],
  },
  sql: `SELECT window_start, k, SUM(v) FROM TUMBLE(TABLE w, DESCRIPTOR(ts), INTERVAL '10' SECOND)
    GROUP BY window_start, window_end, ROLLUP (k)`,
  expected: [
    ['+I', '2024-01-01T00:00:00.000', 'a', 1],
    ['+I', '2024-01-01T00:00:00.000', 'b', 2],
    ['+I', '2024-01-01T00:00:00.000', null, 3],
    ['+I', '2024-01-01T00:00:10.000', 'a', 4],
    ['+I', '2024-01-01T00:00:10.000', null, 4],
  ],
});
