import { describe, expect, it } from 'vitest';
import { decodeColumns, decodeValues, encodeColumns, encodeValue } from '../../src/data/codec.ts';
import { BYTES_SLACK, type Column } from '../../src/data/column.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { BIGINT, DOUBLE, INT, type SqlType, STRING, timestamp } from '../../src/data/types.ts';
import { Random } from '../state/support.ts';
import { randomColumn, TYPES, valuesOf } from './random-column.ts';

function codeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HeadwaterError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('column encoding', () => {
  for (let seed = 1; seed <= 40; seed++) {
    it(`gives the same values back, seed ${seed}`, () => {
      const random = new Random(seed);
      const count = random.pick([0, 1, 7, 8, 9, 100]);
      const columns = TYPES.map((type) => randomColumn(random, type, count));
      const bytes = encodeColumns(TYPES, columns, count);
      const at = random.pick([0, 8, 1, 4]);
      const moved = new Uint8Array(bytes.length + at + 20).fill(0xaa);
      moved.set(bytes, at);
      const decoded = decodeColumns(TYPES, moved, at);
      expect(decoded.count).toBe(count);
      expect(decoded.end).toBe(at + bytes.length);
      columns.forEach((column, i) => expect(valuesOf(decoded.columns[i], count)).toEqual(valuesOf(column, count)));
    });
  }

  it('decodes aligned memory without copying, with slack after the last string', () => {
    const values = Float64Array.of(1, 2.5, 3);
    const text = new TextEncoder().encode('abc');
    const starts = Int32Array.of(0, 1, 2);
    const ends = Int32Array.of(1, 2, 3);
    const strings: Column = {
      layout: 'bytes',
      bytes: text,
      view: new DataView(text.buffer),
      starts,
      ends,
      nulls: undefined,
    };
    const bytes = encodeColumns([DOUBLE, STRING], [{ layout: 'f64', values, nulls: undefined }, strings], 3);
    const [numbers, decoded] = decodeColumns([DOUBLE, STRING], bytes).columns;
    if (numbers.layout !== 'f64' || decoded.layout !== 'bytes') throw new Error('layouts');
    expect(numbers.values.buffer).toBe(bytes.buffer);
    expect(decoded.bytes.buffer).toBe(bytes.buffer);
    expect(decoded.view.byteLength).toBe(decoded.bytes.length);
    expect(decoded.bytes.length - decoded.ends[2]).toBeGreaterThanOrEqual(BYTES_SLACK);
  });

  it('takes little room for small integers, values of one length, and constants', () => {
    const count = 1000;
    const size = (type: SqlType, column: Column): number => encodeColumns([type], [column], count).length - 16;
    const text = new Uint8Array(12 * count + BYTES_SLACK);
    const starts = Int32Array.from({ length: count }, (_, i) => 12 * i);
    const ends = starts.map((start) => start + 12);
    const time: Column = { layout: 'ts', values: Float64Array.of(1e12), nanos: undefined, nulls: undefined };
    const view = new DataView(text.buffer);
    expect([
      size(BIGINT, { layout: 'i64', values: new BigInt64Array(count).fill(-128n), nulls: undefined }),
      size(BIGINT, { layout: 'i64', values: new BigInt64Array(count).fill(128n), nulls: undefined }),
      size(DOUBLE, { layout: 'f64', values: new Float64Array(count).fill(-32769), nulls: undefined }),
      size(STRING, { layout: 'bytes', bytes: text, view, starts, ends, nulls: undefined }),
      size(timestamp(3), { layout: 'const', value: time, nulls: undefined }),
    ]).toEqual([count, 2 * count, 4 * count, 12 * count + BYTES_SLACK, 8]);
  });

  it('keeps numbers that are nearly integers', () => {
    const odd = [
      [-0, 0, 1],
      [2 ** 31, 1, 2],
      [NaN, 0, 0],
      [Infinity, -Infinity, 0],
      [-(2 ** 31), 2 ** 31 - 1, 0],
      [0.5, 1, 2],
    ];
    for (const numbers of odd) {
      const bytes = encodeColumns(
        [DOUBLE],
        [{ layout: 'f64', values: Float64Array.from(numbers), nulls: undefined }],
        3,
      );
      expect(valuesOf(decodeColumns([DOUBLE], bytes).columns[0], 3)).toEqual(numbers);
    }
  });

  it('refuses another version', () => {
    const bytes = encodeColumns([INT], [{ layout: 'i32', values: Int32Array.of(1), nulls: undefined }], 1);
    bytes[0]++;
    expect(codeOf(() => decodeColumns([INT], bytes))).toBe('codec-version');
  });

  it('refuses bytes that end too early, wherever that is', () => {
    const random = new Random(77);
    const columns = TYPES.map((type) => randomColumn(random, type, 5, true));
    const bytes = encodeColumns(TYPES, columns, 5);
    for (let end = 0; end < bytes.length; end += 3) {
      expect(codeOf(() => decodeColumns(TYPES, bytes.slice(0, end)))).toMatch(/^codec-(truncated|corrupt)$/);
    }
  });
});

describe('value encoding', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`gives the same values back, seed ${seed}`, () => {
      const random = new Random(seed);
      const count = 30;
      for (const type of TYPES) {
        const column = randomColumn(random, type, count);
        const parts = Array.from({ length: count }, (_, row) => encodeValue(type, column, row));
        const starts = new Int32Array(count);
        let at = 3;
        parts.forEach((part, i) => {
          starts[i] = at;
          at += part.length;
        });
        const bytes = new Uint8Array(at + BYTES_SLACK);
        parts.forEach((part, i) => bytes.set(part, starts[i]));
        const expected = valuesOf(column, count);
        // A start of -1 is NULL without any bytes.
        starts[4] = -1;
        expected[4] = null;
        const decoded = decodeValues(type, { bytes, view: new DataView(bytes.buffer) }, starts, count);
        expect(valuesOf(decoded, count)).toEqual(expected);
      }
    });
  }
});
