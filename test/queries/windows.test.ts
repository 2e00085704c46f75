import { tableTest } from '../harness/table-test.ts';

const DDL = `
CREATE TABLE clicks (
  user_id STRING, amount INT, price DOUBLE, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'values')`;

const CLICKS = [
  ['a', 1, 1.5, '00:00:01'],
  ['b', 2, 2.5, '00:00:02'],
  ['a', 3, null, '00:00:09.999'],
  ['a', 4, 0.5, '00:00:10'],
  ['b', null, 4.0, '00:00:08'], // out of order, not late
  ['c', 6, 6.0, '00:00:16'], // watermark 11 s: [0, 10) fires
  ['a', 7, 7.0, '00:00:05'], // late
  [null, 8, 8.0, '00:00:14'],
  ['b', 9, 9.0, '00:00:31'],
] as const;

const ONE_PHASE = "SET 'table.optimizer.agg-phase-strategy' = 'ONE_PHASE';";

for (const [phases, set] of [
  ['', ''],
  [', in one phase', ONE_PHASE],
]) {
  tableTest(`TUMBLE with COUNT SUM AVG MIN MAX${phases}`, {
    ddl: `${set}${DDL}`,
    rows: { clicks: CLICKS },
    sql: `SELECT user_id, window_start, window_end, COUNT(*), COUNT(amount), SUM(amount), AVG(price), MIN(amount), MAX(price)
        FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND))
        GROUP BY user_id, window_start, window_end`,
    expected: [
      ['+I', 'a', '2024-01-01T00:00:00.000', '2024-01-01T00:00:10.000', '2', '2', 4, 1.5, 1, 1.5],
      ['+I', 'b', '2024-01-01T00:00:00.000', '2024-01-01T00:00:10.000', '2', '1', 2, 3.25, 2, 4],
      ['+I', 'a', '2024-01-01T00:00:10.000', '2024-01-01T00:00:20.000', '1', '1', 4, 0.5, 4, 0.5],
      ['+I', 'c', '2024-01-01T00:00:10.000', '2024-01-01T00:00:20.000', '1', '1', 6, 6, 6, 6],
      ['+I', null, '2024-01-01T00:00:10.000', '2024-01-01T00:00:20.000', '1', '1', 8, 8, 8, 8],
      ['+I', 'b', '2024-01-01T00:00:30.000', '2024-01-01T00:00:40.000', '1', '1', 9, 9, 9, 9],
    ],
  });
}

tableTest('TUMBLE without keys, with an offset', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT window_start, SUM(amount)
        FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '2' SECOND))
        GROUP BY window_start, window_end`,
  expected: [
    ['+I', '2023-12-31T23:59:52.000', 1],
    ['+I', '2024-01-01T00:00:02.000', 16],
    ['+I', '2024-01-01T00:00:12.000', 14],
    ['+I', '2024-01-01T00:00:22.000', 9],
  ],
});

tableTest('DISTINCT and FILTER in a window', {
  ddl: DDL,
  rows: {
    clicks: [
      ['a', 1, 1.0, '00:00:01'],
      ['a', 1, 2.0, '00:00:02'],
      ['a', 2, 2.0, '00:00:03'],
      ['b', null, 1.0, '00:00:03'],
    ],
  },
  sql: `SELECT user_id, COUNT(DISTINCT amount), COUNT(*) FILTER (WHERE price > 1.5), SUM(DISTINCT amount)
        FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND))
        GROUP BY user_id, window_start, window_end`,
  expected: [
    ['+I', 'a', '2', '2', 3],
    ['+I', 'b', '0', '0', null],
  ],
});

tableTest('two tables of one scan as features', {
  ddl: `${DDL};
    CREATE TABLE totals (user_id STRING, total BIGINT, PRIMARY KEY (user_id) NOT ENFORCED) WITH ('connector' = 'feature')`,
  rows: { clicks: CLICKS.filter((row) => row[0] !== null) },
  sql: `INSERT INTO totals
        SELECT user_id, SUM(CAST(amount AS BIGINT))
        FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND))
        GROUP BY user_id, window_start, window_end`,
  expected: [
    ['a', '4'],
    ['b', '9'],
    ['c', '6'],
  ],
});

tableTest('a NULL time attribute fails the job', {
  ddl: DDL,
  rows: {
    clicks: [
      ['a', 1, 1.0, '00:00:01'],
      ['a', 1, 1.0, null],
    ],
  },
  sql: `SELECT user_id, COUNT(*) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND))
        GROUP BY user_id, window_start, window_end`,
  expected: [],
  error: 'null-rowtime',
});
