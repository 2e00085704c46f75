import type { JsonValue } from '../harness/json-values.ts';
import { tableTest } from '../harness/table-test.ts';

const ALL = `CREATE TABLE t (
  bo BOOLEAN, ti TINYINT, si SMALLINT, i INT, bi BIGINT, f FLOAT, d DOUBLE, dc DECIMAL(10, 2), dl DECIMAL(38, 4),
  c CHAR(3), vc VARCHAR(5), s STRING, b BINARY(2), vb VARBINARY(4), bs BYTES, dt DATE, tm TIME(3),
  ts TIMESTAMP(3), ts9 TIMESTAMP(9), lt TIMESTAMP_LTZ(3), lt6 TIMESTAMP_LTZ(6),
  ar ARRAY<INT>, mp MAP<STRING, INT>, ms MULTISET<STRING>, ro ROW<a INT, b STRING>
) WITH ('connector' = 'values');`;
const GIVEN: readonly JsonValue[] = [
  ...[true, 1, 2, 3, '4', 1.5, 2.5, '1.25', '12345678901234567890.1234', 'abc', 'ab', 's', '0102', '03', ''],
  ...[
    '2024-02-29',
    '12:34:56.789',
    '2024-01-01 00:00:00.123',
    '1969-12-31 23:59:59.123456789',
    '2024-01-01 00:00:00.123',
  ],
  ...['2024-01-01 00:00:00.123456', [1, null], [['a', 1]], [['x', 2]], [1, 'b']],
];
const SHOWN: readonly JsonValue[] = [
  ...[true, 1, 2, 3, '4', 1.5, 2.5, '1.25', '12345678901234567890.1234', 'abc', 'ab', 's', '0102', '03', ''],
  ...['2024-02-29', '12:34:56.789', '2024-01-01T00:00:00.123', '1969-12-31T23:59:59.123456789'],
  ...['2024-01-01T00:00:00.123Z', '2024-01-01T00:00:00.123456Z', [1, null], [['a', 1]], [['x', 2]], [1, 'b']],
];
const NOTHING: readonly JsonValue[] = GIVEN.map(() => null);
const KEYS = 'bo, ti, si, i, bi, f, d, dc, dl, c, vc, s, b, vb, bs, dt, tm, ts, ts9, lt, lt6, ar, ro';
/** A MAP and a MULTISET are no group keys. */
const isKey = (_value: JsonValue, column: number): boolean => column !== 22 && column !== 23;

tableTest('values of every type pass', {
  ddl: ALL,
  rows: { t: [GIVEN, NOTHING] },
  sql: 'SELECT * FROM t',
  expected: [
    ['+I', ...SHOWN],
    ['+I', ...NOTHING],
  ],
});

tableTest('values of every type but MAP and MULTISET are group keys', {
  ddl: ALL,
  rows: { t: [GIVEN, NOTHING, GIVEN, NOTHING] },
  sql: `SELECT ${KEYS}, COUNT(*) FROM t GROUP BY ${KEYS}`,
  final: true,
  expected: [
    [...SHOWN.filter(isKey), '2'],
    [...NOTHING.filter(isKey), '2'],
  ],
});

tableTest('arrays, maps and rows are compared by what they hold', {
  ddl: ALL,
  rows: { t: [GIVEN, NOTHING] },
  sql: `SELECT ar = ARRAY[1, 2], ar = ARRAY[1, CAST(NULL AS INT)], mp = MAP['a', 1], mp <> MAP['a', 2], ms = ms, ro = ROW(1, 'b'),
    ar IS DISTINCT FROM ar, ro IN (ROW(2, 'b'), ROW(1, 'b')), NULLIF(ar, ar), CASE WHEN ro <> ro THEN 1 ELSE 2 END FROM t`,
  expected: [
    ['+I', false, true, true, true, true, true, false, true, null, 2],
    ['+I', null, null, null, null, null, null, false, null, null, 2],
  ],
});

tableTest("instants are shown, cut and compared on the wall clock of the session's zone", {
  ddl: `SET 'table.local-time-zone' = 'America/New_York';
    CREATE TABLE t (i INT, lt TIMESTAMP_LTZ(3)) WITH ('connector' = 'values');`,
  rows: {
    t: [
      [1, '2024-03-10 06:59:59.999'],
      [2, '2024-03-10 07:00:00'],
      [3, '2024-11-03 05:30:00'],
      [4, '2024-11-03 06:30:00'],
      [5, null],
    ],
  },
  sql: `SELECT i, CAST(lt AS STRING), CAST(lt AS DATE), CAST(lt AS TIMESTAMP(3)), FLOOR(lt TO DAY), HOUR(lt), DATE_FORMAT(lt, 'HH:mm'),
    lt = TIMESTAMP '2024-11-03 01:30:00', lt > CAST('2024-03-10 03:00:00' AS TIMESTAMP_LTZ(3)) FROM t WHERE lt IS NULL OR MONTH(lt) > 2`,
  expected: [
    [
      '+I',
      1,
      '2024-03-10 01:59:59.999',
      '2024-03-10',
      '2024-03-10T01:59:59.999',
      '2024-03-10T05:00:00.000Z',
      '1',
      '01:59',
      false,
      false,
    ],
    [
      '+I',
      2,
      '2024-03-10 03:00:00.000',
      '2024-03-10',
      '2024-03-10T03:00:00.000',
      '2024-03-10T05:00:00.000Z',
      '3',
      '03:00',
      false,
      false,
    ],
    [
      '+I',
      3,
      '2024-11-03 01:30:00.000',
      '2024-11-03',
      '2024-11-03T01:30:00.000',
      '2024-11-03T04:00:00.000Z',
      '1',
      '01:30',
      true,
      true,
    ],
    [
      '+I',
      4,
      '2024-11-03 01:30:00.000',
      '2024-11-03',
      '2024-11-03T01:30:00.000',
      '2024-11-03T04:00:00.000Z',
      '1',
      '01:30',
      false,
      true,
    ],
    ['+I', 5, null, null, null, null, null, null, null, null],
  ],
});

tableTest('CURRENT_WATERMARK is what the rows before made', {
  ddl: `CREATE TABLE t (i INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ('connector' = 'values');`,
  rows: {
    t: [
      [1, '12:00:01'],
      [2, '12:00:03'],
      [3, '12:00:01.500'],
      [4, '12:00:02.500'],
    ],
  },
  sql: 'SELECT i FROM t WHERE ts <= CURRENT_WATERMARK(ts)',
  expected: [['+I', 3]],
});

tableTest('the clock is read', {
  ddl: `CREATE TABLE t (i INT) WITH ('connector' = 'values');`,
  rows: { t: [[1], [2]] },
  sql: `SELECT i FROM t WHERE NOW() > TIMESTAMP '2020-01-01 00:00:00' AND CURRENT_DATE = CAST(CURRENT_TIMESTAMP AS DATE)
    AND UNIX_TIMESTAMP() > 1577836800 AND LOCALTIME <= TIME '23:59:59'`,
  expected: [
    ['+I', 1],
    ['+I', 2],
  ],
});
