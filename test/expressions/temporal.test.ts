import { describe, expect, test } from 'vitest';
import { makeBatch } from '../../src/data/batch.ts';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { readValue } from '../../src/data/read.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { compileCalc, needsContext, NO_CONTEXT } from '../../src/expressions/index.ts';
import { bound, columnValue } from './sql-value.ts';

function value(sql: string, zone = 'UTC'): unknown {
  const expr = bound(sql);
  const batch = compileCalc(undefined, [expr], { ...NO_CONTEXT, zone }).run(makeBatch([], 1));
  if (batch === undefined) throw new Error('no row');
  return short(formatChangelogValue(expr.type, readValue(expr.type, batch.columns[0], 0)));
}

/** Time stamps without the zeros at their end. */
function short(shown: unknown): unknown {
  return typeof shown === 'string' ? shown.replace(/(T\d\d:\d\d:\d\d(?:\.\d*?[1-9])?)\.?0*(Z?)$/, '$1$2') : shown;
}

function table(name: string, rows: readonly (readonly [sql: string, expected: unknown])[], zone = 'UTC'): void {
  describe(name, () => {
    test.each(rows)('%s is %s', (sql, expected) => {
      expect(value(sql, zone)).toEqual(expected);
      const inUtc = zone === 'UTC' && !/EXTRACT|FLOOR|CEIL|TIMESTAMP(ADD|DIFF)/.test(sql);
      if (inUtc) expect(short(columnValue(bound(sql)))).toEqual(expected);
    });
  });
}

