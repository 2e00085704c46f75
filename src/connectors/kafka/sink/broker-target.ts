import { withDeadline } from '../deadline.ts';
import { unreachable } from '../errors.ts';
import type { BrokerSettings } from '../options.ts';
import { KafkaProducer, type ProducerSettings } from '../produce/kafka-producer.ts';
import { ensureTopic } from '../topics.ts';
import type { TopicSinkOptions } from './options.ts';
import { formatProgress, parseProgress, type SinkProgress, type TopicTarget } from './target.ts';

/** Within the ten seconds that are promised. */
const OPEN_DEADLINE_MS = 8_000;
const CLOSE_DEADLINE_MS = 500;
/** A shorter outage is waited out by the producer; after a longer one the follower begins anew. */
const DELIVERY_TIMEOUT_MS = 10_000;

export interface TargetHost {
  readonly log: (level: 'info' | 'warn', message: string) => void;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * Opens a topic of a cluster. `exactly-once`: takes the transactional id `writer`, which shuts out an earlier holder and
 * ends its open transaction, and then reads how far it came. Errors: `kafka-unreachable` within ten seconds,
 * `topic-not-found`, `kafka-refused`.
 */
export async function openBrokerTarget(
  options: TopicSinkOptions,
  broker: BrokerSettings,
  writer: string,
  host: TargetHost,
): Promise<TopicTarget> {
  const { topic, createPartitions, guarantee } = options;
  const late = () => unreachable(broker.brokers, new Error(`no answer within ${OPEN_DEADLINE_MS / 1000} s`));
  const open = async (): Promise<TopicTarget> => {
    if (createPartitions !== undefined) await ensureTopic(broker, topic, undefined, createPartitions);
    const producer = await KafkaProducer.open(producerSettings(options, broker, writer, host));
    const note = guarantee === 'exactly-once' ? await producer.progress(writer) : undefined;
    return new BrokerTarget(producer, writer, guarantee, parseProgress(note?.metadata));
  };
  const opening = open();
  try {
    return await withDeadline(opening, OPEN_DEADLINE_MS, late);
  } catch (error) {
    void opening.then((target) => target.close()).catch(() => undefined);
    throw error;
  }
}

function producerSettings(
  { topic, compression, guarantee, transactionTimeoutMs }: TopicSinkOptions,
  broker: BrokerSettings,
  writer: string,
  host: TargetHost,
): ProducerSettings {
  return {
    broker,
    topic,
    compression,
    ...(guarantee === 'exactly-once' ? { transactionalId: writer } : {}),
    transactionTimeoutMs,
    deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
    ...host,
  };
}

class BrokerTarget implements TopicTarget {
  readonly progress: SinkProgress | undefined;
  private readonly producer: KafkaProducer;
  private readonly writer: string;
  private readonly guarantee: TopicSinkOptions['guarantee'];

  constructor(
    producer: KafkaProducer,
    writer: string,
    guarantee: TopicSinkOptions['guarantee'],
    progress: SinkProgress | undefined,
  ) {
    this.producer = producer;
    this.writer = writer;
    this.guarantee = guarantee;
    this.progress = progress;
  }

  get partitions(): number {
    return this.producer.partitions;
  }

  append(partition: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    this.producer.append(partition, key, value, timestamp);
  }

  async room(): Promise<void> {
    this.producer.push();
    await this.producer.room();
  }

  async commit(progress: SinkProgress): Promise<void> {
    switch (this.guarantee) {
      case 'exactly-once':
        // Inside the transaction: the records are seen if and only if the note is.
        return this.producer.commit({ group: this.writer, offset: progress.epoch, metadata: formatProgress(progress) });
      case 'at-least-once':
        return this.producer.flush();
      case 'none':
        return this.room();
    }
  }

  async close(): Promise<void> {
    const late = () => new Error('the brokers do not close their connections');
    await withDeadline(this.producer.close(), CLOSE_DEADLINE_MS, late).catch(() => undefined);
  }
}
