import { HeadwaterError } from '../../../data/errors.ts';
import { EmbeddedLog, type PartitionBatches } from '../../embedded/log.ts';
import type { TopicWriter } from '../../embedded/writers.ts';
import { RecordBatchWriter } from '../../record-batch/index.ts';
import type { TopicSinkOptions } from './options.ts';
import { formatProgress, parseProgress, type SinkProgress, type TopicTarget } from './target.ts';

const BATCH_BYTES = 256 * 1024;

/**
 * A topic of the embedded log. A commit is one SQLite transaction: the records, and for `exactly-once` the progress with
 * them. Errors: `topic-not-found`.
 */
export class EmbeddedTarget implements TopicTarget {
  readonly partitions: number;
  readonly progress: SinkProgress | undefined;
  private readonly log: EmbeddedLog;
  private readonly topic: string;
  private readonly writer: TopicWriter | undefined;
  private readonly building: readonly RecordBatchWriter[];
  private closed: Uint8Array[][];

  constructor(options: TopicSinkOptions, writer: TopicWriter, dataDir: string) {
    const { topic, createPartitions, guarantee, compression } = options;
    this.log = new EmbeddedLog(dataDir);
    this.topic = topic;
    if (createPartitions !== undefined && this.log.partitions(topic) === undefined) {
      this.log.createTopic(topic, createPartitions);
    }
    const partitions = this.log.partitions(topic);
    if (partitions === undefined) {
      this.log.close();
      throw new HeadwaterError(
        'topic-not-found',
        `topic ${topic} does not exist in the embedded log of ${dataDir}; create it by producing to it, or set 'sink.topic.partitions'`,
      );
    }
    this.partitions = partitions;
    this.writer = guarantee === 'exactly-once' ? writer : undefined;
    this.progress = this.writer === undefined ? undefined : parseProgress(this.log.takeWriter(topic, this.writer));
    this.building = Array.from({ length: partitions }, () => new RecordBatchWriter(compression));
    this.closed = this.building.map(() => []);
  }

  append(partition: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    const writer = this.building[partition];
    writer.append(key, value, timestamp);
    if (writer.size >= BATCH_BYTES) this.closed[partition].push(writer.finish());
  }

  async room(): Promise<void> {
    // An epoch is appended as a whole; the task that computed it has held it in memory, too.
  }

  async commit(progress: SinkProgress): Promise<void> {
    const parts = this.building.flatMap((writer, partition): PartitionBatches[] => {
      const batches = this.closed[partition];
      if (writer.count > 0) batches.push(writer.finish());
      return batches.length === 0 ? [] : [{ partition, batches }];
    });
    this.log.appendWithProgress(this.topic, parts, this.writer, formatProgress(progress));
    this.closed = this.building.map(() => []);
  }

  async close(): Promise<void> {
    this.log.close();
  }
}
