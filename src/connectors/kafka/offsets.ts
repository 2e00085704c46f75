import { runtimeError } from '../../data/errors.ts';
import { errorName, isRetriable } from './errors.ts';
import { splitId, type TopicPartition } from './position.ts';
import { decodeListOffsets, encodeListOffsets, type PartitionOffset } from './protocol.ts';
import type { KafkaSession } from './session.ts';

/** A partition and the node that leads it. */
export interface LedPartition extends TopicPartition {
  readonly leader: number;
}

/** A leader may not know yet that it is one: so long is it asked again. */
const ATTEMPTS = 10;
const AGAIN_AFTER_MS = 200;

/**
 * By split: the earliest or latest offset of each partition, or the first not older than a time (-1: none), asked of
 * their leaders.
 */
export async function listOffsets(
  session: KafkaSession,
  partitions: readonly LedPartition[],
  time: number,
  readCommitted: boolean,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  for (const { topic, partition, errorCode, offset } of await askLeaders(session, partitions, time, readCommitted)) {
    if (errorCode !== 0) {
      const where = `topic ${topic}, partition ${partition}`;
      throw runtimeError('kafka-refused', `${where}: its offsets cannot be listed: ${errorName(errorCode)}`);
    }
    offsets.set(splitId(topic, partition), offset);
  }
  return offsets;
}

async function askLeaders(
  session: KafkaSession,
  partitions: readonly LedPartition[],
  time: number,
  readCommitted: boolean,
): Promise<PartitionOffset[]> {
  const nodes = [...new Set(partitions.map(({ leader }) => leader))];
  for (let attempt = 1; ; attempt++) {
    const answers = await Promise.all(
      nodes.map(async (node) => {
        const led = partitions.filter(({ leader }) => leader === node);
        return decodeListOffsets(await session.request(node, encodeListOffsets(led, time, readCommitted)));
      }),
    );
    const offsets = answers.flat();
    if (attempt === ATTEMPTS || !offsets.some(({ errorCode }) => isRetriable(errorCode))) return offsets;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}
