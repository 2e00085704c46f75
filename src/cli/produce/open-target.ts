import { EmbeddedLog, EmbeddedProducer } from '../../connectors/embedded/index.ts';
import type { RecordProducer } from '../../connectors/produce.ts';
import { HeadwaterError } from '../../data/errors.ts';
import type { ProduceOptions } from './arguments.ts';

const DEFAULT_PARTITIONS = 4;

/** The topic, created when it is missing, open for writing. Errors: `topic-exists`, `kafka-unreachable`. */
export async function openTarget(options: ProduceOptions, topic: string): Promise<RecordProducer> {
  const { brokers, dataDir, compression, partitions } = options;
  if (brokers === 'embedded') {
    if (options.transactional !== undefined) {
      throw new HeadwaterError(
        'bad-arguments',
        '--transactional needs --brokers: the embedded log has no transactions',
      );
    }
    const log = new EmbeddedLog(dataDir);
    try {
      log.createTopic(topic, partitions ?? log.partitions(topic) ?? DEFAULT_PARTITIONS);
    } finally {
      log.close();
    }
    return new EmbeddedProducer(dataDir, topic, compression);
  }
  const { ensureTopic } = await import('../../connectors/kafka/topics.ts');
  const { KafkaProducer } = await import('../../connectors/kafka/produce/kafka-producer.ts');
  const { brokerAddresses, brokerSettings } = await import('../../connectors/kafka/options.ts');
  brokerAddresses(brokers, '--brokers');
  const broker = brokerSettings({ 'properties.client.id': 'headwater-produce', ...options.client }, brokers);
  await ensureTopic(broker, topic, partitions, DEFAULT_PARTITIONS);
  return KafkaProducer.open({
    broker,
    topic,
    compression,
    transactionalId: options.transactional === undefined ? undefined : options.transactionalId,
    transactionTimeoutMs: 60_000,
    deliveryTimeoutMs: options.deliveryTimeout,
    log: (level, message) => process.stderr.write(`${level}: ${message}\n`),
    now: () => Date.now(),
    random: Math.random,
  });
}
