import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaProducer } from '../../src/connectors/kafka/produce/kafka-producer.ts';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';

const ready = await requireServices('kafka');

describe.skipIf(!ready)('the progress note of a transaction', { timeout: 60_000 }, () => {
  let kafka: KafkaService;
  beforeAll(async () => {
    kafka = await startKafka();
    await createTopic(kafka.bootstrap, 'noted', 2);
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
  });
  const open = () =>
    KafkaProducer.open({
      broker: { brokers: [kafka.bootstrap], ssl: false, sasl: undefined, clientId: 'test' },
      topic: 'noted',
      compression: 'none',
      transactionalId: 'noted-writer',
      transactionTimeoutMs: 60_000,
      deliveryTimeoutMs: 30_000,
      log: (level, message) => console.log(level, message),
      now: () => Date.now(),
      random: Math.random,
    });

  it('is there with the records, and gone with an aborted transaction', async () => {
    const group = 'noted-writer';
    const first = await open();
    expect(await first.progress(group)).toBeUndefined();
    first.append(0, null, Buffer.from('a'), 1);
    await first.commit({ group, offset: 7, metadata: '7:some/lineage' });
    expect(await first.progress(group)).toEqual({ group, offset: 7, metadata: '7:some/lineage' });
    first.append(1, null, Buffer.from('b'), 1);
    await first.flush();
    const second = await open();
    await expect(first.commit({ group, offset: 8, metadata: '8:lost' })).rejects.toMatchObject({
      code: 'producer-fenced',
    });
    expect(await second.progress(group)).toEqual({ group, offset: 7, metadata: '7:some/lineage' });
    // A note without records.
    await second.commit({ group, offset: 9, metadata: `9:${'é'.repeat(200)}` });
    expect(await second.progress(group)).toEqual({ group, offset: 9, metadata: `9:${'é'.repeat(200)}` });
    await first.close();
    await second.close();
  });
});
