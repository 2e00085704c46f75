import type { Schema } from '../../../data/types.ts';
import { type Chunk, ChunkFormat, DELETED } from '../../../store/chunk.ts';
import { partitionOf } from '../../record-batch/index.ts';
import { CHUNKS_PER_TASK } from './chunk-index.ts';
import type { TopicSinkOptions } from './options.ts';
import { openPartEncoder, type PartEncoder } from './part-encoder.ts';
import type { TopicTarget } from './target.ts';

/** Records without a key that go to one partition before the next one gets some. */
const STICKY_RECORDS = 1024;

/** Turns the chunks of a table's committed log into records of a topic. */
export class RecordWriter {
  private readonly format: ChunkFormat;
  private readonly partitioner: TopicSinkOptions['partitioner'];
  private readonly key: PartEncoder | undefined;
  private readonly value: PartEncoder;
  private keyless = 0;

  private constructor(
    format: ChunkFormat,
    partitioner: TopicSinkOptions['partitioner'],
    key: PartEncoder | undefined,
    value: PartEncoder,
  ) {
    this.format = format;
    this.partitioner = partitioner;
    this.key = key;
    this.value = value;
  }

  /** Registers the schemas of key and value, where the formats have such. */
  static async open(
    schema: Schema,
    primaryKey: readonly number[],
    options: TopicSinkOptions,
    dataDir: string,
  ): Promise<RecordWriter> {
    const { topic, key, value, partitioner } = options;
    return new RecordWriter(
      new ChunkFormat(schema, primaryKey),
      partitioner,
      key === undefined ? undefined : await openPartEncoder(key, schema, `${topic}-key`, dataDir),
      await openPartEncoder(value, schema, `${topic}-value`, dataDir),
    );
  }

  /** Appends the records of a chunk to a topic; gives their number. A deleted key is a record without a value. */
  write(bytes: Uint8Array, index: number, target: TopicTarget, timestamp: number): number {
    const chunk = this.format.decode(bytes);
    const task = Math.floor(index / CHUNKS_PER_TASK);
    for (let row = 0; row < chunk.count; row++) this.append(chunk, row, task, target, timestamp);
    return chunk.count;
  }

  private append({ columns, ops }: Chunk, row: number, task: number, target: TopicTarget, timestamp: number): void {
    const key = this.key?.(columns, row) ?? null;
    const value = ops[row] === DELETED ? null : this.value(columns, row);
    target.append(this.partitionFor(key, task, target.partitions), key, value, timestamp);
  }

  private partitionFor(key: Uint8Array | null, task: number, partitions: number): number {
    if (this.partitioner === 'fixed') return task % partitions;
    if (key !== null) return partitionOf(key, partitions);
    const every = this.partitioner === 'round-robin' ? 1 : STICKY_RECORDS;
    return Math.floor(this.keyless++ / every) % partitions;
  }
}
