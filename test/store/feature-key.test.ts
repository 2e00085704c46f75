import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnFromValues } from '../../src/data/builder.ts';
import { readValue } from '../../src/data/read.ts';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  notNull,
  type SqlType,
  STRING,
  timestamp,
  timestampLtz,
} from '../../src/data/types.ts';
import { FeatureKeyFormat } from '../../src/store/feature-key.ts';

function formatOf(...types: SqlType[]): FeatureKeyFormat {
  return new FeatureKeyFormat(
    types.map((type, i) => ({ name: `k${i}`, type: notNull(type) })),
    types.map((_type, i) => i),
  );
}

const textOf = (types: SqlType[], values: unknown[]): string =>
  formatOf(...types).format(
    types.map((type, i) => columnFromValues(type, [values[i]])),
    0,
  );

describe('feature key', () => {
  it.each<[string, SqlType[], unknown[]]>([
    ['user_0000042', [STRING], ['user_0000042']],
    ['ORD:7', [STRING, INT], ['ORD', 7]],
    ['a%3Ab%2Fc%3Fd%25%20%0A', [STRING], ['a:b/c?d% \n']],
    ['caf%C3%A9', [STRING], ['café']],
    ['', [STRING], ['']],
    [':', [STRING, STRING], ['', '']],
    ['-9223372036854775808', [BIGINT], [-(2n ** 63n)]],
    ['1e+300', [DOUBLE], [1e300]],
    ['NaN:-Infinity', [DOUBLE, DOUBLE], [NaN, -Infinity]],
    ['0.1', [FLOAT], [Math.fround(0.1)]],
    ['-12.30', [decimal(10, 2)], [-1230n]],
    ['12345678901234567890.12345', [decimal(30, 5)], [1234567890123456789012345n]],
    ['2024-02-29', [DATE], [19782]],
    ['2001-01-01T10%3A00%3A00.000', [timestamp(3)], [{ ms: Date.UTC(2001, 0, 1, 10), nanos: 0 }]],
    ['2001-01-01T10%3A00%3A00.123456789Z', [timestampLtz(9)], [{ ms: Date.UTC(2001, 0, 1, 10) + 123, nanos: 456789 }]],
    ['true:00ff', [BOOLEAN, BYTES], [true, Uint8Array.of(0, 255)]],
  ])('%s', (text, types, values) => {
    expect(textOf(types, values)).toBe(text);
    const parsed = formatOf(...types).parse(text);
    expect(types.map((type, i) => readValue(type, parsed[i], 0))).toEqual(values);
  });

  it('gives every string back, and no part holds what separates parts', () => {
    const format = formatOf(STRING, STRING);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        const text = format.format([columnFromValues(STRING, [a]), columnFromValues(STRING, [b])], 0);
        expect(text).toMatch(/^[\x21-\x7e]*:[\x21-\x7e]*$/);
        expect(text).not.toMatch(/[/?#]/);
        expect(format.parse(text).map((column) => readValue(STRING, column, 0))).toEqual([a, b]);
      }),
    );
  });

  it('gives every double back', () => {
    const format = formatOf(DOUBLE);
    fc.assert(
      fc.property(fc.double(), (value) => {
        const back = readValue(DOUBLE, format.parse(format.format([columnFromValues(DOUBLE, [value])], 0))[0], 0);
        expect(back).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it.each<[string, SqlType[], RegExp]>([
    ['a:b', [STRING], /it has 2 parts, expected 1: k0 .*%3A/],
    ['a', [STRING, INT], /it has 1 part, expected 2: k0:k1/],
    ['7x', [INT], /'7x' is not INT NOT NULL, the type of column 'k0'/],
    ['2147483648', [INT], /is not INT/],
    ['9223372036854775808', [BIGINT], /is not BIGINT/],
    ['1.234', [decimal(10, 2)], /is not DECIMAL\(10, 2\)/],
    ['2023-02-29', [DATE], /is not DATE/],
    ['2001-01-01T10%3A00', [timestamp(3)], /is not TIMESTAMP\(3\)/],
    ['2001-01-01T10%3A00%3A00', [timestampLtz(3)], /is not TIMESTAMP_LTZ\(3\)/],
    ['abc', [BYTES], /is not BYTES/],
    ['1', [BOOLEAN], /is not BOOLEAN/],
    ['%zz', [STRING], /not %-escaped UTF-8/],
    ['%ff', [STRING], /not %-escaped UTF-8/],
    ['', [DOUBLE], /is not DOUBLE/],
  ])('refuses %s', (text, types, message) => {
    expect(() => formatOf(...types).parse(text)).toThrow(
      expect.objectContaining({ code: 'bad-feature-key', message: expect.stringMatching(message) as string }),
    );
  });
});
