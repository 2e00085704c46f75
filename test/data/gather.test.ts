import { describe, expect, it } from 'vitest';
import { BYTES_SLACK, type BytesColumn } from '../../src/data/column.ts';
import { gatherColumn } from '../../src/data/gather.ts';
import { readValue } from '../../src/data/read.ts';
import { BYTES } from '../../src/data/types.ts';
import { Random } from '../state/support.ts';
import { randomColumn, TYPES, valuesOf } from './random-column.ts';

const TYPE = { ...BYTES, nullable: true };
const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 12, 13, 127, 128, 129, 130, 300];

/** Values one behind the other, the last one directly before the slack; all bytes are random, also under NULLs and in the slack. */
function column(random: Random, rows: number): { column: BytesColumn; values: readonly (readonly number[] | null)[] } {
  const lengths = Array.from({ length: rows }, () => LENGTHS[random.int(LENGTHS.length)]);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0) + BYTES_SLACK);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.int(256);
  const starts = new Int32Array(rows);
  const ends = new Int32Array(rows);
  const nulls = new Uint8Array((rows + 7) >> 3);
  let at = 0;
  const values = lengths.map((length, i) => {
    starts[i] = at;
    at += length;
    ends[i] = at;
    if (random.int(5) > 0) return [...bytes.subarray(starts[i], at)];
    nulls[i >> 3] |= 1 << (i & 7);
    return null;
  });
  return { column: { layout: 'bytes', bytes, view: new DataView(bytes.buffer), starts, ends, nulls }, values };
}

describe('gathered byte strings', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`are the chosen rows in their order, seed ${seed}`, () => {
      const random = new Random(seed);
      const source = column(random, 100);
      // More rows than are wanted, and the last row, whose words reach into the slack.
      const rows = Int32Array.from({ length: 60 }, () => random.int(100));
      rows[49] = 99;
      const gathered = gatherColumn(source.column, rows, 50);
      const found = Array.from({ length: 50 }, (_, i) => readValue(TYPE, gathered, i) as Uint8Array | null);
      expect(found.map((value) => (value === null ? null : [...value]))).toEqual(
        Array.from({ length: 50 }, (_, i) => source.values[rows[i]]),
      );
      expect((gathered as BytesColumn).bytes.length - (gathered as BytesColumn).ends[49]).toBe(BYTES_SLACK);
    });
  }
});

describe('gathered columns of all types', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`are the chosen rows, in memory of their own and in that of a room of any content, seed ${seed}`, () => {
      const random = new Random(seed);
      const count = random.pick([1, 8, 9, 100]);
      const rows = Int32Array.from({ length: 70 }, () => random.int(count));
      const memory = new SharedArrayBuffer(1 << 20);
      let used = 0;
      const room = (bytes: number): Uint8Array => {
        const given = new Uint8Array(memory, used, bytes).fill(0xff);
        used += (bytes + 7) & ~7;
        return given;
      };
      for (const type of TYPES) {
        const column = randomColumn(random, type, count);
        const all = valuesOf(column, count);
        const expected = Array.from(rows, (row) => all[row]);
        expect(valuesOf(gatherColumn(column, rows, rows.length), rows.length)).toEqual(expected);
        expect(valuesOf(gatherColumn(column, rows, rows.length, room), rows.length)).toEqual(expected);
      }
    });
  }
});
