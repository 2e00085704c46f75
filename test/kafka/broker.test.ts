import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompressionTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/writer.ts';
import { freePorts, type KafkaService, requireServices, startKafka } from '../services/index.ts';
import { poll } from '../services/poll.ts';
import { contextIn, drain, rawConnector, readAll, type Rows, specOf, valuesOf } from './support.ts';

const ready = await requireServices('kafka');

describe.skipIf(!ready)('a real Kafka broker', { timeout: 60_000 }, () => {
  let kafka: KafkaService;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'headwater-kafka-test-'));
    kafka = await startKafka();
  }, 120_000);

  afterAll(async () => {
    await kafka?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  const options = (topic: string, more: Record<string, string> = {}) => ({
    topic,
    'properties.bootstrap.servers': kafka.bootstrap,
    ...more,
  });

  const values = (partition: number, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `${partition}:${from + i}`);

  function batches(partition: number, from: number, to: number, size = 100, compression: 'none' | 'gzip' = 'none') {
    const out: Uint8Array[] = [];
    const writer = new RecordBatchWriter(compression);
    for (const value of values(partition, from, to)) {
      writer.append(Buffer.from('k'), Buffer.from(value), 1_000_000_000_000);
      if (writer.count === size) out.push(writer.finish());
    }
    if (writer.count > 0) out.push(writer.finish());
    return out;
  }

  async function openReader(spec: ReturnType<typeof specOf>, context = contextIn(dir)) {
    const splits = await rawConnector.discover(spec, context);
    return rawConnector.open(
      spec,
      splits.map(({ split, start }) => ({ split, position: start })),
      context,
    );
  }

  test('what kafkajs produces (gzip and none) is read, over three partitions, at any batch size', async () => {
    await createTopic(kafka.bootstrap, 'plain', 3);
    const producer = kafka.client.producer();
    await producer.connect();
    for (const compression of [CompressionTypes.GZIP, CompressionTypes.None]) {
      for (const partition of [0, 1, 2]) {
        const first = compression === CompressionTypes.GZIP ? 0 : 500;
        const messages = values(partition, first, first + 500).map((value) => ({
          key: 'k',
          value,
          partition,
          headers: { h: 'x' },
        }));
        await producer.send({ topic: 'plain', compression, messages });
      }
    }
    await producer.disconnect();
    for (const maxRows of [1, 7, 1000, 100_000]) {
      const seen = await readAll(options('plain'), contextIn(dir), maxRows);
      for (const partition of [0, 1, 2]) expect(seen.get(`plain/${partition}`)).toEqual(values(partition, 0, 1000));
    }
  });

  test('the broker takes our own batches (it checks their checksums); kafkajs reads the same', async () => {
    await createTopic(kafka.bootstrap, 'ours', 2);
    expect(await produceBatches(kafka.bootstrap, 'ours', 0, batches(0, 0, 1000))).toBe(0);
    expect(await produceBatches(kafka.bootstrap, 'ours', 0, batches(0, 1000, 1500, 50, 'gzip'))).toBe(1000);
    const seen = await readAll(options('ours'), contextIn(dir));
    expect(seen.get('ours/0')).toEqual(values(0, 0, 1500));
    const consumer = kafka.client.consumer({ groupId: 'check' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'ours', fromBeginning: true });
    const theirs: string[] = [];
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          theirs.push(String(message.value));
          if (theirs.length === 1500) resolve();
        },
      });
    });
    await consumer.disconnect();
    expect(theirs).toEqual(values(0, 0, 1500));
  });

  test('more than one prefetch window is read without loss, and held bytes stay bounded', async () => {
    await createTopic(kafka.bootstrap, 'large', 2);
    const pad = Buffer.alloc(900, 'x').toString();
    for (const partition of [0, 1]) {
      const writer = new RecordBatchWriter();
      const out: Uint8Array[] = [];
      for (let i = 0; i < 20_000; i++) {
        writer.append(null, Buffer.from(`${partition}:${i}:${pad}`), 1000);
        if (writer.size > 500_000) out.push(writer.finish());
      }
      out.push(writer.finish());
      await produceBatches(kafka.bootstrap, 'large', partition, out);
    }
    const reader = await openReader(specOf(options('large', { 'scan.bounded.mode': 'latest-offset' })));
    let held = 0;
    const seen = await drain(reader, { maxRows: 777, onRows: () => (held = Math.max(held, reader.bytes())) });
    expect(held).toBeLessThan(16 * 1024 * 1024);
    for (const partition of [0, 1]) {
      const read = seen.get(`large/${partition}`)?.map((value) => value.slice(0, value.indexOf(':x')));
      expect(read).toEqual(values(partition, 0, 20_000));
    }
    expect(reader.lag()).toBe(0);
    await reader.close();
  }, 60_000);

  test('records of aborted transactions are never seen, open ones wait, committed ones come', async () => {
    await createTopic(kafka.bootstrap, 'tx', 1);
    const producers = await Promise.all(
      ['a', 'b'].map(async (transactionalId) => {
        const producer = kafka.client.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
        await producer.connect();
        return producer;
      }),
    );
    const [a, b] = producers;
    const zeroKey = Buffer.from([0, 0, 0, 0]);
    const expected: string[] = [];
    for (let i = 0; i < 12; i++) {
      const first = await a.transaction();
      const second = await b.transaction();
      await first.send({
        topic: 'tx',
        messages: [
          { key: zeroKey, value: `a${i}` },
          { key: 'k', value: `a${i}+` },
        ],
      });
      await second.send({ topic: 'tx', messages: [{ key: zeroKey, value: `b${i}` }] });
      await first.send({ topic: 'tx', messages: [{ key: 'k', value: `a${i}++` }] });
      const [commitFirst, commitSecond] = [i % 2 === 1, i % 3 === 1];
      await (commitFirst ? first.commit() : first.abort());
      await (commitSecond ? second.commit() : second.abort());
      if (commitFirst) expected.push(`a${i}`, `a${i}+`, `a${i}++`);
      if (commitSecond) expected.push(`b${i}`);
    }
    const open = await a.transaction();
    await open.send({ topic: 'tx', messages: [{ key: 'k', value: 'open' }] });
    // From every start offset: the list of aborted transactions is another one each time.
    const spec = specOf(options('tx', { 'scan.bounded.mode': 'latest-offset' }));
    const context = contextIn(dir);
    const inOrder = await readCommitted(options('tx'), context, expected.length);
    expect([...inOrder].sort()).toEqual([...expected].sort());
    const [{ split, start }] = await rawConnector.discover(spec, context);
    for (let offset = 0; offset < Number(start.end); offset += 3) {
      const reader = await rawConnector.open(
        spec,
        [{ split, position: { ...start, offset: String(offset) } }],
        context,
      );
      const seen = (await drain(reader)).get('tx/0') ?? [];
      expect(inOrder.slice(inOrder.length - seen.length)).toEqual(seen);
      expect(seen.length > 0 || offset > 30).toBe(true);
      await reader.close();
    }
    const all = await readAll(options('tx', { 'properties.isolation.level': 'read_uncommitted' }), context);
    expect(all.get('tx/0')?.length).toBe(12 * 4 + 1);
    await open.commit();
    expect(await readCommitted(options('tx'), context, expected.length + 1)).toEqual([...inOrder, 'open']);
    await Promise.all(producers.map((producer) => producer.disconnect()));
  }, 60_000);

  test('an offset that the broker deleted fails loudly', async () => {
    await createTopic(kafka.bootstrap, 'short', 1);
    await produceBatches(kafka.bootstrap, 'short', 0, batches(0, 0, 50));
    const admin = kafka.client.admin();
    await admin.connect();
    await admin.fetchTopicOffsets('short'); // kafkajs deletes only from topics whose metadata it has
    await admin.deleteTopicRecords({ topic: 'short', partitions: [{ partition: 0, offset: '20' }] });
    await admin.disconnect();
    const context = contextIn(dir);
    const spec = specOf(options('short'));
    const [{ split, start }] = await rawConnector.discover(spec, context);
    expect(start.offset).toBe('20');
    for (const offset of ['5', '70']) {
      const reader = await rawConnector.open(spec, [{ split, position: { ...start, offset } }], context);
      await expect(drain(reader, { enough: (rows) => rows > 0 })).rejects.toMatchObject({
        code: 'offset-out-of-range',
        message: expect.stringContaining(`topic short, partition 0, offset ${offset}`),
      });
      await reader.close();
    }
  });

  test('begins and ends at times and offsets', async () => {
    await createTopic(kafka.bootstrap, 'timed', 1);
    const writer = new RecordBatchWriter('gzip');
    const time = 1_000_000_000_000;
    for (let i = 0; i < 10; i++) writer.append(null, Buffer.from(String(i)), time + i);
    await produceBatches(kafka.bootstrap, 'timed', 0, [writer.finish()]);
    const rows = async (more: Record<string, string>): Promise<string> =>
      ((await readAll(options('timed', more), contextIn(dir))).get('timed/0') ?? []).join('');
    const at = (role: string, millis: number): Record<string, string> => ({
      [`scan.${role}.mode`]: 'timestamp',
      [`scan.${role}.timestamp-millis`]: String(millis),
    });
    const offset = (role: string, value: number): Record<string, string> => ({
      [`scan.${role}.mode`]: 'specific-offsets',
      [`scan.${role}.specific-offsets`]: `partition:0,offset:${value}`,
    });
    expect(await rows(at('startup', time + 4))).toBe('456789');
    expect(await rows(at('startup', time + 10))).toBe('');
    expect(await rows({ ...at('startup', time + 2), ...at('bounded', time + 5) })).toBe('234');
    expect(await rows({ ...offset('startup', 7), ...offset('bounded', 9) })).toBe('78');
  });

  test('latest-offset sees what is produced afterwards, soon', async () => {
    await createTopic(kafka.bootstrap, 'live', 1);
    await produceBatches(kafka.bootstrap, 'live', 0, batches(0, 0, 10));
    const reader = await openReader(specOf(options('live', { 'scan.startup.mode': 'latest-offset' })));
    expect(reader.poll(10)).toEqual({ type: 'wait' });
    await produceBatches(kafka.bootstrap, 'live', 0, batches(0, 10, 13));
    const seen = await drain(reader, { enough: (rows) => rows >= 3 });
    expect(seen.get('live/0')).toEqual(values(0, 10, 13));
    await reader.close();
  });

  test('a missing topic, a closed port and a silent server are named within ten seconds', async () => {
    const context = contextIn(dir);
    await expect(readAll(options('absent'), context)).rejects.toMatchObject({
      code: 'topic-not-found',
      message: expect.stringContaining(kafka.bootstrap),
    });
    const [closed] = await freePorts(1);
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    for (const port of [closed, address.port]) {
      const began = Date.now();
      const servers = `127.0.0.1:${port}`;
      await expect(readAll({ topic: 't', 'properties.bootstrap.servers': servers }, context)).rejects.toMatchObject({
        code: 'kafka-unreachable',
        message: expect.stringContaining(servers),
      });
      expect(Date.now() - began).toBeLessThan(10_000);
    }
    silent.close();
  }, 30_000);

  test('the broker is killed in the middle of reading: nothing is lost, nothing comes twice', async () => {
    await createTopic(kafka.bootstrap, 'outage', 2);
    for (const partition of [0, 1])
      await produceBatches(kafka.bootstrap, 'outage', partition, batches(partition, 0, 2000, 10));
    const context = contextIn(dir);
    const reader = await openReader(specOf(options('outage')), context);
    const seen = new Map<string, string[]>();
    const onRows = (rows: Rows) => seen.set(rows.splitId, [...(seen.get(rows.splitId) ?? []), ...valuesOf(rows)]);
    await drain(reader, { maxRows: 50, onRows, enough: (rows) => rows >= 500 });
    await kafka.kill();
    const restarted = (async () => {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await kafka.start();
      for (const partition of [0, 1]) {
        await produceBatches(kafka.bootstrap, 'outage', partition, batches(partition, 2000, 3000));
      }
    })();
    const left = 6000 - [...seen.values()].reduce((sum, list) => sum + list.length, 0);
    await drain(reader, { onRows, enough: (rows) => rows >= left });
    await restarted;
    for (const partition of [0, 1]) expect(seen.get(`outage/${partition}`)).toEqual(values(partition, 0, 3000));
    expect(reader.poll(10)).toEqual({ type: 'wait' });
    expect(context.logged.join('\n')).toMatch(/warn: topic outage: .*trying again in \d+ ms/);
    await reader.close();
  }, 90_000);
});

/** What a reader sees once it sees so many: a broker ends a transaction a little after it has said so. */
async function readCommitted(
  from: Readonly<Record<string, string>>,
  context: Parameters<typeof readAll>[1],
  wanted: number,
): Promise<readonly string[]> {
  let seen: readonly string[] = [];
  await poll(`${wanted} committed records`, 5000, async () => {
    seen = (await readAll(from, context)).get('tx/0') ?? [];
    return seen.length >= wanted;
  });
  return seen;
}