const TS = "TIMESTAMP '2024-02-29 12:34:56.123456789'";
table('text beside times', [
  ["DATE '2024-02-29' = CAST('2024-2-29' AS STRING)", true],
  ["DATE '2024-02-29' = CAST('no date' AS STRING)", null],
  ["TIMESTAMP '2024-02-29 00:00:00' <> CAST('12' AS STRING)", null],
  ["TIMESTAMP '2024-02-29 00:00:00' >= '2024-02-28 23:59:59'", true],
  ['ROW(1, CAST(NULL AS INT)) = ROW(1, 2)', null],
  ['ROW(1, CAST(NULL AS INT)) <> ROW(2, 2)', true],
]);
table('EXTRACT', [
  [`EXTRACT(MILLENNIUM FROM ${TS})`, '3'],
  ["EXTRACT(MILLENNIUM FROM DATE '2000-12-31')", '2'],
  [`EXTRACT(CENTURY FROM ${TS})`, '21'],
  ["EXTRACT(CENTURY FROM DATE '2000-12-31')", '20'],
  [`EXTRACT(DECADE FROM ${TS})`, '202'],
  [`EXTRACT(ISOYEAR FROM DATE '2021-01-03')`, '2020'],
  [`EXTRACT(ISOYEAR FROM DATE '2024-12-30')`, '2025'],
  [`EXTRACT(WEEK FROM DATE '2024-12-29')`, '52'],
  [`EXTRACT(DOY FROM DATE '2023-12-31')`, '365'],
  [`EXTRACT(ISODOW FROM DATE '2024-03-03')`, '7'],
  [`EXTRACT(HOUR FROM ${TS})`, '12'],
  [`EXTRACT(MILLISECOND FROM ${TS})`, '123'],
  [`EXTRACT(NANOSECOND FROM ${TS})`, '123456789'],
  [`EXTRACT(EPOCH FROM ${TS})`, '1709210096'],
  ["EXTRACT(EPOCH FROM TIMESTAMP '1969-12-31 23:59:59.5')", '-1'],
  ["EXTRACT(HOUR FROM DATE '2024-02-29')", '0'],
  ["EXTRACT(MINUTE FROM DATE '2024-02-29')", '0'],
  ["EXTRACT(MILLISECOND FROM TIMESTAMP '1969-12-31 23:59:59.999')", '999'],
  ["EXTRACT(HOUR FROM TIMESTAMP '1969-12-31 19:00:00')", '19'],
  ["EXTRACT(YEAR FROM DATE '0000-03-01')", '0'],
  ["EXTRACT(DAY FROM DATE '1900-02-28')", '28'],
  ['EXTRACT(YEAR FROM CAST(NULL AS DATE))', null],
]);
table('FLOOR', [
  [`FLOOR(${TS} TO MILLENNIUM)`, '2001-01-01T00:00:00'],
  [`FLOOR(${TS} TO CENTURY)`, '2001-01-01T00:00:00'],
  [`FLOOR(${TS} TO DECADE)`, '2020-01-01T00:00:00'],
  [`FLOOR(${TS} TO YEAR)`, '2024-01-01T00:00:00'],
  [`FLOOR(${TS} TO QUARTER)`, '2024-01-01T00:00:00'],
  [`FLOOR(${TS} TO MONTH)`, '2024-02-01T00:00:00'],
  [`FLOOR(${TS} TO WEEK)`, '2024-02-25T00:00:00'],
  [`FLOOR(${TS} TO DAY)`, '2024-02-29T00:00:00'],
  [`FLOOR(${TS} TO MINUTE)`, '2024-02-29T12:34:00'],
  [`FLOOR(${TS} TO SECOND)`, '2024-02-29T12:34:56'],
  [`FLOOR(${TS} TO MILLISECOND)`, '2024-02-29T12:34:56.123'],
  ["FLOOR(TIMESTAMP '1969-12-31 23:59:59.9' TO YEAR)", '1969-01-01T00:00:00'],
  ["FLOOR(TIMESTAMP '1969-12-31 23:59:59.9' TO DAY)", '1969-12-31T00:00:00'],
  ["FLOOR(DATE '0001-01-01' TO DAY)", '0001-01-01'],
  ["FLOOR(DATE '2024-02-29' TO HOUR)", '2024-02-29'],
  ["FLOOR(TIME '12:34:56' TO HOUR)", '12:00:00'],
]);
table('CEIL', [
  [`CEIL(${TS} TO YEAR)`, '2025-01-01T00:00:00'],
  [`CEIL(${TS} TO QUARTER)`, '2024-04-01T00:00:00'],
  [`CEIL(${TS} TO WEEK)`, '2024-03-03T00:00:00'],
  [`CEIL(${TS} TO DAY)`, '2024-03-01T00:00:00'],
  [`CEIL(${TS} TO MILLISECOND)`, '2024-02-29T12:34:56.124'],
  ["CEIL(DATE '2024-02-29' TO DAY)", '2024-02-29'],
  ["CEIL(DATE '2024-12-31' TO MONTH)", '2025-01-01'],
  ["CEIL(TIMESTAMP '1969-12-31 23:59:59.9' TO SECOND)", '1970-01-01T00:00:00'],
  ["CEIL(TIME '23:34:56' TO HOUR)", '00:00:00'],
]);
table('intervals', [
  ["TIMESTAMP '2024-01-31 00:00:00' + INTERVAL '1' MONTH", '2024-02-29T00:00:00'],
  ["TIMESTAMP '2024-03-31 01:02:03' - INTERVAL '1-1' YEAR TO MONTH", '2023-02-28T01:02:03'],
  ["INTERVAL '1' DAY + DATE '2024-02-28'", '2024-02-29'],
  ["DATE '2024-02-29' + INTERVAL '36' HOUR", '2024-03-01'],
  ["DATE '2024-02-29' + INTERVAL '1' YEAR", '2025-02-28'],
  ["TIME '23:30:00' + INTERVAL '1' HOUR", '00:30:00'],
  ["CAST(INTERVAL '1' DAY + INTERVAL '2' HOUR AS STRING)", '+1 02:00:00.000'],
  ["CAST(INTERVAL '1' DAY - INTERVAL '1:30' HOUR TO MINUTE AS STRING)", '+0 22:30:00.000'],
  ["CAST(INTERVAL '2' MONTH * 7 AS STRING)", '+1-02'],
  ["CAST(3 * INTERVAL '10' SECOND AS STRING)", '+0 00:00:30.000'],
  ["CAST(INTERVAL '10' SECOND / 4 AS STRING)", '+0 00:00:02.500'],
  ["CAST(-(INTERVAL '1' DAY + INTERVAL '1' SECOND) AS STRING)", '-1 00:00:01.000'],
  ["INTERVAL '1' DAY > INTERVAL '23' HOUR", true],
  ["CAST((TIMESTAMP '2024-03-01 00:00:00' - TIMESTAMP '2024-02-29 12:00:00') HOUR AS STRING)", '+0 12:00:00.000'],
  ["TIMESTAMP '2024-03-01 00:00:00' + (DATE '2024-03-01' - DATE '2024-02-01') DAY", '2024-03-30T00:00:00'],
]);
table('TIMESTAMPADD and TIMESTAMPDIFF', [
  ["TIMESTAMPADD(QUARTER, 1, TIMESTAMP '2023-11-30 10:00:00')", '2024-02-29T10:00:00'],
  ["TIMESTAMPADD(WEEK, -1, DATE '2024-03-07')", '2024-02-29'],
  ["TIMESTAMPADD(HOUR, 25, DATE '2024-02-29')", '2024-03-01T01:00:00'],
  ["TIMESTAMPDIFF(WEEK, TIMESTAMP '2018-05-03 11:11:11', TIMESTAMP '2018-07-03 11:12:12')", 8],
  ["TIMESTAMPDIFF(HOUR, DATE '2016-06-15', DATE '2016-06-12')", -72],
  ["TIMESTAMPDIFF(YEAR, DATE '2020-02-29', DATE '2021-02-28')", 1],
  ["TIMESTAMPDIFF(SECOND, DATE '1900-01-01', DATE '2024-01-01')", 3913056000 | 0],
  ["TIMESTAMPDIFF(DAY, DATE '2024-01-01', TIMESTAMP '2024-01-02 23:00:00')", 1],
]);

