import { tableTest } from '../harness/table-test.ts';

const DDL = `
CREATE TABLE clicks (
  k STRING, v INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'values')`;
const SESSION = `TABLE(SESSION(TABLE clicks PARTITION BY k, DESCRIPTOR(ts), INTERVAL '10' SECOND))`;

/** Times of the day 2024-01-01. */
const CLICKS = [
  ['a', 1, '00:00:01'],
  ['b', 2, '00:00:02'],
  ['a', 3, '00:00:11'], // exactly the gap: one session
  ['b', 4, '00:00:12.001'], // 1 ms more: another
  ['b', 2, '00:00:13'],
  ['a', 5, '00:00:30'],
  ['a', 5, '00:00:21'], // joins [1, 21) and [30, 40); watermark 25 s, so [1, 21) went out: joins [30, 40) only
  ['b', 7, '00:00:01'], // late
  ['b', 8, '00:00:17'], // its own session would be open; joins [12.001, 23)? that went out at 22.999
  ['a', 9, '00:01:00'],
  [null, 9, '00:00:57'],
] as const;

const at = (time: string): string => `2024-01-01T00:00:${time}`;

tableTest('SESSION: windows that touch are one; a row is late when its merged window is', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT k, window_start, window_end, window_time, COUNT(*), SUM(v), COUNT(DISTINCT v)
        FROM ${SESSION} GROUP BY k, window_start, window_end, window_time`,
  expected: [
    ['+I', 'a', at('01.000'), at('21.000'), at('20.999'), '2', 4, '2'],
    ['+I', 'b', at('02.000'), at('12.000'), at('11.999'), '1', 2, '1'],
    ['+I', 'b', at('12.001'), at('23.000'), at('22.999'), '2', 6, '2'],
    ['+I', 'a', at('21.000'), at('40.000'), at('39.999'), '2', 10, '1'],
    ['+I', 'b', at('17.000'), at('27.000'), at('26.999'), '1', 8, '1'],
    ['+I', 'a', '2024-01-01T00:01:00.000', '2024-01-01T00:01:10.000', '2024-01-01T00:01:09.999', '1', 9, '1'],
    ['+I', null, at('57.000'), '2024-01-01T00:01:07.000', '2024-01-01T00:01:06.999', '1', 9, '1'],
  ],
});

tableTest('two sessions become one, with all that they have', {
  ddl: DDL.replace("INTERVAL '5'", "INTERVAL '60'"),
  rows: {
    clicks: [
      ['a', 1, '00:00:01'],
      ['a', 2, '00:00:20'],
      ['b', 7, '00:00:20'],
      ['a', 1, '00:00:21'],
      ['a', 3, '00:00:40'],
      ['a', 2, '00:00:10'],
      ['a', 1, '00:00:31'],
      ['b', 7, '00:00:31'],
    ],
  },
  sql: `SELECT k, window_start, window_end, COUNT(*), SUM(v), MAX(v), COUNT(DISTINCT v), SUM(DISTINCT v)
        FROM ${SESSION} GROUP BY window_end, k, window_start`,
  expected: [
    ['+I', 'a', at('01.000'), at('50.000'), '6', 10, 3, '3', 6],
    ['+I', 'b', at('20.000'), at('30.000'), '1', 7, 7, '1', 7],
    ['+I', 'b', at('31.000'), at('41.000'), '1', 7, 7, '1', 7],
  ],
});

tableTest('SESSION by itself: rows go out when their session closes', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT k, v, ts, window_start, window_end FROM ${SESSION} WHERE v < 6`,
  expected: [
    ['+I', 'a', 1, at('01.000'), at('01.000'), at('21.000')],
    ['+I', 'a', 3, at('11.000'), at('01.000'), at('21.000')],
    ['+I', 'b', 2, at('02.000'), at('02.000'), at('12.000')],
    ['+I', 'b', 4, at('12.001'), at('12.001'), at('23.000')],
    ['+I', 'b', 2, at('13.000'), at('12.001'), at('23.000')],
    ['+I', 'a', 5, at('21.000'), at('21.000'), at('40.000')],
    ['+I', 'a', 5, at('30.000'), at('21.000'), at('40.000')],
  ],
});

tableTest('sessions of one key, aggregated by another', {
  ddl: DDL,
  rows: { clicks: CLICKS.slice(0, 6) },
  sql: `SELECT v, window_start, window_end, COUNT(*) FROM ${SESSION} GROUP BY v, window_start, window_end`,
  expected: [
    ['+I', 1, at('01.000'), at('21.000'), '1'],
    ['+I', 3, at('01.000'), at('21.000'), '1'],
    ['+I', 2, at('02.000'), at('12.000'), '1'],
    ['+I', 4, at('12.001'), at('23.000'), '1'],
    ['+I', 2, at('12.001'), at('23.000'), '1'],
    ['+I', 5, at('30.000'), at('40.000'), '1'],
  ],
});

tableTest('SESSION without PARTITION BY, and sessions over the windows of an aggregation', {
  ddl: DDL,
  rows: { clicks: CLICKS.slice(0, 6) },
  sql: `SELECT window_start, window_end, SUM(c), COUNT(*) FROM TABLE(SESSION(TABLE (
          SELECT k, COUNT(*) AS c, window_time AS t
          FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND))
          GROUP BY k, window_start, window_end, window_time
        ), DESCRIPTOR(t), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`,
  expected: [
    ['+I', at('04.999'), at('24.999'), '5', '4'],
    ['+I', at('34.999'), at('44.999'), '1', '1'],
  ],
});

tableTest('with a watermark that does not lag, ties and touching rows', {
  ddl: DDL.replace("ts - INTERVAL '5' SECOND", 'ts'),
  rows: {
    clicks: [
      ['a', 1, '00:00:01'],
      ['a', 2, '00:00:11'], // touches: the watermark was 1 s
      ['b', 3, '00:00:20.999'],
      ['a', 4, '00:00:21'], // the session [1, 21) went out with the row before
      ['a', 5, '00:00:21'],
      ['b', 6, '00:00:11'], // joins the session of 20.999
      ['b', 6, '00:00:01'], // joins it too
      ['c', 6, '00:00:11'], // late
    ],
  },
  sql: `SELECT k, window_start, window_end, SUM(v) FROM ${SESSION} GROUP BY k, window_start, window_end`,
  expected: [
    ['+I', 'a', at('01.000'), at('21.000'), 3],
    ['+I', 'a', at('21.000'), at('31.000'), 9],
    ['+I', 'b', at('01.000'), at('30.999'), 15],
  ],
});

tableTest('a session over the windows of an aggregation closes 1 ms before a window that would touch it', {
  ddl: DDL.replace("ts - INTERVAL '5' SECOND", 'ts'),
  rows: {
    clicks: [
      ['a', 1, '00:00:01'], // goes out at 4.999 s, as a session that closes at 9.998 s
      ['a', 2, '00:00:06'],
      ['a', 3, '00:00:09.998'],
      ['a', 4, '00:00:20'], // now [5, 10) goes out, at 9.999 s
    ],
  },
  sql: `SELECT window_start, window_end, SUM(c) FROM TABLE(SESSION(TABLE (
          SELECT k, COUNT(*) AS c, window_time AS t
          FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND))
          GROUP BY k, window_start, window_end, window_time
        ), DESCRIPTOR(t), INTERVAL '5' SECOND)) GROUP BY window_start, window_end`,
  expected: [
    ['+I', at('04.999'), at('09.999'), '1'],
    ['+I', at('09.999'), at('14.999'), '2'],
    ['+I', at('24.999'), at('29.999'), '1'],
  ],
});
