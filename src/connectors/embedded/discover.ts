import { HeadwaterError } from '../../data/errors.ts';
import type { KafkaOptions } from '../kafka/options.ts';
import { splitId } from '../kafka/position.ts';
import type { PartitionRange } from '../kafka/run-source.ts';
import { endOffsetOf, groupOf, type ScanPoint, startOffset, timeOf } from '../kafka/scan-points.ts';
import { topicMatcher } from '../kafka/topic-selection.ts';
import { EmbeddedGroups } from './groups.ts';
import { EmbeddedLog } from './log.ts';

/** The partitions of the table's topics with their ranges, but for those that are `known`. Errors: `topic-not-found`. */
export function discoverEmbedded(options: KafkaOptions, known: ReadonlySet<string>, dataDir: string): PartitionRange[] {
  const log = new EmbeddedLog(dataDir);
  try {
    return topicsOf(log, options, dataDir).flatMap(({ topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => partition)
        .filter((partition) => !known.has(splitId(topic, partition)))
        .map((partition) => rangeOf(log, dataDir, options, topic, partition)),
    );
  } finally {
    log.close();
  }
}

function topicsOf(
  log: EmbeddedLog,
  { topics }: KafkaOptions,
  dataDir: string,
): { topic: string; partitions: number }[] {
  if (topics.by === 'pattern') {
    const matches = topicMatcher(topics.pattern);
    // One that is just being made has no partitions yet.
    return log
      .listTopics()
      .filter(matches)
      .map((topic) => ({ topic, partitions: log.partitions(topic) ?? 0 }));
  }
  return topics.topics.map((topic) => {
    const partitions = log.partitions(topic);
    if (partitions !== undefined) return { topic, partitions };
    const message = `topic ${topic} does not exist in the embedded log of ${dataDir}; create it by producing to it`;
    throw new HeadwaterError('topic-not-found', message);
  });
}

function rangeOf(
  log: EmbeddedLog,
  dataDir: string,
  { startup, bounded }: KafkaOptions,
  topic: string,
  partition: number,
): PartitionRange {
  const [earliest, latest] = [log.startOffset(topic, partition), log.endOffset(topic, partition)];
  const known = { topic, partition, earliest, latest };
  const at = (point: ScanPoint | undefined) => {
    const [time, group] = [timeOf(point), groupOf(point)];
    return {
      ...known,
      atTime: time === undefined ? undefined : log.offsetOfTime(topic, partition, time),
      committed: group === undefined ? undefined : EmbeddedGroups.committed(dataDir, group, topic, partition),
    };
  };
  return {
    topic,
    partition,
    offset: startOffset(startup, at(startup)),
    end: endOffsetOf(bounded, at(bounded)),
  };
}
