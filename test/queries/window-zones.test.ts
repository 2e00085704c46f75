import { tableTest } from '../harness/table-test.ts';

const DDL = (zone: string): string => `
SET 'table.local-time-zone' = '${zone}';
CREATE TABLE clicks (
  k STRING, v INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH ('connector' = 'values')`;

const DAILY = `SELECT window_start, window_end, window_time, SUM(v)
  FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY window_start, window_end, window_time`;

tableTest('days of a zone without daylight saving', {
  ddl: DDL('Asia/Kolkata'),
  rows: {
    clicks: [
      ['a', 1, '2024-05-01T18:29:59.999Z'],
      ['a', 2, '2024-05-01T18:30:00Z'], // midnight
      ['a', 3, '2024-05-02T18:29:59Z'],
      ['a', 4, '2024-05-02T18:30:02Z'], // the day before went out
      ['a', 5, '2024-05-02T18:29:58Z'], // late
    ],
  },
  sql: DAILY,
  expected: [
    ['+I', '2024-05-01T00:00:00.000', '2024-05-02T00:00:00.000', '2024-05-01T18:29:59.999Z', 1],
    ['+I', '2024-05-02T00:00:00.000', '2024-05-03T00:00:00.000', '2024-05-02T18:29:59.999Z', 5],
    ['+I', '2024-05-03T00:00:00.000', '2024-05-04T00:00:00.000', '2024-05-03T18:29:59.999Z', 4],
  ],
});

tableTest('hours of New York while the clock is set back and forward', {
  ddl: DDL('America/New_York'),
  rows: {
    clicks: [
      ['a', 1, '2024-03-10T06:59:59Z'], // 1:59:59 EST
      ['a', 2, '2024-03-10T07:00:00Z'], // 3:00 EDT
      ['a', 3, '2024-11-03T04:59:00Z'], // 0:59 EDT
      ['a', 4, '2024-11-03T05:10:00Z'], // 1:10 EDT
      ['a', 5, '2024-11-03T06:05:00Z'], // 1:05 EST: the same hour, once more
      ['a', 6, '2024-11-03T05:30:00Z'], // out of order, in the hour that is still open
      ['a', 7, '2024-11-03T07:00:05Z'], // 2:00 EST
      ['a', 8, '2024-11-03T06:59:59Z'], // late
    ],
  },
  sql: `SELECT window_start, window_end, SUM(v) FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' HOUR))
        GROUP BY window_start, window_end`,
  expected: [
    ['+I', '2024-03-10T01:00:00.000', '2024-03-10T02:00:00.000', 1],
    ['+I', '2024-03-10T03:00:00.000', '2024-03-10T04:00:00.000', 2],
    ['+I', '2024-11-03T00:00:00.000', '2024-11-03T01:00:00.000', 3],
    ['+I', '2024-11-03T01:00:00.000', '2024-11-03T02:00:00.000', 15],
    ['+I', '2024-11-03T02:00:00.000', '2024-11-03T03:00:00.000', 7],
  ],
});

tableTest('sessions, cumulated windows and bare windows on local time', {
  ddl: DDL('Asia/Kolkata'),
  rows: {
    clicks: [
      ['a', 1, '2024-05-01T18:29:50Z'],
      ['a', 2, '2024-05-01T18:30:10Z'],
      ['b', 3, '2024-05-01T18:40:00Z'],
    ],
  },
  sql: `SELECT k, window_start, window_end, s FROM (
          SELECT k, window_start, window_end, SUM(v) AS s
          FROM TABLE(SESSION(TABLE clicks PARTITION BY k, DESCRIPTOR(ts), INTERVAL '30' SECOND)) GROUP BY k, window_start, window_end
          UNION ALL
          SELECT 'cumulate', window_start, window_end, SUM(v)
          FROM TABLE(CUMULATE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '12' HOUR, INTERVAL '1' DAY)) GROUP BY window_start, window_end
          UNION ALL
          SELECT 'bare', window_start, window_end, v FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '1' DAY)) WHERE v = 3
        )`,
  expected: [
    ['+I', 'a', '2024-05-01T23:59:50.000', '2024-05-02T00:00:40.000', 3],
    ['+I', 'b', '2024-05-02T00:10:00.000', '2024-05-02T00:10:30.000', 3],
    ['+I', 'cumulate', '2024-05-01T00:00:00.000', '2024-05-02T00:00:00.000', 1],
    ['+I', 'cumulate', '2024-05-02T00:00:00.000', '2024-05-02T12:00:00.000', 5],
    ['+I', 'cumulate', '2024-05-02T00:00:00.000', '2024-05-03T00:00:00.000', 5],
    ['+I', 'bare', '2024-05-02T00:00:00.000', '2024-05-03T00:00:00.000', 3],
  ],
});
