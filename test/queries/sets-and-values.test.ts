import { tableTest } from '../harness/table-test.ts';

tableTest('SELECT without FROM', {
  ddl: '',
  rows: {},
  sql: `SELECT 1 + 1, 'a' AS name, CAST(NULL AS BIGINT)`,
  expected: [['+I', 2, 'a', null]],
});

tableTest('VALUES', {
  ddl: '',
  rows: {},
  sql: `VALUES (1, 'a', TRUE, 1.50, DATE '2024-02-29'), (CAST(20000000000 AS BIGINT), 'long', NULL, 2, NULL)`,
  expected: [
    ['+I', '1', 'a', true, '1.50', '2024-02-29'],
    ['+I', '20000000000', 'long', null, '2.00', null],
  ],
});

tableTest('VALUES as a table, with computed rows', {
  ddl: '',
  rows: {},
  sql: `SELECT b, SUM(a) FROM (VALUES (1, 'x'), (2 + 3, 'y'), (10, 'x')) AS t(a, b) WHERE a > 0 GROUP BY b`,
  final: true,
  expected: [
    ['x', 11],
    ['y', 5],
  ],
});

tableTest('INSERT VALUES', {
  ddl: `CREATE TABLE f (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature')`,
  rows: {},
  sql: `INSERT INTO f VALUES ('a', 1), ('b', 2), ('a', 3)`,
  expected: [
    ['a', '3'],
    ['b', '2'],
  ],
});

const TWO = `CREATE TABLE l (a INT, b STRING) WITH ('connector' = 'values');
  CREATE TABLE r (a INT, b STRING) WITH ('connector' = 'values')`;
const ROWS = {
  l: [
    [1, 'x'],
    [1, 'x'],
    [2, null],
    [3, 'z'],
    [1, 'x'],
  ],
  r: [
    [1, 'x'],
    [2, null],
    [4, 'w'],
    [1, 'x'],
  ],
} as const;

/** Which row comes first is open, so only what is left is compared. */
function sets(sql: string, expected: readonly (readonly (number | string | null)[])[]): void {
  tableTest(sql, { ddl: TWO, rows: ROWS, sql, final: true, expected });
}

sets('SELECT a, b FROM l INTERSECT SELECT a, b FROM r', [
  [1, 'x'],
  [2, null],
]);
sets('SELECT a, b FROM l INTERSECT ALL SELECT a, b FROM r', [
  [1, 'x'],
  [1, 'x'],
  [2, null],
]);
sets('SELECT a, b FROM l EXCEPT SELECT a, b FROM r', [[3, 'z']]);
sets('SELECT a, b FROM l EXCEPT ALL SELECT a, b FROM r', [
  [1, 'x'],
  [3, 'z'],
]);
sets('SELECT a, b FROM l UNION SELECT a, b FROM r', [
  [1, 'x'],
  [2, null],
  [3, 'z'],
  [4, 'w'],
]);
sets('SELECT a FROM l UNION ALL SELECT a FROM r EXCEPT SELECT a FROM r WHERE a < 4', [[3], [4]]);
sets('SELECT n FROM (SELECT a, COUNT(*) AS n FROM l GROUP BY a) INTERSECT SELECT CAST(a AS BIGINT) FROM r', [['1']]);

tableTest('inputs of which only one is NOT NULL meet at every parallelism', {
  ddl: `CREATE TABLE l (a BIGINT NOT NULL) WITH ('connector' = 'values');
    CREATE TABLE r (a BIGINT) WITH ('connector' = 'values')`,
  rows: {
    l: Array.from({ length: 24 }, (_, i) => [String(i)]),
    r: Array.from({ length: 24 }, (_, i) => [String(i + 12)]),
  },
  sql: 'SELECT a FROM l INTERSECT SELECT a FROM r',
  final: true,
  expected: Array.from({ length: 12 }, (_, i) => [String(i + 12)]),
});

sets('SELECT a FROM l EXCEPT SELECT a FROM r UNION ALL SELECT a FROM r WHERE a > 1', [[2], [3], [4]]);
sets('SELECT a FROM l WHERE a > 2 UNION ALL SELECT a FROM l INTERSECT SELECT a FROM r', [[3], [1], [2]]);

tableTest('EXCEPT, step by step', {
  ddl: TWO.split(';')[0],
  rows: { l: ROWS.l },
  sql: `SELECT n FROM (SELECT a, COUNT(*) AS n FROM l GROUP BY a) EXCEPT VALUES (CAST(2 AS BIGINT))`,
  final: true,
  expected: [['1'], ['3']],
});

