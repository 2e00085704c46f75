import { describe, expect, test } from 'vitest';
import { HeadwaterError } from '../../src/data/errors.ts';
import { FrameAssembler } from '../../src/connectors/record-batch/assembler.ts';
import { crc32c } from '../../src/connectors/record-batch/crc32c.ts';
import { writeInt64 } from '../../src/connectors/record-batch/header.ts';
import { ATTRIBUTES, CRC, RECORDS } from '../../src/connectors/record-batch/layout.ts';
import { compressSync } from 'snappy';
import { CODEC_NAMES, compress, type Compression, decompress } from '../../src/connectors/record-batch/codecs/index.ts';
import { decompressGzip } from '../../src/connectors/record-batch/codecs/gzip.ts';
import { decompressLz4 } from '../../src/connectors/record-batch/codecs/lz4.ts';
import { decompressSnappy } from '../../src/connectors/record-batch/codecs/snappy.ts';
import { decompressZstd } from '../../src/connectors/record-batch/codecs/zstd.ts';
import { murmur2, partitionOf } from '../../src/connectors/record-batch/partitioner.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { recordsOf, type RecordSeen, runOf, seeded } from './support.ts';

interface Input {
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
}

const bytesOf = (text: string | null) => (text === null ? null : new Uint8Array(Buffer.from(text, 'latin1')));

function batchOf(inputs: readonly Input[], baseOffset: number, compression: Compression = 'none'): Uint8Array {
  const writer = new RecordBatchWriter(compression);
  for (const { key, value, timestamp } of inputs) writer.append(bytesOf(key), bytesOf(value), timestamp);
  const batch = writer.finish();
  writeInt64(new DataView(batch.buffer), 0, baseOffset);
  return batch;
}

function withCrc(batch: Uint8Array): Uint8Array {
  const view = new DataView(batch.buffer);
  view.setUint32(CRC, crc32c(batch, ATTRIBUTES, batch.length));
  return batch;
}

function readAll(run: ReturnType<typeof runOf>, rows = 1_000_000): RecordSeen[] {
  const assembler = new FrameAssembler();
  const seen: RecordSeen[] = [];
  for (;;) {
    const frames = assembler.next(run, rows);
    if (frames.count === 0) return seen;
    seen.push(...recordsOf(frames));
  }
}

function randomInputs(random: () => number, count: number): Input[] {
  const text = (longest: number) => {
    const length = Math.floor(random() ** 3 * longest);
    return Array.from({ length }, () => String.fromCharCode(Math.floor(random() * 256))).join('');
  };
  return Array.from({ length: count }, () => ({
    key: random() < 0.2 ? null : text(40),
    value: random() < 0.1 ? null : text(random() < 0.02 ? 70_000 : 300),
    timestamp: Math.floor((random() - 0.3) * (random() < 0.1 ? 4e12 : 1e6)) + 1_000_000_000_000,
  }));
}