table('DATE_FORMAT', [
  [`DATE_FORMAT(${TS}, 'yyyy-MM-dd''T''HH:mm:ss.SSSSSS')`, '2024-02-29T12:34:56.123456'],
  [`DATE_FORMAT(${TS}, 'yy.M.d H:m:s')`, '24.2.29 12:34:56'],
  [`DATE_FORMAT(${TS}, 'MMM MMMM E EEEE')`, 'Feb February Thu Thursday'],
  [`DATE_FORMAT(${TS}, 'DDD Q a hh kk')`, '060 1 PM 12 12'],
  ["DATE_FORMAT(TIMESTAMP '2024-12-29 00:00:00', 'YYYY w')", '2025 1'],
  ["DATE_FORMAT(TIMESTAMP '1969-12-31 23:59:59.999', 'yyyy-MM-dd HH:mm:ss.SSS')", '1969-12-31 23:59:59.999'],
  ["DATE_FORMAT('2024-02-29 12:34:56', 'dd/MM/yyyy')", '29/02/2024'],
  ["DATE_FORMAT('bad', 'dd/MM/yyyy')", null],
]);
table('reading text', [
  ["TO_TIMESTAMP('2024-02-30 00:00:00')", '2024-02-29T00:00:00'],
  ["TO_TIMESTAMP('2024-02-32 00:00:00')", null],
  ["TO_TIMESTAMP('2024-1-5 1:2:3')", '2024-01-05T01:02:03'],
  ["TO_TIMESTAMP('2024-02-29')", '2024-02-29T00:00:00'],
  ["TO_TIMESTAMP('2017-09-15 00:00:00.12345', 'yyyy-MM-dd HH:mm:ss.SSS')", '2017-09-15T00:00:00.123'],
  ["TO_TIMESTAMP('20240229123456', 'yyyyMMddHHmmss')", '2024-02-29T12:34:56'],
  ["TO_TIMESTAMP('Feb 29 2024 01 PM', 'MMM dd yyyy hh a')", '2024-02-29T13:00:00'],
  ["TO_TIMESTAMP('nonsense', 'yyyy')", null],
  ["TO_DATE('2024-13-01', 'yyyy-MM-dd')", '2025-01-01'],
  ["TO_DATE('20240229', 'yyyyMMdd')", '2024-02-29'],
  ["TO_DATE('202402', 'yyyyMMdd')", null],
  ["TO_DATE('2024-02-29', 'yyyyMMdd')", '2023-12-02'],
  ["TO_DATE('24-02-29', 'yyyy-MM-dd')", '0024-02-29'],
  ["TO_DATE('24-02-29', 'yy-MM-dd')", '2024-02-29'],
  ["TO_DATE('2024-02-29 and more', 'yyyy-MM-dd')", '2024-02-29'],
  ["TO_DATE('x', 'yyyy-MM-dd')", null],
  ['TO_TIMESTAMP_LTZ(-1, 3)', '1969-12-31T23:59:59.999Z'],
  ['TO_TIMESTAMP_LTZ(CAST(1.5 AS DECIMAL(3, 1)), 0)', '1970-01-01T00:00:01Z'],
  ['TO_TIMESTAMP_LTZ(253402300800, 0)', null],
  ["TO_TIMESTAMP_LTZ('2024-02-29 12:34:56')", '2024-02-29T12:34:56Z'],
  ["CONVERT_TZ('2024-11-03 01:30:00', 'America/New_York', 'UTC')", '2024-11-03 06:30:00'],
  ["CONVERT_TZ('2024-03-10 02:30:00', 'America/New_York', 'UTC')", '2024-03-10 07:30:00'],
  ["CONVERT_TZ('2024-07-01 00:00:00', 'PST', 'Nowhere')", '2024-07-01 07:00:00'],
  ["CONVERT_TZ('bad', 'UTC', 'UTC')", null],
]);
table(
  'text in New York',
  [
    ['FROM_UNIXTIME(1709210096)', '2024-02-29 07:34:56'],
    ["UNIX_TIMESTAMP('2024-02-29 07:34:56')", '1709210096'],
    ["DATE_FORMAT(TO_TIMESTAMP_LTZ(1709210096, 0), 'HH:mm')", '07:34'],
  ],
  'America/New_York',
);

