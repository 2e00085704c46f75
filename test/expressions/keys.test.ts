import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hashBytes, type KeyBatch, NULL_KEY_HASH } from '../../src/data/hash.ts';
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
  SMALLINT,
  STRING,
  timestamp,
  TINYINT,
  type SqlType,
} from '../../src/data/types.ts';
import { compileKeyEncoder, KeyDecoder, newKeyBatch } from '../../src/expressions/index.ts';
import { batchForms, type Row } from './support.ts';

const array: SqlType = { kind: 'ARRAY', element: STRING, nullable: true };
const SAMPLES: readonly (readonly [SqlType, readonly unknown[]])[] = [
  [BOOLEAN, [true, false]],
  [TINYINT, [-128, 127]],
  [SMALLINT, [-32768, 1]],
  [INT, [-2147483648, 0]],
  [BIGINT, [-9223372036854775808n, 4294967296n]],
  [FLOAT, [0, -0, Math.fround(0.1)]],
  [DOUBLE, [NaN, 0, -0, Infinity]],
  [DATE, [0, -1]],
  [decimal(10, 2), [-5n, 10n ** 9n]],
  [decimal(38, 2), [-1n, 10n ** 37n, -(10n ** 37n)]],
  [timestamp(3), [{ ms: -1, nanos: 0 }]],
  [timestamp(9), [{ ms: 5, nanos: 999_999 }]],
  [STRING, ['', 'a', 'abcd', 'Zürich', 'abcdefghijklmnop']],
  [BYTES, [Uint8Array.of(), Uint8Array.of(0, 255)]],
  [array, [[], ['a', null]]],
];

function keyColumn(keys: KeyBatch) {
  const { bytes, view, starts, ends } = keys;
  return { layout: 'bytes', bytes, view, starts, ends, nulls: undefined } as const;
}

function roundTrip(types: readonly SqlType[], rows: readonly Row[]): void {
  const encoder = compileKeyEncoder(types);
  const decoder = new KeyDecoder(types);
  const keys = newKeyBatch(1);
  const texts = new Map<number, string>();
  for (const { name, batch, rows: held } of batchForms(types, rows)) {
    encoder.encode(batch.columns, batch, keys);
    expect(keys.length, name).toBe(held.length);
    held.forEach((row, j) => {
      const [start, end] = [keys.starts[j], keys.ends[j]];
      const isNull = end === start - 1;
      expect(keys.hashes[j], name).toBe(isNull ? NULL_KEY_HASH : hashBytes(keys.view, start, end));
      const text = isNull ? 'NULL' : Buffer.from(keys.bytes.subarray(start, end)).toString('hex');
      // The same bytes whatever the form of the batch.
      expect(text, name).toBe(texts.get(row) ?? text);
      texts.set(row, text);
    });
    const decoded = decoder.decode(keyColumn(keys), held.length);
    held.forEach((row, j) => {
      expect(
        types.map((type, c) => readValue(type, decoded[c], j)),
        name,
      ).toEqual(rows[row]);
    });
  }
  const distinct = new Set(rows.map((row) => inspect(row)));
  expect(new Set(texts.values()).size).toBe(distinct.size);
}

describe('single keys', () => {
  for (const [type, values] of SAMPLES) {
    test(JSON.stringify(type), () => {
      roundTrip(
        [notNull(type)],
        values.map((value) => [value]),
      );
      roundTrip(
        [type],
        [...values, null].map((value) => [value]),
      );
    });
  }
});

test('pairs of all types, with NULLs', () => {
  for (const [a, as] of SAMPLES) {
    for (const [b, bs] of SAMPLES) {
      roundTrip(
        [a, notNull(b)],
        [
          [as[0], bs[0]],
          [null, bs[0]],
          [as[as.length - 1], bs[bs.length - 1]],
        ],
      );
    }
  }
});

test('many keys, longer together than the buffer at first', () => {
  // Lengths around those of the words by which strings are copied.
  const text = (row: number, step: number): string =>
    'abcdefghijklmnopqrstuvwxyz'.repeat(3).slice(0, (row * step) % 71);
  const rows = Array.from({ length: 1500 }, (_, row) => [text(row, 7), `${row}`, text(row, 13)]);
  roundTrip([STRING, notNull(STRING), notNull(STRING)], rows);
});

test('a string key is not copied, and where it lies neither', () => {
  const rows = [['x'], ['yy']];
  const encoder = compileKeyEncoder([STRING]);
  const keys = newKeyBatch(4);
  for (const { batch } of batchForms([STRING], rows)) {
    encoder.encode(batch.columns, batch, keys);
    const [column] = batch.columns;
    const under = column.layout === 'dict' ? column.values : column.layout === 'const' ? column.value : column;
    expect(under.layout === 'bytes' && under.bytes === keys.bytes).toBe(true);
    if (column.layout !== 'bytes') continue;
    expect(column.starts === keys.starts).toBe(column.nulls === undefined && batch.selection === undefined);
    expect(column.ends === keys.ends).toBe(column.starts === keys.starts);
  }
});

test('keys without columns are all the same', () => {
  const keys = newKeyBatch(1);
  const [{ batch }] = [...batchForms([INT], [[1], [2]])];
  compileKeyEncoder([]).encode([], batch, keys);
  expect([...keys.starts.subarray(0, 2)]).toEqual([...keys.ends.subarray(0, 2)]);
  expect(keys.hashes[0]).toBe(keys.hashes[1]);
  expect(new KeyDecoder([]).decode(keyColumn(keys), 2)).toEqual([]);
});

test('all NaNs are one key', () => {
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, 0xfff8000000000001n, true);
  const values = new Float64Array(view.buffer);
  values[1] = NaN;
  const keys = newKeyBatch(2);
  const column = { layout: 'f64', values, nulls: undefined } as const;
  const batch = { length: 2, columns: [column], selection: undefined, selectedCount: 2, kinds: undefined };
  compileKeyEncoder([notNull(DOUBLE)]).encode([column], batch, keys);
  expect(keys.hashes[0]).toBe(keys.hashes[1]);
});