describe('checksum and partitioner', () => {
  test('CRC-32C of the check value, at every alignment', () => {
    const text = Buffer.from('xxxxxxxx123456789');
    for (let shift = 0; shift <= 8; shift++) {
      const bytes = new Uint8Array(text.subarray(shift));
      expect(crc32c(bytes, 8 - shift, bytes.length)).toBe(0xe3069283);
    }
  });

  test('CRC-32C of any length equals the bit by bit definition', () => {
    const random = seeded(11);
    const bytes = new Uint8Array(300_000).map(() => Math.floor(random() * 256));
    const lengths = [...Array.from({ length: 200 }, (_, i) => i), 4095, 245_759, 245_760, 245_761, 299_990];
    let crc = -1;
    for (let i = 0; i < bytes.length; i++) {
      const start = 5;
      if (i >= start && lengths.includes(i - start)) expect(crc32c(bytes, start, i), `${i - start}`).toBe(~crc >>> 0);
      if (i < start) continue;
      crc ^= bytes[i];
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
  });

  test("murmur2 agrees with Kafka's own test vectors", () => {
    const vectors: Record<string, number> = {
      '21': -973932308,
      foobar: -790332482,
      'a-little-bit-long-string': -985981536,
      'a-little-bit-longer-string': -1486304829,
      lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
      abc: 479470107,
    };
    for (const [text, hash] of Object.entries(vectors)) expect(murmur2(Buffer.from(text)), text).toBe(hash);
    expect(partitionOf(Buffer.from('21'), 6)).toBe((-973932308 & 0x7fffffff) % 6);
  });
});

describe('record batches', () => {
  test.each([1, 20, 300])('what is written is read, whatever the cut (seed %i)', (seed) => {
    const random = seeded(seed * 7919);
    const batches: Uint8Array[] = [];
    const expected: RecordSeen[] = [];
    for (let b = 0; b < 30; b++) {
      const inputs = randomInputs(random, 1 + Math.floor(random() * 40));
      batches.push(batchOf(inputs, expected.length, CODEC_NAMES[Math.floor(random() * 8)] ?? 'none'));
      const base = expected.length;
      expected.push(...inputs.map((input, i) => ({ partition: 0, offset: base + i, ...input })));
    }
    for (const rows of [1, 50, 1_000_000]) expect(readAll(runOf(batches), rows)).toEqual(expected);
    const from = Math.floor(expected.length / 3);
    const to = Math.floor(expected.length / 2);
    expect(readAll(runOf(batches, { nextOffset: from, toOffset: to }))).toEqual(expected.slice(from, to));
  });

  test('a batch that the fetch cut off is left for the next fetch', () => {
    const whole = batchOf([{ key: 'a', value: 'b', timestamp: 5 }], 0);
    const cut = batchOf([{ key: 'c', value: 'd', timestamp: 6 }], 1);
    for (let length = 0; length < cut.length; length++) {
      const run = runOf([whole, cut.subarray(0, length)]);
      expect(readAll(run).map((record) => record.value)).toEqual(['b']);
      expect(run.nextOffset).toBe(1);
    }
    expect(() => readAll(runOf([whole, cut.subarray(0, cut.length - 1)], { whole: true }))).toThrow(
      /corrupt: it is cut off/,
    );
  });

  test('holes that compaction left move the next offset past them', () => {
    const batch = batchOf([{ key: 'a', value: 'b', timestamp: 5 }], 10);
    new DataView(batch.buffer).setInt32(23, 9);
    const run = runOf([withCrc(batch)]);
    expect(readAll(run).map((record) => record.offset)).toEqual([10]);
    expect(run.nextOffset).toBe(20);
  });

  test('log append time is the time of every record', () => {
    const batch = batchOf(
      [
        { key: 'a', value: 'b', timestamp: 5 },
        { key: 'a', value: 'c', timestamp: 9 },
      ],
      0,
    );
    new DataView(batch.buffer).setInt16(ATTRIBUTES, 8);
    expect(readAll(runOf([withCrc(batch)])).map((record) => record.timestamp)).toEqual([9, 9]);
  });

  test('a codec that Kafka does not know is named', () => {
    const batch = batchOf([{ key: 'a', value: 'b', timestamp: 5 }], 3);
    new DataView(batch.buffer).setInt16(ATTRIBUTES, 5);
    const read = () => readAll(runOf([withCrc(batch)], { nextOffset: 3 }));
    expect(read).toThrow(/topic t, partition 0, offset 3: .*codec 5; expected one of: none, gzip, snappy, lz4, zstd/);
    expect(read).toThrow(expect.objectContaining({ code: 'unsupported-compression' }));
  });

  test.each(CODEC_NAMES.slice(1))('what is not %s, with a good checksum, is corruption', (compression) => {
    const batch = batchOf([{ key: 'a', value: 'b'.repeat(300), timestamp: 5 }], 3, compression);
    for (const cut of [batch.length - 3, RECORDS + 12, RECORDS + 1]) {
      const damaged = batch.slice();
      damaged.fill(0xff, cut);
      const read = () => readAll(runOf([withCrc(damaged)], { nextOffset: 3 }));
      // The last bytes may be a checksum that the codec does not look at.
      if (cut === batch.length - 3 && compression === 'snappy') continue;
      expect(read).toThrow(expect.objectContaining({ code: 'corrupt-batch' }));
    }
  });

  test('large and incompressible sections go through every codec; a bare snappy block is read too', () => {
    const random = seeded(11);
    for (const size of [1, 40_000, 1_500_000]) {
      const noise = Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
      const text = new Uint8Array(size).fill(65);
      for (const section of [noise, text]) {
        for (const [codec, name] of CODEC_NAMES.entries()) {
          expect(Buffer.compare(decompress(codec, compress(name, section)), section), `${name} ${size}`).toBe(0);
        }
        expect(Buffer.compare(decompress(2, compressSync(section)), section)).toBe(0);
      }
    }
  });

  test.each([
    ['gzip', decompressGzip],
    ['snappy', decompressSnappy],
    ['lz4', decompressLz4],
    ['zstd', decompressZstd],
  ] as const)('a few bytes of %s cannot fill the memory', (compression, unpack) => {
    const packed = compress(compression, new Uint8Array(5_000_000));
    expect(unpack(packed, 6_000_000).length).toBe(5_000_000);
    expect(() => unpack(packed, 2_000_000)).toThrow();
  });

  test('impossible lengths inside a batch with a good checksum are corruption, not rows', () => {
    const good = () =>
      batchOf(
        [
          { key: 'key', value: 'value', timestamp: 5 },
          { key: null, value: 'w', timestamp: 6 },
        ],
        0,
      );
    for (let at = RECORDS; at < good().length; at++) {
      for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const batch = good();
        batch[at] = byte;
        const run = runOf([withCrc(batch), good()]);
        try {
          for (const record of readAll(run)) expect((record.value ?? '').length).toBeLessThan(batch.length);
        } catch (error) {
          expect(error).toMatchObject({ code: 'corrupt-batch' });
        }
      }
    }
  });

  test('record count that lies is corruption', () => {
    for (const count of [-1, 0, 1, 3, 1_000_000_000]) {
      const batch = batchOf(
        [
          { key: 'key', value: 'v', timestamp: 5 },
          { key: null, value: 'w', timestamp: 6 },
        ],
        0,
      );
      new DataView(batch.buffer).setInt32(57, count);
      expect(() => readAll(runOf([withCrc(batch)]))).toThrow(expect.objectContaining({ code: 'corrupt-batch' }));
    }
  });

  test('flipped bits give an error or the same rows, never other rows', () => {
    const seed = Date.now() & 0x7fffffff;
    const random = seeded(seed);
    let errors = 0;
    for (let round = 0; round < 4000; round++) {
      const batches: Uint8Array[] = [];
      const expected: RecordSeen[] = [];
      for (let b = 0; b < 3; b++) {
        const inputs = randomInputs(random, 1 + Math.floor(random() * 4)).map((input) => ({
          ...input,
          value: input.value?.slice(0, 50) ?? null,
        }));
        batches.push(batchOf(inputs, expected.length, CODEC_NAMES[Math.floor(random() * 8)] ?? 'none'));
        const base = expected.length;
        expected.push(...inputs.map((input, i) => ({ partition: 0, offset: base + i, ...input })));
      }
      const hit = Math.floor(random() * 3);
      const target = batches[hit];
      for (let flips = 1 + Math.floor(random() * 3); flips > 0; flips--) {
        // Kafka's checksum leaves out the base offset (bytes 0-7): the broker writes it, the embedded log keeps it twice.
        const at = 8 + Math.floor(random() * (target.length - 8));
        target[at] ^= 1 << Math.floor(random() * 8);
      }
      const run = runOf(batches);
      const seen: RecordSeen[] = [];
      try {
        const assembler = new FrameAssembler();
        for (let frames = assembler.next(run, 1); frames.count > 0; frames = assembler.next(run, 1)) {
          seen.push(...recordsOf(frames));
        }
        // No error: all rows, or a batch that looks cut off, which is asked for again from the same offset.
        expect(run.nextOffset, `seed ${seed}`).toBe(seen.length);
      } catch (error) {
        if (!(error instanceof HeadwaterError)) throw error;
        expect(error.code, `seed ${seed}`).toMatch(/^(corrupt-batch|unsupported-compression)$/);
        errors++;
      }
      expect(seen, `seed ${seed}, round ${round}`).toEqual(expected.slice(0, seen.length));
    }
    expect(errors).toBeGreaterThan(2000);
  });
});