const at = (utc: string): string => `CAST(TIMESTAMP '${utc}' AS TIMESTAMP_LTZ(3))`;
table(
  'New York',
  [
    // 2024-03-10 02:00 to 03:00 does not exist, 2024-11-03 01:00 to 02:00 is there twice.
    [`${at('2024-03-10 02:30:00')}`, '2024-03-10T07:30:00Z'],
    [`${at('2024-11-03 01:30:00')}`, '2024-11-03T05:30:00Z'],
    [`CAST(${at('2024-03-10 02:30:00')} AS STRING)`, '2024-03-10 03:30:00.000'],
    [`CAST('2024-07-01 00:00:00' AS TIMESTAMP_LTZ(3))`, '2024-07-01T04:00:00Z'],
    [`CAST(DATE '2024-07-01' AS TIMESTAMP_LTZ(3))`, '2024-07-01T04:00:00Z'],
    [`CAST(${at('2024-07-01 23:59:59')} AS DATE)`, '2024-07-01'],
    [`CAST(${at('2024-07-01 23:59:59')} AS TIME)`, '23:59:59'],
    [`CAST(${at('2024-07-01 23:59:59')} AS TIMESTAMP(3))`, '2024-07-01T23:59:59'],
    [`EXTRACT(HOUR FROM ${at('2024-07-01 23:59:59')})`, '23'],
    [`EXTRACT(EPOCH FROM ${at('2024-02-29 07:34:56')})`, '1709210096'],
    [`FLOOR(${at('2024-03-10 03:30:00')} TO DAY)`, '2024-03-10T05:00:00Z'],
    [`CEIL(${at('2024-03-10 03:30:00')} TO DAY)`, '2024-03-11T04:00:00Z'],
    [`FLOOR(${at('2024-03-20 03:30:00')} TO MONTH)`, '2024-03-01T05:00:00Z'],
    [`FLOOR((${at('2024-11-03 00:30:00')} + INTERVAL '2' HOUR) TO HOUR)`, '2024-11-03T06:00:00Z'],
    [`${at('2024-02-10 12:00:00')} + INTERVAL '1' MONTH`, '2024-03-10T16:00:00Z'],
    [`${at('2024-03-09 12:00:00')} + INTERVAL '1' DAY`, '2024-03-10T17:00:00Z'],
    [`TIMESTAMPDIFF(MONTH, ${at('2024-02-10 12:00:00')}, ${at('2024-03-10 12:00:00')})`, 1],
    [`TIMESTAMPDIFF(HOUR, ${at('2024-02-10 12:00:00')}, ${at('2024-02-10 15:00:00')})`, 3],
    [`${at('2024-07-01 00:00:00')} = TIMESTAMP '2024-07-01 00:00:00'`, true],
    [`CAST(TRY_CAST('2024-07-01 12:00:00' AS TIMESTAMP_LTZ(0)) AS STRING)`, '2024-07-01 12:00:00'],
  ],
  'America/New_York',
);
table('Lord Howe', [[`${at('2024-10-06 02:15:00')}`, '2024-10-05T15:45:00Z']], 'Australia/Lord_Howe');
table('Kolkata', [[`${at('1969-12-31 23:59:59')}`, '1969-12-31T18:29:59Z']], 'Asia/Kolkata');

