import { tableTest } from '../harness/table-test.ts';

const DDL = `CREATE TABLE t (id INT, a ARRAY<INT>, m MAP<STRING, INT>, r ARRAY<ROW<x INT, y STRING>>)
  WITH ('connector' = 'values')`;
const ROWS = {
  t: [
    [
      1,
      [10, null, 30],
      [
        ['k', 1],
        ['l', 2],
      ],
      [
        [1, 'p'],
        [2, null],
      ],
    ],
    [2, [], [], []],
    [3, null, null, [null]],
  ],
} as const;

function unnested(sql: string, expected: readonly (readonly unknown[])[]): void {
  tableTest(sql, { ddl: DDL, rows: ROWS as never, sql, expected: expected.map((row) => ['+I', ...row]) as never });
}

unnested('SELECT id, e FROM t CROSS JOIN UNNEST(a) AS u (e)', [
  [1, 10],
  [1, null],
  [1, 30],
]);
unnested('SELECT id, u.e FROM t LEFT JOIN UNNEST(a) AS u (e) ON TRUE', [
  [1, 10],
  [1, null],
  [1, 30],
  [2, null],
  [3, null],
]);
unnested('SELECT id, e FROM t LEFT JOIN UNNEST(a) AS u (e) ON e > 10', [
  [1, 30],
  [2, null],
  [3, null],
]);
unnested('SELECT id, e, n FROM t LEFT JOIN UNNEST(a) WITH ORDINALITY AS u (e, n) ON n = id + 1 OR e IS NULL', [
  [1, null, 2],
  [2, null, null],
  [3, null, null],
]);
unnested('SELECT id, x, y FROM t LEFT JOIN UNNEST(r) AS u (x, y) ON id > 1 AND x IS NULL WHERE id > 0', [
  [1, null, null],
  [2, null, null],
  [3, null, null],
]);
unnested('SELECT id, k FROM t LEFT JOIN UNNEST(m) AS u (k, v) ON FALSE', [
  [1, null],
  [2, null],
  [3, null],
]);
unnested('SELECT id, k, v FROM t CROSS JOIN UNNEST(m) AS u (k, v) WHERE v > 1', [[1, 'l', 2]]);
unnested('SELECT t.id, u.* FROM t, UNNEST(r) AS u', [
  [1, 1, 'p'],
  [1, 2, null],
  [3, null, null],
]);
unnested('SELECT id, e, n FROM t CROSS JOIN UNNEST(a) WITH ORDINALITY AS u (e, n)', [
  [1, 10, 1],
  [1, null, 2],
  [1, 30, 3],
]);
unnested('SELECT id, x, v FROM t CROSS JOIN UNNEST(a) AS x CROSS JOIN UNNEST(m) AS u (k, v) WHERE v = 1', [
  [1, 10, 1],
  [1, null, 1],
  [1, 30, 1],
]);

tableTest('a collection that changes is joined anew, with elements that meet the condition', {
  ddl: DDL,
  rows: ROWS as never,
  sql: `SELECT c, x FROM (SELECT COUNT(*) AS c, COLLECT(x) AS s FROM t LEFT JOIN UNNEST(r) AS u (x, y) ON TRUE)
    LEFT JOIN UNNEST(s) AS v (x) ON x < 2 AND c > 3`,
  final: true,
  expected: [['4', 1]],
});

tableTest('a collection that changes is unnested anew', {
  ddl: DDL,
  rows: ROWS as never,
  sql: `SELECT e, n FROM (SELECT COLLECT(y) AS s FROM t CROSS JOIN UNNEST(r) AS u (x, y)) CROSS JOIN
    UNNEST(s) WITH ORDINALITY AS v (e, n)`,
  final: true,
  expected: [['p', 1]],
});
