import { runtimeError } from '../../data/errors.ts';
import { errorName } from './errors.ts';
import { splitId, type TopicPartition } from './position.ts';
import { decodeListOffsets, encodeListOffsets } from './protocol.ts';
import type { KafkaSession } from './session.ts';

/** A partition and the node that leads it. */
export interface LedPartition extends TopicPartition {
  readonly leader: number;
}

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
  const nodes = [...new Set(partitions.map(({ leader }) => leader))];
  const answers = await Promise.all(
    nodes.map(async (node) => {
      const led = partitions.filter(({ leader }) => leader === node);
      return decodeListOffsets(await session.request(node, encodeListOffsets(led, time, readCommitted)));
    }),
  );
  const offsets = new Map<string, number>();
  for (const { topic, partition, errorCode, offset } of answers.flat()) {
    if (errorCode !== 0) {
      const where = `topic ${topic}, partition ${partition}`;
      throw runtimeError('kafka-refused', `${where}: its offsets cannot be listed: ${errorName(errorCode)}`);
    }
    offsets.set(splitId(topic, partition), offset);
  }
  return offsets;
}
