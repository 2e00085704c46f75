import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KafkaProducer, type ProducerSettings } from '../../src/connectors/kafka/produce/kafka-producer.ts';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { CODEC_NAMES } from '../../src/connectors/record-batch/index.ts';
import { contextIn, readAll, seeded, TRANSACTION_ENDS } from '../kafka/support.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';
import { javaConsume, javaProduce } from './java.ts';

const ready = await requireServices('kafka');

describe.skipIf(!ready)('producing to a real broker', { timeout: 180_000 }, () => {
  let kafka: KafkaService;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'headwater-produce-'));
    kafka = await startKafka();
  }, 120_000);

  afterAll(async () => {
    await kafka?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  const settings = (topic: string, more: Partial<ProducerSettings> = {}): ProducerSettings => ({
    broker: { brokers: [kafka.bootstrap], ssl: false, sasl: undefined, clientId: 'test' },
    topic,
    compression: 'none',
    transactionTimeoutMs: 60_000,
    deliveryTimeoutMs: 60_000,
    log: () => undefined,
    now: () => Date.now(),
    random: Math.random,
    ...more,
  });

  const valuesOf = async (topic: string, isolation = 'read_committed') => {
    const options = { topic, 'properties.bootstrap.servers': kafka.bootstrap, 'properties.isolation.level': isolation };
    return readAll(options, contextIn(dir));
  };
  const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));

  test("every codec is read by Kafka's Java consumer, and the Java producer's by us", async () => {
    await createTopic(kafka.bootstrap, 'codecs', 1);
    const random = seeded(5);
    const expected: string[] = [];
    for (const compression of CODEC_NAMES) {
      const producer = await KafkaProducer.open(settings('codecs', { compression }));
      for (let i = 0; i < 2000; i++) {
        const value = `${compression}-${i}-${'x'.repeat(random() * 100)}${Math.floor(random() * 1e9)}`;
        producer.append(0, Buffer.from(`k${i}`), Buffer.from(value), Date.now());
        expected.push(`Partition:0 Offset:${expected.length} k${i} ${value}`);
      }
      await producer.flush();
      expect(producer.acknowledged()).toEqual([2000]);
      await producer.close();
    }
    const byJava = ['snappy', 'lz4', 'zstd', 'gzip'];
    const [seen] = await Promise.all([
      javaConsume(kafka, 'codecs', expected.length),
      ...byJava.map(async (compression) => {
        await createTopic(kafka.bootstrap, `java-${compression}`, 1);
        await javaProduce(kafka, `java-${compression}`, 3000, compression);
      }),
    ]);
    expect(seen.map((line) => line.replaceAll('\t', ' '))).toEqual(expected);
    for (const compression of byJava) {
      const values = (await valuesOf(`java-${compression}`)).get(`java-${compression}/0`) ?? [];
      expect(values.length).toBe(3000);
      expect(values.every((value) => /^[A-Z]{300}$/.test(value))).toBe(true);
    }
  });

  test('a broker that is killed again and again gets every record once, in order', async () => {
    await createTopic(kafka.bootstrap, 'killed', 3);
    const producer = await KafkaProducer.open(settings('killed', { compression: 'lz4' }));
    let produced = 0;
    let stop = false;
    const chaos = (async () => {
      for (let round = 0; round < 2; round++) {
        await new Promise((resolve) => setTimeout(resolve, 700));
        await kafka.kill();
        await kafka.start();
      }
      stop = true;
    })();
    while (!stop) {
      for (let i = 0; i < 30; i++, produced++) {
        producer.append(produced % 3, null, Buffer.from(String(Math.floor(produced / 3))), Date.now());
      }
      producer.push();
      await producer.room();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await chaos;
    await producer.flush();
    await producer.close();
    const seen = await valuesOf('killed');
    for (const partition of [0, 1, 2]) expect(seen.get(`killed/${partition}`)).toEqual(numbered(produced / 3));
  });

  test('transactions are seen whole or not at all; a zombie is shut out; an outage between makes no difference', async () => {
    await createTopic(kafka.bootstrap, 'tx', 2);
    const transactional = settings('tx', { transactionalId: 'tx-test' });
    const first = await KafkaProducer.open(transactional);
    const write = (producer: KafkaProducer, from: number, to: number) => {
      for (let i = from; i < to; i++) producer.append(i % 2, null, Buffer.from(String(i)), Date.now());
    };
    write(first, 0, 100);
    await first.commit();
    write(first, 100, 200);
    await first.flush();
    const committed = async () =>
      [...(await valuesOf('tx')).values()]
        .flat()
        .map(Number)
        .sort((a, b) => a - b);
    await expect.poll(committed, TRANSACTION_ENDS).toEqual(numbered(100).map(Number));
    const second = await KafkaProducer.open(transactional);
    write(first, 200, 300);
    await expect(first.commit()).rejects.toMatchObject({ code: 'producer-fenced' });
    write(second, 1000, 1100);
    await second.flush();
    await kafka.kill();
    await kafka.start();
    write(second, 1100, 1200);
    await second.commit();
    await expect.poll(committed, TRANSACTION_ENDS).toEqual([...numbered(100), ...numbered(200, 1000)].map(Number));
    await first.close();
    await second.close();
  });

  test('a record that is too large is refused by name; a topic that is missing too', async () => {
    await createTopic(kafka.bootstrap, 'small', 1);
    const producer = await KafkaProducer.open(settings('small'));
    producer.append(0, null, Buffer.alloc(2_000_000), 1000);
    await expect(producer.flush()).rejects.toMatchObject({
      code: 'kafka-refused',
      message: expect.stringMatching(/topic small, partition 0: .*MESSAGE_TOO_LARGE/),
    });
    await producer.close();
    await expect(KafkaProducer.open(settings('no-such-topic'))).rejects.toMatchObject({ code: 'topic-not-found' });
  });

  test('an outage that lasts too long is an error that names the broker', async () => {
    await createTopic(kafka.bootstrap, 'outage', 1);
    const producer = await KafkaProducer.open(settings('outage', { deliveryTimeoutMs: 1500 }));
    await kafka.kill();
    producer.append(0, null, Buffer.from('x'), 1000);
    await expect(producer.flush()).rejects.toMatchObject({
      code: 'kafka-unreachable',
      message: expect.stringContaining(kafka.bootstrap),
    });
    await producer.close();
    await kafka.start();
  });
});
