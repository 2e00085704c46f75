import { runtimeError } from '../../data/errors.ts';
import { errorName } from './errors.ts';
import { decodeProduce, encodeProduce } from './produce/protocol.ts';
import type { BrokerSettings } from './options.ts';
import { KafkaSession } from './session.ts';
import { ensureTopic } from './topics.ts';

const PRODUCE_TIMEOUT_MS = 30_000;
/** Sent before the first is acknowledged; a broker appends them in the order of the connection. */
const IN_FLIGHT = 4;

/** Creates a topic with one replica; a topic that exists with as many partitions is left alone. */
export async function createTopic(bootstrap: string, topic: string, partitions: number): Promise<void> {
  await ensureTopic(loaderSettings(bootstrap), topic, partitions, partitions);
}

/**
 * Appends whole record batches to a partition, as they are, acknowledged by all replicas; returns the offset of the
 * first. Loads topics at the speed of the broker. Not idempotent: after an error some batches may have been written.
 */
export async function produceBatches(
  bootstrap: string,
  topic: string,
  partition: number,
  batches: readonly Uint8Array[],
): Promise<number> {
  const session = new KafkaSession(loaderSettings(bootstrap));
  try {
    const leaders = await session.leaders(topic);
    const leader = leaders.find((candidate) => candidate.partition === partition)?.leader ?? -1;
    if (leader < 0) throw runtimeError('partition-not-found', `topic ${topic} has no led partition ${partition}`);
    const send = async (batch: Uint8Array) => {
      const call = encodeProduce(topic, [{ partition, batch }], PRODUCE_TIMEOUT_MS);
      const [{ errorCode, baseOffset }] = decodeProduce(await session.request(leader, call));
      if (errorCode === 0) return baseOffset;
      throw runtimeError(
        'kafka-refused',
        `topic ${topic}, partition ${partition}: produce refused: ${errorName(errorCode)}`,
      );
    };
    let first = -1;
    for (let i = 0; i < batches.length; i += IN_FLIGHT) {
      const [offset] = await Promise.all(batches.slice(i, i + IN_FLIGHT).map(send));
      if (i === 0) first = offset;
    }
    return first;
  } finally {
    await session.close();
  }
}

function loaderSettings(bootstrap: string): BrokerSettings {
  return { brokers: bootstrap.split(','), ssl: false, sasl: undefined, clientId: 'headwater-loader' };
}
