import type { ConnectorContext } from '../contracts.ts';
import { withDeadline } from './deadline.ts';
import { errorName, explainFailure, refusedBy, topicNotFound, unreachable } from './errors.ts';
import { committedOffsets } from './group-offsets.ts';
import type { TopicMetadata } from './metadata.ts';
import { type LedPartition, listOffsets } from './offsets.ts';
import type { BrokerSettings, KafkaOptions } from './options.ts';
import { splitId } from './position.ts';
import { EARLIEST, LATEST } from './protocol.ts';
import type { PartitionRange } from './run-source.ts';
import { endOffsetOf, groupOf, type ScanPoint, startOffset, timeOf } from './scan-points.ts';
import { KafkaSession } from './session.ts';
import { describeTopics, topicMatcher, type TopicSelection } from './topic-selection.ts';

/** Leaves room for the start and the end of the process within the ten seconds that are promised. */
const TOPICS_DEADLINE_MS = 5_000;
const OFFSETS_DEADLINE_MS = 3_500;
const CLOSE_DEADLINE_MS = 500;
const LEADER_WAIT_MS = 200;
const UNKNOWN_TOPIC = 3;
const LEADER_NOT_AVAILABLE = 5;

type Host = Pick<ConnectorContext, 'now' | 'random'>;

/**
 * The partitions of the table's topics with their ranges, but for those that are `known`. Throws `kafka-unreachable` or
 * `topic-not-found` within ten seconds.
 */
export async function discoverPartitions(
  options: KafkaOptions,
  broker: BrokerSettings,
  known: ReadonlySet<string>,
  host: Host,
): Promise<PartitionRange[]> {
  const session = new KafkaSession(broker, TOPICS_DEADLINE_MS);
  const within = <T>(work: Promise<T>, ms: number): Promise<T> =>
    withDeadline(work, ms, () => unreachable(broker.brokers, new Error(`no answer within ${ms} ms`)));
  try {
    const partitions = await within(electedLeaders(session, options.topics, broker, known), TOPICS_DEADLINE_MS);
    return await within(readRanges(session, options, partitions, host), OFFSETS_DEADLINE_MS);
  } catch (error) {
    throw explainFailure(error, describeTopics(options.topics), broker.brokers);
  } finally {
    // A connection that hangs is left to its own time-outs.
    await within(session.close(), CLOSE_DEADLINE_MS).catch(() => undefined);
  }
}

async function readRanges(
  session: KafkaSession,
  { readCommitted, startup, bounded }: KafkaOptions,
  partitions: readonly LedPartition[],
  host: Host,
): Promise<PartitionRange[]> {
  if (partitions.length === 0) return [];
  const offsetsAt = (time: number) => listOffsets(session, partitions, time, readCommitted);
  const earliest = await offsetsAt(EARLIEST);
  const latest = await offsetsAt(LATEST);
  const [starts, ends] = await Promise.all(
    [startup, bounded].map(async (point: ScanPoint | undefined) => {
      const [time, group] = [timeOf(point), groupOf(point)];
      return {
        times: time === undefined ? undefined : await offsetsAt(time),
        committed: group === undefined ? undefined : await committedOffsets(session, group, partitions, host),
      };
    }),
  );
  return partitions.map(({ topic, partition }) => {
    const id = splitId(topic, partition);
    const offsets = { topic, partition, earliest: earliest.get(id) ?? 0, latest: latest.get(id) ?? 0 };
    const of = (point: typeof starts) => ({
      ...offsets,
      atTime: found(point.times?.get(id)),
      committed: found(point.committed?.get(id)),
    });
    return { topic, partition, offset: startOffset(startup, of(starts)), end: endOffsetOf(bounded, of(ends)) };
  });
}

/** -1 stands for none. */
function found(offset: number | undefined): number | undefined {
  return offset === undefined || offset < 0 ? undefined : offset;
}

/** A topic that was just created has partitions without a leader for a moment. */
async function electedLeaders(
  session: KafkaSession,
  topics: TopicSelection,
  broker: BrokerSettings,
  known: ReadonlySet<string>,
): Promise<LedPartition[]> {
  for (;;) {
    const metadata = await metadataOf(session, topics);
    for (const { topic, errorCode } of metadata) checkTopic(topic, errorCode, broker);
    const partitions = metadata
      .flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, ...partition })))
      .filter(({ topic, partition }) => !known.has(splitId(topic, partition)))
      .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
    const elected = metadata.every(({ partitions }) => partitions.length > 0);
    if (elected && partitions.every(({ leader }) => leader >= 0)) return partitions;
    await new Promise((resolve) => setTimeout(resolve, LEADER_WAIT_MS));
  }
}

async function metadataOf(session: KafkaSession, topics: TopicSelection): Promise<readonly TopicMetadata[]> {
  if (topics.by === 'names') return session.topics(topics.topics);
  const matches = topicMatcher(topics.pattern);
  return (await session.topics(undefined)).filter(({ topic, internal }) => !internal && matches(topic));
}

function checkTopic(topic: string, errorCode: number, broker: BrokerSettings): void {
  if (errorCode === 0 || errorCode === LEADER_NOT_AVAILABLE) return;
  if (errorCode === UNKNOWN_TOPIC) throw topicNotFound(topic, broker.brokers);
  throw refusedBy(broker.brokers, `topic ${topic}`, errorName(errorCode));
}