tableTest('WITH: several, over one another, the last of one name wins', {
  ddl: TWO,
  rows: ROWS,
  sql: `WITH x AS (SELECT a FROM l), x AS (SELECT a FROM r), y (c) AS (SELECT a + 1 FROM x WHERE a > 1)
    SELECT c FROM y`,
  expected: [
    ['+I', 3],
    ['+I', 5],
  ],
});

tableTest('views over views', {
  ddl: `${TWO}; CREATE VIEW v AS SELECT a, b FROM l WHERE a < 3; CREATE VIEW w (k) AS SELECT a FROM v WHERE b = 'x'`,
  rows: ROWS,
  sql: 'SELECT w.k, COUNT(*) FROM w GROUP BY k',
  final: true,
  expected: [[1, '3']],
});

tableTest('GROUP BY a constant and an expression', {
  ddl: TWO,
  rows: ROWS,
  sql: 'SELECT a * 10, COUNT(*) FROM l GROUP BY 1, a * 10',
  final: true,
  expected: [
    [10, '3'],
    [20, '1'],
    [30, '1'],
  ],
});

// All rows fit, whichever comes first.
sets('SELECT b, COUNT(*) FROM l GROUP BY b LIMIT 100', [
  ['x', '3'],
  [null, '1'],
  ['z', '1'],
]);
sets('SELECT COUNT(*) FROM (SELECT DISTINCT a FROM l LIMIT 2 OFFSET 1)', [['2']]);
sets('SELECT COUNT(*) FROM (SELECT a FROM l INTERSECT SELECT a FROM r LIMIT 1)', [['1']]);
sets('SELECT b, COUNT(*) FROM l GROUP BY b HAVING COUNT(*) = 3 LIMIT 1', [['x', '3']]);
sets('SELECT COUNT(*), MAX(a) FROM l LIMIT 1', [['5', 3]]);
sets('SELECT COUNT(*) FROM l LIMIT 1 OFFSET 1', []);

tableTest('LIMIT over rows that change, by key into a feature table', {
  ddl: `${TWO}; CREATE TABLE f (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'feature')`,
  rows: ROWS,
  sql: "INSERT INTO f SELECT b, n FROM (SELECT b, COUNT(*) AS n FROM l WHERE b <> 'z' GROUP BY b LIMIT 2)",
  expected: [['x', '3']],
});

tableTest('LIMIT takes the first rows that come', {
  ddl: TWO,
  rows: ROWS,
  sql: 'SELECT a, b FROM l LIMIT 2 OFFSET 1',
  expected: [
    ['+I', 1, 'x'],
    ['+I', 2, null],
  ],
});

tableTest('FETCH in a subquery', {
  ddl: TWO,
  rows: ROWS,
  sql: 'SELECT a, COUNT(*) FROM (SELECT a FROM l WHERE a < 3 FETCH FIRST 2 ROWS ONLY) GROUP BY a',
  expected: [
    ['+I', 1, '1'],
    ['-U', 1, '1'],
    ['+U', 1, '2'],
  ],
});

const TIMES = `CREATE TABLE e (ts TIMESTAMP(3), k STRING, v INT, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
  WITH ('connector' = 'values')`;
const at = (second: number): string => `2024-01-01T00:00:${String(second).padStart(2, '0')}.000`;

tableTest('ORDER BY a time attribute sorts, and drops what comes too late', {
  ddl: TIMES,
  rows: {
    e: [
      [at(5), 'b', 1],
      [at(3), 'a', 2],
      [at(5), 'a', null],
      [at(5), 'a', 7],
      [at(10), 'c', 4],
      // The watermark has passed 5 s.
      [at(4), 'late', 5],
      [at(9), 'd', 6],
      [at(20), 'e', 8],
    ],
  },
  sql: 'SELECT LISTAGG(CAST(v AS STRING)), LAST_VALUE(k) FROM (SELECT k, v FROM e ORDER BY ts, k, v DESC NULLS FIRST)',
  final: true,
  expected: [['2,7,1,6,4,8', 'e']],
});

tableTest('PI is the function, `PI` a column', {
  ddl: "CREATE TABLE t (PI INT) WITH ('connector' = 'values')",
  rows: { t: [[3]] },
  sql: 'SELECT `PI`, t.PI, pi > 3.1 AND PI < 3.2 FROM t',
  expected: [['+I', 3, 3, true]],
});
