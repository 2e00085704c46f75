import { runtimeError } from '../../data/errors.ts';
import { errorName } from './errors.ts';
import { decodeListOffsets, encodeListOffsets } from './protocol.ts';
import type { KafkaSession, PartitionLeader } from './session.ts';

/** The earliest or latest offset of each partition, or the first not older than a time (-1: none), asked of their leaders. */
export async function listOffsets(
  session: KafkaSession,
  topic: string,
  leaders: readonly PartitionLeader[],
  time: number,
  readCommitted: boolean,
): Promise<Map<number, number>> {
  const nodes = [...new Set(leaders.map(({ leader }) => leader))];
  const answers = await Promise.all(
    nodes.map(async (node) => {
      const partitions = leaders.filter(({ leader }) => leader === node).map(({ partition }) => partition);
      return decodeListOffsets(await session.request(node, encodeListOffsets(topic, partitions, time, readCommitted)));
    }),
  );
  const offsets = new Map<number, number>();
  for (const { partition, errorCode, offset } of answers.flat()) {
    if (errorCode !== 0) {
      const where = `topic ${topic}, partition ${partition}`;
      throw runtimeError('kafka-refused', `${where}: its offsets cannot be listed: ${errorName(errorCode)}`);
    }
    offsets.set(partition, offset);
  }
  return offsets;
}
