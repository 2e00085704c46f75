import { describe, expect, it } from 'vitest';
import type { Schema } from '../../src/data/types.ts';
import { DecodeError } from '../../src/formats/contracts.ts';
import { createDecoder } from '../../src/formats/index.ts';
import { randomRecord, randomType, type RecordWriter, Rejected } from './avro-generator.ts';
import { framed, referenceType } from './avro-reference.ts';
import { framesOf, rowsOf } from './frames.ts';
import { Random } from './random.ts';

const SEED = 20251125;
const SCHEMAS = 1_600;
const VALUES = 16;
const PROJECTIONS = 4;

interface Group {
  readonly schema: Schema;
  readonly writers: readonly { readonly id: number; readonly text: string; readonly writer: RecordWriter }[];
  readonly values: readonly Buffer[];
  /** By column of the schema; undefined where the record as a whole cannot be decoded. */
  readonly expected: readonly (readonly Expected[])[];
}

type Expected = { readonly value: unknown } | 'rejected';

/** A table, one to three writers of its topic and values of all of them, mixed; what avsc decodes is what is expected. */
function randomGroup(random: Random): Group {
  // Wide tables get another kind of code.
  const wide = random.chance(0.02);
  const schema = Array.from({ length: wide ? 60 : 1 + random.below(5) }, (_, i) => ({
    name: `f${i}`,
    type: randomType(random, wide ? 1 : 2),
  }));
  const writers = Array.from({ length: 1 + random.below(3) }, (_, i) => {
    const writer = randomRecord(random, schema, `Event${i}`);
    return { id: 7 + 100_000 * i, text: JSON.stringify(writer.json), writer };
  });
  const types = writers.map(({ text }) => referenceType(text));
  const chosen = Array.from({ length: VALUES }, () => random.below(writers.length));
  const values = chosen.map((w) => framed(writers[w].id, types[w], writers[w].writer.make()));
  const expected = values.map((value, i) => {
    const decoded = types[chosen[i]].fromBuffer(value.subarray(5)) as Record<string, unknown>;
    return schema.map((_, column) => expectedOf(writers[chosen[i]].writer, decoded, column));
  });
  return { schema, writers, values, expected };
}

function expectedOf(writer: RecordWriter, decoded: Record<string, unknown>, column: number): Expected {
  try {
    return { value: writer.convertField(decoded, column) };
  } catch (error) {
    if (error instanceof Rejected) return 'rejected';
    throw error;
  }
}

