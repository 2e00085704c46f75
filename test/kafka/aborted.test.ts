import { describe, expect, test } from 'vitest';
import { AbortedTransactions, type AbortedTransaction } from '../../src/connectors/record-batch/aborted.ts';
import { FrameAssembler } from '../../src/connectors/record-batch/assembler.ts';
import { crc32c } from '../../src/connectors/record-batch/crc32c.ts';
import { writeInt64 } from '../../src/connectors/record-batch/header.ts';
import * as layout from '../../src/connectors/record-batch/layout.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { recordsOf, runOf, seeded } from './support.ts';

function batch(offset: number, producer: bigint, key: Uint8Array, value: string, attributes: number): Uint8Array {
  const writer = new RecordBatchWriter();
  writer.append(key, new Uint8Array(Buffer.from(value)), 1000);
  const bytes = writer.finish();
  const view = new DataView(bytes.buffer);
  writeInt64(view, layout.BASE_OFFSET, offset);
  view.setInt16(layout.ATTRIBUTES, attributes);
  view.setBigInt64(layout.PRODUCER_ID, producer);
  view.setUint32(layout.CRC, crc32c(bytes, layout.ATTRIBUTES, bytes.length));
  return bytes;
}

const TRANSACTIONAL = layout.ATTRIBUTE_TRANSACTIONAL;
const data = (offset: number, producer: bigint, value: string, key = new Uint8Array([1])) =>
  batch(offset, producer, key, value, TRANSACTIONAL);
const plain = (offset: number, value: string) => batch(offset, -1n, new Uint8Array([1]), value, 0);
const marker = (offset: number, producer: bigint, type: 'abort' | 'commit') =>
  batch(
    offset,
    producer,
    new Uint8Array([0, 0, 0, type === 'abort' ? 0 : 1]),
    '',
    TRANSACTIONAL | layout.ATTRIBUTE_CONTROL,
  );

function visible(parts: Uint8Array[], aborted: AbortedTransaction[], from = 0, rows = 1000): string[] {
  const run = runOf(parts, { nextOffset: from, aborted: new AbortedTransactions(aborted) });
  const assembler = new FrameAssembler();
  const out: string[] = [];
  for (let frames = assembler.next(run, rows); frames.count > 0; frames = assembler.next(run, rows)) {
    out.push(...recordsOf(frames).map((record) => record.value ?? ''));
  }
  return out;
}

describe('records of aborted transactions are never seen, where the consumer of kafkajs 2.2.4 shows them', () => {
  test('two transactions were both aborted before the first record of the fetch', () => {
    const parts = [
      data(10, 1n, 'a1'),
      data(11, 2n, 'b1'),
      plain(12, 'seen'),
      marker(13, 1n, 'abort'),
      marker(14, 2n, 'abort'),
    ];
    const aborted = [
      { producerId: 1n, firstOffset: 3 },
      { producerId: 2n, firstOffset: 4 },
    ];
    expect(visible(parts, aborted, 10)).toEqual(['seen']);
  });

  test('a user key of four zero bytes is not an abort marker', () => {
    const zeros = new Uint8Array(4);
    const parts = [data(0, 1n, 'a1', zeros), data(1, 1n, 'a2'), plain(2, 'seen'), marker(3, 1n, 'abort')];
    expect(visible(parts, [{ producerId: 1n, firstOffset: 0 }])).toEqual(['seen']);
  });

  test('the list of aborted transactions is in no order', () => {
    const parts = [
      data(0, 1n, 'a1'),
      data(1, 2n, 'b1'),
      marker(2, 1n, 'abort'),
      marker(3, 2n, 'abort'),
      data(4, 1n, 'seen'),
      marker(5, 1n, 'commit'),
    ];
    const aborted = [
      { producerId: 2n, firstOffset: 1 },
      { producerId: 1n, firstOffset: 0 },
    ];
    expect(visible(parts, aborted)).toEqual(['seen']);
  });

  test('one producer aborts twice in a fetch, commits in between', () => {
    const parts = [
      data(0, 1n, 'x'),
      marker(1, 1n, 'abort'),
      data(2, 1n, 'seen'),
      marker(3, 1n, 'commit'),
      data(4, 1n, 'y'),
      marker(5, 1n, 'abort'),
    ];
    const aborted = [
      { producerId: 1n, firstOffset: 0 },
      { producerId: 1n, firstOffset: 4 },
    ];
    for (const rows of [1, 1000]) expect(visible(parts, aborted, 0, rows)).toEqual(['seen']);
  });

  test('random interleavings of producers show exactly the committed records', () => {
    const seed = Date.now() & 0x7fffffff;
    const random = seeded(seed);
    for (let round = 0; round < 500; round++) {
      const parts: Uint8Array[] = [];
      const aborted: (AbortedTransaction & { last: number })[] = [];
      const open = new Map<bigint, { first: number; offsets: number[] }>();
      const outcome = new Map<number, string>();
      for (let offset = 0; offset < 40; offset++) {
        const producer = BigInt(1 + Math.floor(random() * 3));
        const transaction = open.get(producer);
        if (random() < 0.2) {
          parts.push(plain(offset, `p${offset}`));
          outcome.set(offset, `p${offset}`);
        } else if (transaction !== undefined && random() < 0.4) {
          const abort = random() < 0.5;
          parts.push(marker(offset, producer, abort ? 'abort' : 'commit'));
          open.delete(producer);
          if (abort) aborted.push({ producerId: producer, firstOffset: transaction.first, last: offset });
          else for (const at of transaction.offsets) outcome.set(at, `t${at}`);
        } else {
          parts.push(data(offset, producer, `t${offset}`, new Uint8Array(4)));
          const current = transaction ?? { first: offset, offsets: [] };
          current.offsets.push(offset);
          open.set(producer, current);
        }
      }
      // A broker gives records below the last stable offset only.
      const stable = Math.min(40, ...[...open.values()].map(({ first }) => first));
      const from = Math.floor(random() * stable);
      const list = aborted.filter(({ last, firstOffset }) => last >= from && firstOffset < stable);
      list.sort(() => random() - 0.5);
      const expected = [...outcome].filter(([at]) => at >= from && at < stable).sort(([a], [b]) => a - b);
      expect(visible(parts.slice(from, stable), list, from), `seed ${seed}, round ${round}`).toEqual(
        expected.map(([, value]) => value),
      );
    }
  });
});
