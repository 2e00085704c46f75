import { tableTest } from '../harness/table-test.ts';

tableTest('filter and project', {
  ddl: `CREATE TABLE t (a INT, b BIGINT, s STRING, d DECIMAL(10, 2), ts TIMESTAMP(6)) WITH ('connector' = 'values')`,
  rows: {
    t: [
      [1, '9223372036854775807', 'x', '1.50', '00:00:01.123456'],
      [null, '2', 'yy', null, null],
      [2147483647, '-5', null, '-0.01', '00:00:02'],
    ],
  },
  sql: `SELECT a + 1, b + 1, CASE WHEN s = 'x' THEN 'is x' ELSE COALESCE(s, 'none') END, d * 2, ts,
               CAST(a AS STRING), a IS NULL
        FROM t WHERE a > 0 OR s = 'yy'`,
  expected: [
    ['+I', 2, '-9223372036854775808', 'is x', '3.00', '2024-01-01T00:00:01.123456', '1', false],
    ['+I', null, '3', 'yy', null, null, null, true],
    ['+I', -2147483648, '-4', 'none', '-0.02', '2024-01-01T00:00:02.000000', '2147483647', false],
  ],
});

tableTest('a row error names the row and fails the job', {
  ddl: `CREATE TABLE t (a INT, b INT) WITH ('connector' = 'values')`,
  rows: {
    t: [
      [4, 2],
      [1, 0],
    ],
  },
  sql: 'SELECT a / b FROM t',
  expected: [],
  error: 'division-by-zero',
});