describe('the generated Avro decoder', () => {
  it(
    `equals avsc on ${SCHEMAS * VALUES * PROJECTIONS} (schema, value, projection) triples, seed ${SEED}`,
    { timeout: 180_000 },
    () => {
      const random = new Random(SEED);
      let triples = 0;
      let rejected = 0;
      for (let s = 0; s < SCHEMAS; s++) {
        const group = randomGroup(random);
        const frames = framesOf(group.values, 0xff);
        for (let p = 0; p < PROJECTIONS; p++) {
          const columns = random.shuffle(group.schema.map((_, i) => i)).slice(0, 1 + random.below(group.schema.length));
          const decoder = createDecoder('avro-confluent', {
            schema: group.schema,
            columns,
            filter: undefined,
            options: {},
            onError: 'skip',
          });
          for (const { id, text } of group.writers) decoder.addSchema?.(id, text);
          const rows = rowsOf(
            decoder.decode(frames, 0, frames.count),
            columns.map((c) => group.schema[c]),
          );
          const wanted = group.expected
            .map((row) => columns.map((c) => row[c]))
            .filter((row) => !row.includes('rejected'));
          expect(rows, `seed ${SEED}, schema ${s}: ${group.writers.map((w) => w.text).join('\n')}`).toEqual(
            wanted.map((row) => row.map((cell) => (cell === 'rejected' ? undefined : cell.value))),
          );
          expect(decoder.skipped).toBe(group.values.length - wanted.length);
          triples += group.values.length;
          rejected += decoder.skipped;
        }
      }
      expect(triples).toBeGreaterThanOrEqual(100_000);
      // The generator does make records that must be refused, but not too many.
      expect(rejected).toBeGreaterThan(1_000);
      expect(rejected).toBeLessThan(triples / 3);
    },
  );

  it('decodes the same whatever the batch size, and buffers are used again', () => {
    const random = new Random(SEED + 1);
    for (let s = 0; s < 100; s++) {
      const group = randomGroup(random);
      const frames = framesOf(group.values);
      const columns = group.schema.map((_, i) => i);
      const make = () => {
        const decoder = createDecoder('avro-confluent', {
          schema: group.schema,
          columns,
          filter: undefined,
          options: {},
          onError: 'skip',
        });
        for (const { id, text } of group.writers) decoder.addSchema?.(id, text);
        return decoder;
      };
      const whole = rowsOf(make().decode(frames, 0, frames.count), group.schema);
      const pieces = make();
      const rows: unknown[][] = [];
      for (let from = 0; from < frames.count;) {
        const to = Math.min(frames.count, from + 1 + random.below(5));
        rows.push(...rowsOf(pieces.decode(frames, from, to), group.schema));
        from = to;
      }
      expect(rows).toEqual(whole);
    }
  });

  it(
    'gives a row or an error for mutated records, and never depends on what follows the record',
    { timeout: 120_000 },
    () => {
      const random = new Random(SEED + 2);
      let bad = 0;
      let good = 0;
      for (let s = 0; s < 400; s++) {
        const group = randomGroup(random);
        const columns = group.schema.map((_, i) => i);
        const decoder = createDecoder('avro-confluent', {
          schema: group.schema,
          columns,
          filter: undefined,
          options: {},
          onError: 'skip',
        });
        for (const { id, text } of group.writers) decoder.addSchema?.(id, text);
        const mutated = Array.from({ length: 40 }, () => mutate(random, random.pick(group.values)));
        for (const value of mutated) {
          const zeros = framesOf([value], 0);
          const ones = framesOf([value], 0xff);
          const rows = rowsOf(decoder.decode(zeros, 0, 1), group.schema);
          expect(rowsOf(decoder.decode(ones, 0, 1), group.schema)).toEqual(rows);
          if (rows.length === 0) bad++;
          else good++;
        }
        // One bad record does not disturb the others of its batch.
        const mixed = framesOf(mutated.flatMap((value, i) => [value, group.values[i % VALUES]]));
        const alone = mutated.flatMap((value, i) => {
          const one = decoder.decode(framesOf([value]), 0, 1);
          const first = rowsOf(one, group.schema);
          return [...first, ...rowsOf(decoder.decode(framesOf([group.values[i % VALUES]]), 0, 1), group.schema)];
        });
        expect(rowsOf(decoder.decode(mixed, 0, mixed.count), group.schema)).toEqual(alone);
      }
      expect(bad).toBeGreaterThan(1_000);
      expect(good).toBeGreaterThan(1_000);
    },
  );

  it('names the bad record when it fails', () => {
    const random = new Random(SEED + 3);
    const group = randomGroup(random);
    const columns = group.schema.map((_, i) => i);
    const decoder = createDecoder('avro-confluent', {
      schema: group.schema,
      columns,
      filter: undefined,
      options: {},
      onError: 'fail',
    });
    for (const { id, text } of group.writers) decoder.addSchema?.(id, text);
    const firstGood = group.expected.findIndex((row) => !row.includes('rejected'));
    const good = group.values[firstGood];
    const frames = framesOf([good, null, good, good.subarray(0, 4), good]);
    expect(() => decoder.decode(frames, 0, 5)).toThrow(DecodeError);
    try {
      decoder.decode(frames, 1, 5);
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      expect((error as DecodeError).record).toBe(3);
    }
    expect(decoder.decode(frames, 0, 3).length).toBe(2);
  });
});

/** Flips, drops or inserts bytes behind the header. */
function mutate(random: Random, value: Buffer): Buffer {
  const out = Buffer.from(value);
  const body = out.length - 5;
  if (body === 0) return out;
  switch (random.below(4)) {
    case 0:
      return out.subarray(0, 5 + random.below(body));
    case 1:
      return Buffer.concat([out, Buffer.from([random.below(256)])]);
    case 2: {
      const at = 5 + random.below(body);
      return Buffer.concat([
        out.subarray(0, at),
        Buffer.from([random.pick([0xff, 0x80, 0x7f, 0x01])]),
        out.subarray(at),
      ]);
    }
    default:
      for (let i = 1 + random.below(3); i > 0; i--) out[5 + random.below(body)] = random.below(256);
      return out;
  }
}
