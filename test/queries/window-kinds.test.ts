import { tableTest } from '../harness/table-test.ts';

const DDL = `
CREATE TABLE clicks (
  k STRING, v INT, ts TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'values')`;

/** Times of the day 2024-01-01. */
const CLICKS = [
  ['a', 1, '00:00:01'],
  ['b', 2, '00:00:05'], // on a boundary of the slide
  ['a', 3, '00:00:09.999'],
  ['a', 4, '00:00:10'], // ties on a boundary of all windows
  ['b', 4, '00:00:10'],
  ['b', 5, '00:00:08'], // out of order, not late
  ['c', 6, '00:00:16'], // watermark 11 s
  ['a', 7, '00:00:07'], // late for [0, 10), not for [5, 15)
  ['a', 7, '00:00:04'], // late for all windows
  ['b', 8, '00:00:31'],
] as const;

const at = (time: string): string => `2024-01-01T00:00:${time}.000`;

tableTest('HOP: a row counts in every window that holds it, a late one in those that are open', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT k, window_start, window_end, COUNT(*), SUM(v), MAX(v), COUNT(DISTINCT v)
        FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
        GROUP BY k, window_start, window_end`,
  expected: [
    ['+I', 'a', '2023-12-31T23:59:55.000', at('05'), '1', 1, 1, '1'],
    ['+I', 'a', at('00'), at('10'), '2', 4, 3, '2'],
    ['+I', 'b', at('00'), at('10'), '2', 7, 5, '2'],
    ['+I', 'a', at('05'), at('15'), '3', 14, 7, '3'],
    ['+I', 'b', at('05'), at('15'), '3', 11, 5, '3'],
    ['+I', 'a', at('10'), at('20'), '1', 4, 4, '1'],
    ['+I', 'b', at('10'), at('20'), '1', 4, 4, '1'],
    ['+I', 'c', at('10'), at('20'), '1', 6, 6, '1'],
    ['+I', 'c', at('15'), at('25'), '1', 6, 6, '1'],
    ['+I', 'b', at('25'), at('35'), '1', 8, 8, '1'],
    ['+I', 'b', at('30'), at('40'), '1', 8, 8, '1'],
  ],
});

tableTest('CUMULATE: every step from the first row to the end of the window', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT k, window_start, window_end, COUNT(*), SUM(v), COUNT(DISTINCT v)
        FROM TABLE(CUMULATE(DATA => TABLE clicks, TIMECOL => DESCRIPTOR(ts), STEP => INTERVAL '5' SECOND, SIZE => INTERVAL '20' SECOND))
        GROUP BY k, window_start, window_end`,
  expected: [
    ['+I', 'a', at('00'), at('05'), '1', 1, '1'],
    ['+I', 'a', at('00'), at('10'), '2', 4, '2'],
    ['+I', 'b', at('00'), at('10'), '2', 7, '2'],
    ['+I', 'a', at('00'), at('15'), '5', 22, '4'],
    ['+I', 'b', at('00'), at('15'), '3', 11, '3'],
    ['+I', 'a', at('00'), at('20'), '5', 22, '4'],
    ['+I', 'b', at('00'), at('20'), '3', 11, '3'],
    ['+I', 'c', at('00'), at('20'), '1', 6, '1'],
    ['+I', 'b', at('20'), at('35'), '1', 8, '1'],
    ['+I', 'b', at('20'), at('40'), '1', 8, '1'],
  ],
});

