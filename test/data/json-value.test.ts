import { describe, expect, it } from 'vitest';
import { columnFromValues } from '../../src/data/builder.ts';
import { gatherColumn } from '../../src/data/gather.ts';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { readValue } from '../../src/data/read.ts';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  formatType,
  INT,
  SMALLINT,
  type SqlType,
  STRING,
  timestamp,
  timestampLtz,
  TINYINT,
} from '../../src/data/types.ts';

const at = (iso: string, nanos = 0): { ms: number; nanos: number } => ({ ms: Date.parse(iso), nanos });
const list: SqlType = { kind: 'ARRAY', element: INT, nullable: true };
const map: SqlType = { kind: 'MAP', key: STRING, value: BIGINT, nullable: true };
const row: SqlType = {
  kind: 'ROW',
  fields: [
    { name: 'a', type: INT },
    { name: 'b', type: STRING },
  ],
  nullable: true,
};

/** type, plain value, its JSON form */
const CASES: readonly (readonly [SqlType, unknown, unknown])[] = [
  [BOOLEAN, true, true],
  [TINYINT, -128, -128],
  [SMALLINT, 32767, 32767],
  [INT, -2147483648, -2147483648],
  [BIGINT, 9223372036854775807n, '9223372036854775807'],
  [FLOAT, Math.fround(0.1), 0.1],
  [FLOAT, Math.fround(16777216), 16777216],
  [DOUBLE, 0.1, 0.1],
  [DOUBLE, NaN, 'NaN'],
  [DOUBLE, -Infinity, '-Infinity'],
  [decimal(10, 2), -5n, '-0.05'],
  [decimal(10, 0), 12n, '12'],
  [decimal(38, 3), -12345678901234567890123456789n, '-12345678901234567890123456.789'],
  [STRING, 'čaj', 'čaj'],
  [BYTES, Uint8Array.of(0, 255), '00ff'],
  [DATE, 19782, '2024-02-29'],
  [DATE, -1, '1969-12-31'],
  [{ kind: 'TIME', precision: 0, nullable: true }, 45296000, '12:34:56'],
  [{ kind: 'TIME', precision: 3, nullable: true }, 45296007, '12:34:56.007'],
  [timestamp(0), at('2024-02-29T12:34:56Z'), '2024-02-29T12:34:56'],
  [timestamp(3), at('2024-02-29T12:34:56.789Z'), '2024-02-29T12:34:56.789'],
  [timestamp(9), at('1969-12-31T23:59:59.999Z', 123456), '1969-12-31T23:59:59.999123456'],
  [timestampLtz(6), at('2024-02-29T12:34:56Z', 1000), '2024-02-29T12:34:56.000001Z'],
  [{ kind: 'INTERVAL_DAY_TIME', nullable: true }, -1500n, '-1500'],
  [{ kind: 'INTERVAL_YEAR_MONTH', nullable: true }, 14, '14'],
  [list, [1, null, 3], [1, null, 3]],
  [
    map,
    [
      ['b', 2n],
      ['a', null],
    ],
    [
      ['a', null],
      ['b', '2'],
    ],
  ],
  [row, [1, null], [1, null]],
];

const NAMED = CASES.map(([type, value, expected]) => ({
  name: `${formatType(type)} ${JSON.stringify(expected)}`,
  type,
  value,
  expected,
}));

describe('values as JSON', () => {
  it.each(NAMED)('$name', ({ type, value, expected }) => {
    expect(formatChangelogValue(type, value)).toEqual(expected);
    expect(formatChangelogValue(type, null)).toBeNull();
  });

  it.each(NAMED)(
    '$name comes back from a column, a gathered one, a constant and a dictionary',
    ({ type, value, expected }) => {
      const column = columnFromValues(type, [null, value, null, value]);
      const json = (c: typeof column, i: number): unknown => formatChangelogValue(type, readValue(type, c, i));
      expect([0, 1, 2, 3].map((i) => json(column, i))).toEqual([null, expected, null, expected]);
      const gathered = gatherColumn(column, Int32Array.of(3, 0), 2);
      expect([0, 1].map((i) => json(gathered, i))).toEqual([expected, null]);
      const single = columnFromValues(type, [value]);
      expect(json({ layout: 'const', value: single, nulls: undefined }, 7)).toEqual(expected);
      const dict = { layout: 'dict', indices: Int32Array.of(0, 0), values: single, nulls: Uint8Array.of(2) } as const;
      expect([json(dict, 0), json(dict, 1)]).toEqual([expected, null]);
      const flat = gatherColumn(dict, Int32Array.of(1, 0), 2);
      expect([json(flat, 0), json(flat, 1)]).toEqual([null, expected]);
    },
  );
});
