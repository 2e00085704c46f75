import type { Compression } from '../record-batch/codecs/index.ts';
import { RecordBatchWriter } from '../record-batch/writer.ts';
import type { RecordProducer } from '../produce.ts';
import { EmbeddedLog } from './log.ts';

const BATCH_BYTES = 256 * 1024;

/** Appends to a topic of the embedded log, in one SQLite transaction a partition at each `push`. */
export class EmbeddedProducer implements RecordProducer {
  readonly partitions: number;
  /** Every push is a synchronous commit of SQLite. */
  readonly linger = 50;
  private readonly log: EmbeddedLog;
  private readonly topic: string;
  private readonly writers: readonly RecordBatchWriter[];
  private readonly closed: Uint8Array[][];
  private readonly appended: number[];
  private readonly counts: number[];

  /** The topic exists. */
  constructor(dataDir: string, topic: string, compression: Compression) {
    this.log = new EmbeddedLog(dataDir);
    this.topic = topic;
    this.partitions = this.log.partitions(topic) ?? 0;
    this.writers = Array.from({ length: this.partitions }, () => new RecordBatchWriter(compression));
    this.closed = this.writers.map(() => []);
    this.appended = this.writers.map(() => 0);
    this.counts = this.writers.map(() => 0);
  }

  append(partition: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    const writer = this.writers[partition];
    writer.append(key, value, timestamp);
    this.counts[partition]++;
    if (writer.size >= BATCH_BYTES) this.closed[partition].push(writer.finish());
  }

  push(): void {
    this.writers.forEach((writer, partition) => {
      const batches = this.closed[partition];
      if (writer.count > 0) batches.push(writer.finish());
      if (batches.length === 0) return;
      this.log.append(this.topic, partition, batches);
      this.closed[partition] = [];
      this.appended[partition] = this.counts[partition];
    });
  }

  async room(): Promise<void> {
    // Appends are durable when `push` returns: nothing is held.
  }

  async flush(): Promise<void> {
    this.push();
  }

  async commit(): Promise<void> {
    this.push();
  }

  acknowledged(): number[] {
    return [...this.appended];
  }

  async close(): Promise<void> {
    this.log.close();
  }
}
