import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnFromValues } from '../../src/data/builder.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { BYTES, INT, notNull, STRING } from '../../src/data/types.ts';
import { type Chunk, ChunkFormat } from '../../src/store/chunk.ts';
import { below, columnsOf, jsonColumns, jsonRow, type PlainRow, randomRow, seeded, WIDE, WIDE_KEY } from './support.ts';

const format = new ChunkFormat(WIDE, WIDE_KEY);

function makeChunk(rows: readonly PlainRow[], base: boolean): Chunk {
  const keys = columnFromValues(
    notNull(BYTES),
    rows.map((_row, i) => Uint8Array.of(i, 7, i >> 8)),
  );
  if (keys.layout !== 'bytes') throw new Error('keys are bytes');
  return {
    kind: base ? 'base' : 'log',
    keyGroups: { lowest: 3, highest: 90 },
    keyGroup: base ? 5 : undefined,
    epoch: 2 ** 40 + 1,
    firstIndex: 70_000,
    count: rows.length,
    ops: Int8Array.from(rows, (_row, i) => (base ? 0 : i % 3 === 0 ? 1 : 0)),
    keys,
    rowEpochs: base ? Float64Array.from(rows, (_row, i) => i + 1) : undefined,
    columns: columnsOf(WIDE, rows),
  };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof HeadwaterError ? error.code : String(error);
  }
  return 'none';
}

describe('chunk', () => {
  it('gives back what was encoded, for rows of every type', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(60), fc.boolean(), (seed, count, base) => {
        const random = seeded(seed);
        const rows = Array.from({ length: count }, () => randomRow(random, 50));
        const chunk = makeChunk(rows, base);
        const back = format.decode(format.encode(chunk));
        expect({ ...back, columns: [], keys: [] }).toEqual({ ...chunk, columns: [], keys: [] });
        for (let i = 0; i < count; i++) {
          expect(jsonColumns(WIDE, back.columns, i)).toBe(jsonRow(WIDE, rows[i]));
          expect([...back.keys.bytes.subarray(back.keys.starts[i], back.keys.ends[i])]).toEqual([i, 7, i >> 8]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('finds any flipped bit and any truncation', () => {
    const random = seeded(3);
    const rows = Array.from({ length: 9 }, () => randomRow(random, 50));
    const bytes = format.encode(makeChunk(rows, true));
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i] ^= 1 << below(random, 8);
      expect(
        codeOf(() => format.decode(damaged)),
        `byte ${i}`,
      ).toBe('log-corrupt');
    }
    for (let size = 0; size < bytes.length; size++) {
      expect(
        codeOf(() => format.decode(bytes.slice(0, size))),
        `${size} bytes`,
      ).toBe('log-corrupt');
    }
  });

  it('decodes from an unaligned place in a larger buffer', () => {
    const rows = [randomRow(seeded(1), 5)];
    const bytes = format.encode(makeChunk(rows, false));
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 3);
    const back = format.decode(larger.subarray(3, 3 + bytes.length));
    expect(jsonColumns(WIDE, back.columns, 0)).toBe(jsonRow(WIDE, rows[0]));
  });

  it('refuses a chunk of another schema', () => {
    const bytes = format.encode(makeChunk([randomRow(seeded(1), 5)], false));
    const renamed = WIDE.map((field) => (field.name === 'total' ? { ...field, name: 'sum' } : field));
    const retyped = WIDE.map((field) => (field.name === 'text' ? { ...field, type: INT } : field));
    expect(codeOf(() => new ChunkFormat(renamed, WIDE_KEY).decode(bytes))).toBe('log-schema');
    expect(codeOf(() => new ChunkFormat(retyped, WIDE_KEY).decode(bytes))).toBe('log-schema');
    expect(codeOf(() => new ChunkFormat(WIDE, [1]).decode(bytes))).toBe('log-schema');
    const nowNotNull = WIDE.map((field) => (field.name === 'text' ? { ...field, type: notNull(STRING) } : field));
    expect(codeOf(() => new ChunkFormat(nowNotNull, WIDE_KEY).decode(bytes))).toBe('log-schema');
  });
});
