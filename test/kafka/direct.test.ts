import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import { RecordReader } from '../../src/connectors/kafka/reader.ts';
import { decodePosition } from '../../src/connectors/kafka/position.ts';
import { type HeldRun, ReadySignal, type RunSource } from '../../src/connectors/kafka/run-source.ts';
import { crc32c, RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';
import * as layout from '../../src/connectors/record-batch/layout.ts';
import { readValue } from '../../src/data/read.ts';
import { DOUBLE, notNull, type Schema, STRING, INT } from '../../src/data/types.ts';
import type { DirectDecoder, RecordDecoder } from '../../src/formats/contracts.ts';
import { createDecoder } from '../../src/formats/index.ts';
import { contextIn, runOf, seeded } from './support.ts';

const OLD = avsc.Type.forSchema({
  type: 'record',
  name: 'E',
  fields: [
    { name: 'user', type: 'string' },
    { name: 'price', type: 'double' },
    { name: 'rest', type: 'string' },
  ],
});
const NEW = avsc.Type.forSchema({
  type: 'record',
  name: 'E',
  fields: [
    { name: 'extra', type: ['null', 'long'] },
    { name: 'list', type: ['null', { type: 'array', items: 'int' }] },
    { name: 'price', type: 'double' },
    { name: 'user', type: ['null', 'string'], default: null },
  ],
});
const TABLE: Schema = [
  { name: 'user', type: STRING },
  { name: 'price', type: notNull(DOUBLE) },
  { name: 'list', type: { kind: 'ARRAY', element: INT, nullable: true } },
];

interface Log {
  readonly batches: readonly { readonly bytes: Uint8Array; readonly base: number; readonly next: number }[];
  readonly end: number;
}

/** Record batches with all that a topic may hold: two writers, tombstones, garbage, gaps, compression, long keys. */
function randomLog(random: () => number, garbage: boolean): Log {
  const below = (n: number): number => Math.floor(random() * n);
  const writer = { none: new RecordBatchWriter(), gzip: new RecordBatchWriter('gzip') };
  const batches: { bytes: Uint8Array; base: number; next: number }[] = [];
  let base = below(1000);
  let serial = 0;
  for (let b = 0; b < 30; b++) {
    const plain = random() < 0.7;
    const target = random() < 0.2 ? writer.gzip : writer.none;
    const old = random() < 0.7;
    const count = 1 + below(60);
    for (let i = 0; i < count; i++) {
      const key = random() < 0.3 ? null : Buffer.alloc(random() < 0.1 ? 70 + below(9000) : below(20), 97);
      target.append(key, valueOf(plain, old), 1000 + below(100_000) * (random() < 0.1 ? 1e6 : 1));
    }
    const bytes = target.finish();
    const view = new DataView(bytes.buffer);
    // What compaction took away at the end of a batch leaves its offsets behind.
    const gap = plain ? 0 : below(3);
    view.setInt32(layout.LAST_OFFSET_DELTA, count - 1 + gap);
    view.setUint32(layout.CRC, crc32c(bytes, layout.ATTRIBUTES, bytes.length));
    view.setBigInt64(layout.BASE_OFFSET, BigInt(base));
    batches.push({ bytes, base, next: base + count + gap });
    base += count + gap + (plain ? 0 : below(5));
  }
  return { batches, end: base };

  function valueOf(plain: boolean, mostlyOld: boolean): Uint8Array | null {
    serial++;
    if (!plain && random() < 0.05) return null;
    if (!plain && garbage && random() < 0.05) return Buffer.alloc(below(5), 0);
    if (!plain && garbage && random() < 0.05) return Buffer.alloc(below(12), 1);
    const old = plain || random() < 0.9 ? mostlyOld : !mostlyOld;
    const user = random() < 0.1 ? 'u'.repeat(below(300)) : `user-${serial}`;
    const body = old
      ? OLD.toBuffer({ user, price: serial, rest: 'r'.repeat(below(90)) })
      : NEW.toBuffer({
          extra: random() < 0.5 ? null : below(1e9) * 4096,
          list: random() < 0.3 ? null : Array.from({ length: below(5) }, () => below(1000) - 500),
          price: serial,
          user: random() < 0.2 ? null : user,
        });
    const cut = !plain && garbage && random() < 0.05 ? below(body.length) : body.length;
    return Buffer.concat([Buffer.from([0, 0, 0, 0, old ? 1 : 2]), body.subarray(0, cut)]);
  }
}

class Runs implements RunSource {
  private readonly queue: HeldRun[];
  constructor(queue: HeldRun[]) {
    this.queue = queue;
  }
  take(): HeldRun | undefined {
    return this.queue.shift();
  }
  onReady(callback: () => void): void {
    new ReadySignal().wait(callback);
  }
  add(): void {
    throw new Error('the runs are given');
  }
  bytes(): number {
    return 0;
  }
  endOffset(): undefined {
    return undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Way {
  readonly direct: boolean;
  readonly maxRows: number;
  readonly from: number;
  readonly to: number;
  readonly onError: 'fail' | 'skip';
}

interface Reading {
  readonly rows: { readonly user: unknown; readonly price: unknown; readonly list: unknown; readonly where: string }[];
  /** After each poll: rows so far, and the position. */
  readonly marks: { readonly rows: number; readonly offset: number }[];
  readonly bytes: number;
  readonly skipped: number;
  readonly failure: string | undefined;
  /** Batches that were not framed. */
  readonly directReads: number;
}

function readAll(log: Log, way: Way): Reading {
  const decoder = createDecoder('avro-confluent', {
    schema: TABLE,
    columns: [0, 1, 2],
    filter: undefined,
    options: {},
    onError: way.onError,
  });
  let directReads = 0;
  const { direct } = decoder;
  const watched = direct && counted(direct, () => directReads++);
  const used: RecordDecoder = {
    decode: (frames, from, to) => decoder.decode(frames, from, to),
    get skipped() {
      return decoder.skipped;
    },
    addSchema: (id, text) => decoder.addSchema?.(id, text),
    direct: way.direct ? watched : undefined,
  };
  used.addSchema?.(1, JSON.stringify(OLD.schema()));
  used.addSchema?.(2, JSON.stringify(NEW.schema({ exportAttrs: true })));
  const context = contextIn('/nowhere');
  const range = { topic: 't', partition: 0, offset: way.from, end: way.to };
  const reader = new RecordReader([range], new Runs(runsOf(log, way)), used, undefined, undefined, context);
  const rows: Reading['rows'][number][] = [];
  const marks: { rows: number; offset: number }[] = [];
  let bytes = 0;
  let failure: string | undefined;
  try {
    for (;;) {
      const poll = reader.poll(way.maxRows);
      if (poll.type !== 'rows') break;
      expect(poll.batch.length).toBeLessThanOrEqual(way.maxRows);
      for (let i = 0; i < poll.batch.length; i++) {
        const [user, price, list] = poll.batch.columns.map((column, c) => readValue(TABLE[c].type, column, i));
        rows.push({ user, price, list, where: poll.describeRow(i) });
      }
      marks.push({ rows: rows.length, offset: decodePosition('t/0', poll.position).offset });
      bytes += poll.bytes;
    }
  } catch (error) {
    failure = String(error);
  }
  return { rows, marks, bytes, skipped: context.counters.get('records_skipped') ?? 0, failure, directReads };
}

/** The decoder, with a call for each batch that it made. */
function counted(direct: DirectDecoder, count: () => void): DirectDecoder {
  return {
    begin: (rows) => direct.begin(rows),
    get rows() {
      return direct.rows;
    },
    read: (source, cursor) => direct.read(source, cursor),
    finish: (source) => {
      count();
      return direct.finish(source);
    },
  };
}

/** Seven batches to a fetch; like a broker's, a fetch begins with the batch that holds the offset. */
function runsOf(log: Log, way: Way): HeldRun[] {
  const wanted = log.batches.filter((batch) => batch.next > way.from && batch.base < way.to);
  const runs: HeldRun[] = [];
  for (let i = 0; i < wanted.length; i += 7) {
    const part = wanted.slice(i, i + 7);
    const nextOffset = Math.max(way.from, i === 0 ? way.from : wanted[i - 1].next);
    const run = runOf(
      part.map((batch) => batch.bytes),
      { nextOffset, toOffset: way.to, whole: true },
    );
    runs.push({ run, release: () => run.bytes.fill(0xee) });
  }
  return runs;
}

const valuesOf = (reading: Reading): unknown[] => reading.rows.map((row) => [row.user, row.price, row.list]);

describe('reading without frames gives what framing and decoding give', () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    for (const onError of ['fail', 'skip'] as const) {
      it(`random topic, seed ${seed}, undecodable records: ${onError}`, () => {
        const random = seeded(seed * 7919);
        const log = randomLog(random, onError === 'skip');
        const first = log.batches[0].base;
        let directReads = 0;
        for (const maxRows of [1, 7, 50, 1000]) {
          const from = first + Math.floor(random() * 30);
          const to = random() < 0.5 ? Infinity : log.end - Math.floor(random() * 30);
          const way = { maxRows, from, to, onError };
          const framed = readAll(log, { ...way, direct: false });
          const direct = readAll(log, { ...way, direct: true });
          directReads += direct.directReads;
          expect([direct.failure, framed.failure]).toEqual([undefined, undefined]);
          expect(valuesOf(direct)).toEqual(valuesOf(framed));
          if (onError === 'fail') expect(direct.rows).toEqual(framed.rows);
          expect(direct.skipped).toBe(framed.skipped);
          expect(direct.bytes / framed.bytes).toBeCloseTo(1, 0);
          // Going on from any position gives the rows that are left.
          const mark = direct.marks[Math.floor(random() * direct.marks.length)];
          const rest = readAll(log, { ...way, from: mark.offset, direct: true });
          const prices = (reading: Reading): unknown[] => reading.rows.map((row) => row.price);
          expect(prices(rest)).toEqual(prices(direct).slice(mark.rows));
        }
        expect(directReads).toBeGreaterThan(0);
      });
    }
  }

  it('names topic, partition and offset of a record that cannot be decoded', () => {
    const writer = new RecordBatchWriter();
    const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), OLD.toBuffer({ user: 'u', price: 1, rest: '' })]);
    for (let i = 0; i < 5; i++) writer.append(null, i === 3 ? value.subarray(0, 8) : value, 0);
    const log = { batches: [{ bytes: writer.finish(), base: 0, next: 5 }], end: 5 };
    const reading = readAll(log, { direct: true, maxRows: 100, from: 0, to: Infinity, onError: 'fail' });
    expect(reading.rows.map((row) => row.where)).toEqual([0, 1, 2].map((o) => `topic t, partition 0, offset ${o}`));
    expect(reading.failure).toContain('topic t, partition 0, offset 3: the record cannot be decoded');
  });

  it('refuses a record whose offset is not its place in the batch', () => {
    const writer = new RecordBatchWriter();
    const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 1]), OLD.toBuffer({ user: 'u', price: 1, rest: '' })]);
    for (let i = 0; i < 3; i++) writer.append(null, value, 0);
    const bytes = writer.finish();
    // Length (one byte), attributes and timestamp delta of the second record come before its offset delta.
    const second = layout.RECORDS + 1 + (bytes[layout.RECORDS] >> 1);
    expect(bytes[second + 3]).toBe(2);
    bytes[second + 3] = 0;
    new DataView(bytes.buffer).setUint32(layout.CRC, crc32c(bytes, layout.ATTRIBUTES, bytes.length));
    const log = { batches: [{ bytes, base: 0, next: 3 }], end: 3 };
    const reading = readAll(log, { direct: true, maxRows: 100, from: 0, to: Infinity, onError: 'fail' });
    expect(reading.failure).toContain('record 1 has an offset outside of the batch');
  });
});
