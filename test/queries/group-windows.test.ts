import { tableTest } from '../harness/table-test.ts';

const DDL = `
CREATE TABLE clicks (
  k STRING, v INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'values')`;

/** Times of the day 2024-01-01. */
const CLICKS = [
  ['a', 1, '00:00:01'],
  ['b', 2, '00:00:05'],
  ['a', 3, '00:00:10'],
  ['b', 4, '00:00:16'], // watermark 11 s
  ['a', 5, '00:00:07'],
  ['a', 6, '00:00:31'],
] as const;

const at = (time: string): string => `2024-01-01T00:00:${time}`;

tableTest('GROUP BY TUMBLE', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT k, TUMBLE_START(ts, INTERVAL '10' SECOND), TUMBLE_END(ts, INTERVAL '10' SECOND) AS e,
          TUMBLE_ROWTIME(ts, INTERVAL '10' SECOND), SUM(v) + 1, COUNT(*)
        FROM clicks GROUP BY TUMBLE(ts, INTERVAL '10' SECOND), k HAVING COUNT(*) < 5`,
  expected: [
    ['+I', 'a', at('00.000'), at('10.000'), at('09.999'), 2, '1'],
    ['+I', 'b', at('00.000'), at('10.000'), at('09.999'), 3, '1'],
    ['+I', 'a', at('10.000'), at('20.000'), at('19.999'), 4, '1'],
    ['+I', 'b', at('10.000'), at('20.000'), at('19.999'), 5, '1'],
    ['+I', 'a', at('30.000'), at('40.000'), at('39.999'), 7, '1'],
  ],
});

tableTest('GROUP BY HOP whose size is no multiple of its slide', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT HOP_START(ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND), HOP_END(ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND), SUM(v)
        FROM clicks WHERE ts < TIMESTAMP '2024-01-01 00:00:15'
        GROUP BY HOP(ts, INTERVAL '4' SECOND, INTERVAL '10' SECOND)`,
  expected: [
    ['+I', '2023-12-31T23:59:52.000', at('02.000'), 1],
    ['+I', '2023-12-31T23:59:56.000', at('06.000'), 3],
    ['+I', at('00.000'), at('10.000'), 3],
    ['+I', at('04.000'), at('14.000'), 10],
    ['+I', at('08.000'), at('18.000'), 3],
  ],
});

tableTest('GROUP BY HOP with a slide above its size: rows between the windows are in none', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT HOP_START(ts, INTERVAL '10' SECOND, INTERVAL '6' SECOND) AS s, SUM(v)
        FROM clicks GROUP BY HOP(ts, INTERVAL '10' SECOND, INTERVAL '6' SECOND)`,
  expected: [
    ['+I', at('00.000'), 3],
    ['+I', at('10.000'), 3],
    ['+I', at('30.000'), 6],
  ],
});

tableTest('GROUP BY SESSION: by all the other keys', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT v > 3 AS big, k, SESSION_START(ts, INTERVAL '9' SECOND), SESSION_END(ts, INTERVAL '9' SECOND), COUNT(*)
        FROM clicks GROUP BY v > 3, SESSION(ts, INTERVAL '9' SECOND), k`,
  expected: [
    ['+I', false, 'a', at('01.000'), at('19.000'), '2'],
    ['+I', false, 'b', at('05.000'), at('14.000'), '1'],
    ['+I', true, 'b', at('16.000'), at('25.000'), '1'],
    ['+I', true, 'a', at('07.000'), at('16.000'), '1'],
    ['+I', true, 'a', at('31.000'), at('40.000'), '1'],
  ],
});

tableTest('a cascade over TUMBLE_ROWTIME', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT TUMBLE_START(t, INTERVAL '20' SECOND), SUM(s) FROM (
          SELECT TUMBLE_ROWTIME(ts, INTERVAL '5' SECOND) AS t, SUM(v) AS s
          FROM clicks GROUP BY TUMBLE(ts, INTERVAL '5' SECOND)
        ) GROUP BY TUMBLE(t, INTERVAL '20' SECOND)`,
  expected: [
    ['+I', at('00.000'), 10],
    ['+I', at('20.000'), 6],
  ],
});