tableTest('CUMULATE: the first and the last value of windows that are not put together of panes', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT k, window_end, FIRST_VALUE(v), LAST_VALUE(v)
        FROM TABLE(CUMULATE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND))
        WHERE window_end > TIMESTAMP '2024-01-01 00:00:10'
        GROUP BY k, window_start, window_end`,
  expected: [
    ['+I', 'a', at('15'), 1, 7],
    ['+I', 'b', at('15'), 2, 5],
    ['+I', 'a', at('20'), 1, 7],
    ['+I', 'b', at('20'), 2, 5],
    ['+I', 'c', at('20'), 6, 6],
    ['+I', 'b', at('35'), 8, 8],
    ['+I', 'b', at('40'), 8, 8],
  ],
});

tableTest('HOP with an offset, without keys', {
  ddl: DDL,
  rows: {
    clicks: [
      ['a', 1, '00:00:01'],
      ['b', 2, '00:00:02'],
    ],
  },
  sql: `SELECT window_start, window_end, SUM(v)
        FROM HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND, INTERVAL '20' SECOND, INTERVAL '2' SECOND)
        GROUP BY window_start, window_end`,
  expected: [
    ['+I', '2023-12-31T23:59:42.000', at('02'), 1],
    ['+I', '2023-12-31T23:59:52.000', at('12'), 3],
    ['+I', at('02'), at('22'), 2],
  ],
});

tableTest('window functions by themselves drop nothing', {
  ddl: DDL,
  rows: {
    clicks: [
      ['a', 1, '00:00:01'],
      ['b', 2, '00:00:26'],
      ['c', 3, '00:00:02'],
    ],
  },
  sql: `SELECT k, ts, window_start, window_end, window_time
        FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) WHERE v <> 2`,
  expected: [
    ['+I', 'a', at('01'), at('00'), at('10'), '2024-01-01T00:00:09.999'],
    ['+I', 'a', at('01'), '2023-12-31T23:59:55.000', at('05'), '2024-01-01T00:00:04.999'],
    ['+I', 'c', at('02'), at('00'), at('10'), '2024-01-01T00:00:09.999'],
    ['+I', 'c', at('02'), '2023-12-31T23:59:55.000', at('05'), '2024-01-01T00:00:04.999'],
  ],
});

tableTest('CUMULATE by itself, over a view', {
  ddl: `${DDL}; CREATE VIEW big AS SELECT ts AS t, v * 10 AS w FROM clicks WHERE v > 1`,
  rows: {
    clicks: [
      ['a', 1, '00:00:01'],
      ['b', 2, '00:00:06'],
    ],
  },
  sql: `SELECT w, window_start, window_end
        FROM TABLE(CUMULATE(TABLE big, DESCRIPTOR(t), INTERVAL '5' SECOND, INTERVAL '15' SECOND))`,
  expected: [
    ['+I', 20, at('00'), at('10')],
    ['+I', 20, at('00'), at('15')],
  ],
});

tableTest('grouped by window_start alone: an ordinary aggregate with updates', {
  ddl: DDL,
  rows: {
    clicks: [
      ['a', 1, '00:00:01'],
      ['b', 2, '00:00:02'],
      ['a', 3, '00:00:30'],
      ['a', 4, '00:00:03'],
    ],
  },
  sql: `SELECT window_start, SUM(v)
        FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start`,
  expected: [
    ['+I', at('00'), 1],
    ['-U', at('00'), 1],
    ['+U', at('00'), 3],
    ['+I', at('30'), 3],
    ['-U', at('00'), 3],
    ['+U', at('00'), 7],
  ],
});

tableTest('a cascade: windows over the window_time of smaller ones', {
  ddl: DDL,
  rows: { clicks: CLICKS },
  sql: `SELECT window_start, window_end, SUM(total), COUNT(*) FROM TABLE(HOP(TABLE (
          SELECT k, SUM(v) AS total, window_time AS t
          FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND))
          GROUP BY k, window_start, window_end, window_time
        ), DESCRIPTOR(t), INTERVAL '10' SECOND, INTERVAL '20' SECOND))
        GROUP BY window_start, window_end`,
  expected: [
    ['+I', '2023-12-31T23:59:50.000', at('10'), 11, '3'],
    ['+I', at('00'), at('20'), 25, '6'],
    ['+I', at('10'), at('30'), 14, '3'],
    ['+I', at('20'), at('40'), 8, '1'],
    ['+I', at('30'), at('50'), 8, '1'],
  ],
});

for (const fn of ['HOP', 'CUMULATE']) {
  tableTest(`the windows of ${fn} used again by a second aggregation`, {
    ddl: DDL,
    rows: { clicks: CLICKS.slice(0, 6) },
    sql: `SELECT window_start, window_end, COUNT(*), MAX(total) FROM (
          SELECT k, SUM(v) AS total, window_start, window_end
          FROM TABLE(${fn}(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
          GROUP BY k, window_start, window_end
        ) GROUP BY window_start, window_end`,
    expected: [
      fn === 'HOP' ? ['+I', '2023-12-31T23:59:55.000', at('05'), '1', 1] : ['+I', at('00'), at('05'), '1', 1],
      ['+I', at('00'), at('10'), '2', 7],
      fn === 'HOP' ? ['+I', at('05'), at('15'), '2', 11] : ['+I', at('10'), at('15'), '2', 4],
      ['+I', at('10'), at('20'), '2', 4],
    ],
  });
}

tableTest('an expression over window columns inside the aggregation', {
  ddl: DDL,
  rows: { clicks: CLICKS.slice(0, 6) },
  sql: `SELECT window_start, late, COUNT(*) FROM (
          SELECT window_start, window_end, ts > window_start + INTERVAL '4' SECOND AS late
          FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(ts), INTERVAL '10' SECOND))
        ) GROUP BY window_start, window_end, late`,
  expected: [
    ['+I', at('00'), false, '1'],
    ['+I', at('00'), true, '3'],
    ['+I', at('10'), false, '2'],
  ],
});

tableTest('a window function over the window_time of another one, without an aggregation between them', {
  ddl: DDL,
  rows: { clicks: CLICKS.slice(0, 3) },
  sql: `SELECT k, v, s1, window_start, window_end FROM TABLE(TUMBLE(TABLE (
          SELECT k, v, window_start AS s1, window_time AS t
          FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
        ), DESCRIPTOR(t), INTERVAL '10' SECOND))`,
  expected: [
    ['+I', 'a', 1, '2023-12-31T23:59:55.000', at('00'), at('10')],
    ['+I', 'a', 1, at('00'), at('00'), at('10')],
    ['+I', 'b', 2, at('00'), at('00'), at('10')],
    ['+I', 'b', 2, at('05'), at('10'), at('20')],
    ['+I', 'a', 3, at('00'), at('00'), at('10')],
    ['+I', 'a', 3, at('05'), at('10'), at('20')],
  ],
});

tableTest('groups of a window without aggregates; times before 1970', {
  ddl: DDL,
  rows: {
    clicks: [
      ['a', 1, '1969-12-31T23:59:59.999'],
      ['a', 2, '1969-12-31T23:59:50'], // late for [45, 55)
      [null, 2, '1970-01-01T00:00:00'],
      ['a', 3, '1969-12-31T23:59:55'],
    ],
  },
  sql: `SELECT k, window_start FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND))
        GROUP BY k, window_start, window_end`,
  expected: [
    ['+I', 'a', '1969-12-31T23:59:50.000'],
    ['+I', 'a', '1969-12-31T23:59:55.000'],
    ['+I', null, '1969-12-31T23:59:55.000'],
    ['+I', null, '1970-01-01T00:00:00.000'],
  ],
});
