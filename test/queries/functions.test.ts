import { tableTest } from '../harness/table-test.ts';

tableTest('functions of every group over columns with NULLs', {
  ddl: `CREATE TABLE t (id INT, s STRING, x DOUBLE, a ARRAY<INT>, m MAP<STRING, INT>, r ROW<name STRING, n INT>)
        WITH ('connector' = 'values')`,
  rows: {
    t: [
      [1, 'Hello World', 2.5, [1, 2, null], [['k', 7]], ['ann', 5]],
      [2, null, null, null, null, null],
      [3, 'añ,b', -1.25, [], [['k', null]], [null, 6]],
    ],
  },
  sql: `SELECT id, UPPER(s) || '!', SUBSTRING(s, 2, 3), s LIKE '%b', REGEXP_REPLACE(s, '[a-z]', '*'),
               ROUND(x, 1), GREATEST(id, 2), a[2], CARDINALITY(a), m['k'], t.r.name, r.n + 1, ARRAY[id, r.n],
               SPLIT_INDEX(s, ',', 1), MD5(s) IS NULL
        FROM t`,
  expected: [
    ['+I', 1, 'HELLO WORLD!', 'ell', false, 'H**** W****', 2.5, 2, 2, 3, 7, 'ann', 6, [1, 5], null, false],
    ['+I', 2, null, null, null, null, null, 2, null, null, null, null, null, [2, null], null, true],
    ['+I', 3, 'AÑ,B!', 'ñ,b', true, '*ñ,*', -1.3, 3, null, 0, null, null, 7, [3, 6], 'b', false],
  ],
});

tableTest('a function that fails names the row and fails the job', {
  ddl: `CREATE TABLE t (s STRING) WITH ('connector' = 'values')`,
  rows: { t: [['aGk='], ['no base 64!']] },
  sql: 'SELECT FROM_BASE64(s) FROM t',
  expected: [],
  error: 'invalid-argument',
});
