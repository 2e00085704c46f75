import type * as Kafkajs from 'kafkajs';
import { runtimeError } from '../../data/errors.ts';
import { lazyPackage } from '../../data/lazy-package.ts';
import { explainFailure } from './errors.ts';
import type { BrokerSettings } from './options.ts';
import { tlsOptions } from './tls.ts';

const kafkajs = lazyPackage<typeof Kafkajs>('kafkajs');

/**
 * Creates a topic with one replica where it is missing: with `partitions`, or `otherwise` when that is undefined. Errors:
 * `topic-exists` when it is there with other than `partitions` partitions, `kafka-unreachable`.
 */
export async function ensureTopic(
  settings: BrokerSettings,
  topic: string,
  partitions: number | undefined,
  otherwise: number,
): Promise<void> {
  const { brokers, ssl, sasl, clientId } = settings;
  const { Kafka, logLevel } = kafkajs();
  const client = new Kafka({
    clientId,
    brokers: [...brokers],
    ssl: ssl === false ? false : tlsOptions(ssl),
    sasl,
    logLevel: logLevel.NOTHING,
    retry: { retries: 3 },
  });
  const admin = client.admin();
  try {
    await admin.connect();
  } catch (error) {
    throw explainFailure(error, `topic ${topic}`, brokers);
  }
  try {
    const numPartitions = partitions ?? otherwise;
    const topics = [{ topic, numPartitions, replicationFactor: 1 }];
    if (await admin.createTopics({ topics, waitForLeaders: true })) return;
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] });
    const existing = found[0]?.partitions.length ?? 0;
    if (partitions !== undefined && existing !== partitions) {
      throw runtimeError('topic-exists', `topic ${topic} exists with ${existing} partitions, not ${partitions}`);
    }
  } finally {
    await admin.disconnect();
  }
}
