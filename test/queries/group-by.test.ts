import { tableTest } from '../harness/table-test.ts';

const DDL = `CREATE TABLE t (k STRING, v INT, d DOUBLE) WITH ('connector' = 'values')`;
const ROWS = [
  ['a', 1, 1.0],
  ['b', 5, 2.0],
  ['a', 2, null],
  ['a', null, 3.0],
  ['b', 5, 2.0],
] as const;

tableTest('GROUP BY emits every change', {
  ddl: DDL,
  rows: { t: ROWS },
  sql: 'SELECT k, SUM(v), MAX(d), COUNT(DISTINCT v) FROM t GROUP BY k',
  expected: [
    ['+I', 'a', 1, 1, '1'],
    ['+I', 'b', 5, 2, '1'],
    ['-U', 'a', 1, 1, '1'],
    ['+U', 'a', 3, 1, '2'],
    ['-U', 'a', 3, 1, '2'],
    ['+U', 'a', 3, 3, '2'],
    ['-U', 'b', 5, 2, '1'],
    ['+U', 'b', 10, 2, '1'],
  ],
});

tableTest('a global aggregate', {
  ddl: DDL,
  rows: { t: ROWS.slice(0, 3) },
  sql: 'SELECT COUNT(*), AVG(v) FROM t',
  expected: [
    ['+I', '1', 1],
    ['-U', '1', 1],
    ['+U', '2', 3],
    ['-U', '2', 3],
    ['+U', '3', 2],
  ],
});

tableTest('an aggregate of an aggregate retracts', {
  ddl: DDL,
  rows: {
    t: [
      ['a', 1, 0],
      ['b', 1, 0],
      ['a', 1, 0],
    ],
  },
  sql: 'SELECT s, COUNT(*) FROM (SELECT k, SUM(v) AS s FROM t GROUP BY k) GROUP BY s',
  final: true,
  expected: [
    [1, '1'],
    [2, '1'],
  ],
});

tableTest('HAVING over updates', {
  ddl: DDL,
  rows: { t: ROWS },
  sql: 'SELECT k, SUM(v) FROM t GROUP BY k HAVING SUM(v) < 6',
  expected: [
    ['+I', 'a', 1],
    ['+I', 'b', 5],
    ['-U', 'a', 1],
    ['+U', 'a', 3],
    ['-U', 'b', 5],
  ],
});

tableTest('an updating feature table holds the last value per key', {
  ddl: `${DDL};
    CREATE TABLE f (k STRING, s INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature')`,
  rows: { t: ROWS },
  sql: 'INSERT INTO f SELECT k, SUM(v) FROM t GROUP BY k',
  expected: [
    ['a', 3],
    ['b', 10],
  ],
});
