import type { Compression } from '../../record-batch/codecs/index.ts';
import { RecordBatchWriter } from '../../record-batch/writer.ts';
import type { ProducerId } from './protocol.ts';

/** A batch is closed at this size, uncompressed: brokers take one megabyte unless they are told otherwise. */
const BATCH_BYTES = 256 * 1024;
const MAX_BATCH_BYTES = 900 * 1024;
const SEQUENCES = 2 ** 31;

interface NumberedBatch {
  readonly bytes: Uint8Array;
  readonly records: number;
}

/**
 * The records of one partition on their way: the batch being built, closed ones in order, and the one that is sent.
 * Batches carry the producer's numbers from the moment they are closed, so that one that is sent again is the same.
 */
export class PartitionQueue {
  readonly partition: number;
  /** Waiting for the answer of a broker. */
  sending = false;
  /** Records that a broker has acknowledged. */
  acknowledged = 0;
  private readonly writer: RecordBatchWriter;
  private readonly producer: ProducerId;
  private readonly transactional: boolean;
  private readonly closed: NumberedBatch[] = [];
  private closedBytes = 0;
  private sequence = 0;

  constructor(partition: number, producer: ProducerId, compression: Compression, transactional: boolean) {
    this.partition = partition;
    this.producer = producer;
    this.transactional = transactional;
    this.writer = new RecordBatchWriter(compression);
  }

  append(key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    const size = (key?.length ?? 0) + (value?.length ?? 0);
    if (this.writer.count > 0 && this.writer.size + size > MAX_BATCH_BYTES) this.close();
    this.writer.append(key, value, timestamp);
    if (this.writer.size >= BATCH_BYTES) this.close();
  }

  get bytes(): number {
    return this.closedBytes + (this.writer.count > 0 ? this.writer.size : 0);
  }

  get empty(): boolean {
    return this.closed.length === 0 && this.writer.count === 0;
  }

  /** The batch to send next: the same until `done`. Undefined when there is none. */
  next(): Uint8Array | undefined {
    if (this.closed.length === 0 && this.writer.count > 0) this.close();
    return this.closed[0]?.bytes;
  }

  /** The broker has what `next` gave. */
  done(): void {
    const batch = this.closed.shift();
    if (batch === undefined) return;
    this.closedBytes -= batch.bytes.length;
    this.acknowledged += batch.records;
  }

  private close(): void {
    const records = this.writer.count;
    const bytes = this.writer.finish({
      ...this.producer,
      sequence: this.sequence,
      transactional: this.transactional,
    });
    this.sequence = (this.sequence + records) % SEQUENCES;
    this.closed.push({ bytes, records });
    this.closedBytes += bytes.length;
  }
}
