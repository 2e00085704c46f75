import { HeadwaterError } from '../../data/errors.ts';
import { withDeadline } from './deadline.ts';
import { kafkaErrorType, topicNotFound, unreachable } from './errors.ts';
import { listOffsets } from './offsets.ts';
import type { BrokerSettings, KafkaOptions } from './options.ts';
import { EARLIEST, LATEST } from './protocol.ts';
import type { PartitionRange } from './run-source.ts';
import { endOffsetOf, startOffset, timeOf } from './scan-points.ts';
import { KafkaSession, type PartitionLeader } from './session.ts';

/** Leaves room for the start and the end of the process within the ten seconds that are promised. */
const DEADLINE_MS = 5_000;
const CLOSE_DEADLINE_MS = 500;
const LEADER_WAIT_MS = 200;

/** The partitions of the topic with their ranges. Throws `kafka-unreachable` or `topic-not-found` within ten seconds. */
export async function discoverPartitions(options: KafkaOptions, broker: BrokerSettings): Promise<PartitionRange[]> {
  const session = new KafkaSession(broker, DEADLINE_MS);
  const late = () => unreachable(broker.brokers, new Error(`no answer within ${DEADLINE_MS} ms`));
  try {
    return await withDeadline(readRanges(session, options), DEADLINE_MS, late);
  } catch (error) {
    throw explainFailure(error, options.topic, broker);
  } finally {
    // A connection that hangs is left to its own time-outs.
    await withDeadline(session.close(), CLOSE_DEADLINE_MS, late).catch(() => undefined);
  }
}

async function readRanges(session: KafkaSession, options: KafkaOptions): Promise<PartitionRange[]> {
  const { topic, readCommitted, startup, bounded } = options;
  const leaders = await electedLeaders(session, topic);
  const earliest = await listOffsets(session, topic, leaders, EARLIEST, readCommitted);
  const latest = await listOffsets(session, topic, leaders, LATEST, readCommitted);
  const [startTimes, endTimes] = await Promise.all(
    [startup, bounded].map(async (point) => {
      const time = timeOf(point);
      return time === undefined ? undefined : listOffsets(session, topic, leaders, time, readCommitted);
    }),
  );
  return leaders.map(({ partition }) => {
    const known = { partition, earliest: earliest.get(partition) ?? 0, latest: latest.get(partition) ?? 0 };
    return {
      partition,
      offset: startOffset(topic, startup, { ...known, atTime: found(startTimes?.get(partition)) }),
      end: endOffsetOf(topic, bounded, { ...known, atTime: found(endTimes?.get(partition)) }),
    };
  });
}

/** -1 stands for none. */
function found(offset: number | undefined): number | undefined {
  return offset === undefined || offset < 0 ? undefined : offset;
}

/** A topic that was just created has partitions without a leader for a moment. */
async function electedLeaders(session: KafkaSession, topic: string): Promise<PartitionLeader[]> {
  for (;;) {
    const leaders = await leadersOrNone(session, topic);
    if (leaders.length > 0 && leaders.every(({ leader }) => leader >= 0)) return leaders;
    await new Promise((resolve) => setTimeout(resolve, LEADER_WAIT_MS));
  }
}

async function leadersOrNone(session: KafkaSession, topic: string): Promise<PartitionLeader[]> {
  try {
    return await session.leaders(topic);
  } catch (error) {
    if (kafkaErrorType(error) === 'LEADER_NOT_AVAILABLE') return [];
    throw error;
  }
}

/** What a cluster that cannot be used says, as an error with a code that names it. */
export function explainFailure(error: unknown, topic: string, broker: BrokerSettings): unknown {
  if (error instanceof HeadwaterError) return error;
  const type = kafkaErrorType(error);
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') return topicNotFound(topic, broker.brokers);
  const refused = type?.endsWith('_AUTHORIZATION_FAILED') || (error instanceof Error && error.name.includes('SASL'));
  if (refused) {
    const reason = error instanceof Error ? error.message : String(error);
    return new HeadwaterError(
      'kafka-refused',
      `Kafka at ${broker.brokers.join(', ')} refuses topic ${topic}: ${reason}`,
      {
        kind: 'runtime',
        cause: error,
      },
    );
  }
  return unreachable(broker.brokers, error);
}