describe('refused', () => {
  test.each([
    ["EXTRACT(FORTNIGHT FROM DATE '2024-01-01')", 'has no unit FORTNIGHT'],
    ["EXTRACT(YEAR FROM TIME '10:00:00')", 'has no unit YEAR'],
    ["EXTRACT(YEAR FROM '2024-01-01')", 'Cannot apply'],
    ["FLOOR(TIME '10:00:00' TO YEAR)", 'has no unit YEAR'],
    ["FLOOR(DATE '2024-01-01' TO EPOCH)", 'has no unit EPOCH'],
    ["TIMESTAMPADD('DAY', 1, DATE '2024-01-01')", 'takes a unit of time'],
    ["TIMESTAMPADD(EPOCH, 1, DATE '2024-01-01')", 'has no unit EPOCH'],
    ["DATE '2024-01-01' - DATE '2024-01-01'", 'Cannot apply'],
    ["DATE '2024-01-01' + 1", 'Cannot apply'],
    ["INTERVAL '1' DAY + INTERVAL '1' MONTH", 'Cannot apply'],
    ["INTERVAL '1' DAY * INTERVAL '1' DAY", 'Cannot apply'],
    ["INTERVAL '100' SECOND", 'exceeds precision'],
    ["CURRENT_WATERMARK(TIMESTAMP '2024-01-01 00:00:00')", 'time attribute'],
    ["DATE_FORMAT(TIMESTAMP '2024-01-01 00:00:00', 'yyyy-bb')", "letter 'b'"],
    ["DATE_FORMAT(TIMESTAMP '2024-01-01 00:00:00', 'VV')", "letter 'V'"],
    ["TO_TIMESTAMP('2024', 'yyyy''')", 'a quote is not closed'],
    ["UNIX_TIMESTAMP('2024', 'b')", "letter 'b'"],
    ['TO_TIMESTAMP_LTZ(1, 10)', 'from 0 to 9'],
  ])('%s', (sql, message) => {
    expect(() => bound(sql)).toThrow(HeadwaterError);
    expect(() => bound(sql)).toThrow(message);
  });
});

test.each([
  ["CAST(CURRENT_TIMESTAMP AS STRING) = 'x'", true],
  [`${at('2024-07-01 00:00:00')} IS NULL`, true],
  ["CAST(DATE '2024-01-01' AS TIMESTAMP(3)) IS NULL", false],
  ["CAST('a' AS INT) = 1", false],
])('%s needs a context: %s', (sql, expected) => {
  expect(needsContext(bound(sql))).toBe(expected);
});
