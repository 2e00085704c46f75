import { HeadwaterError } from '../../data/errors.ts';
import { reading } from './files.ts';
import { offsetOfTime } from './offset-of-time.ts';
import { OpenTopics } from './open-topics.ts';
import { readBatches, type LogRead } from './read-batches.ts';
import {
  KEEP_ALL,
  parseRetention,
  readRetention,
  type Retention,
  setRetention,
  shrink,
  startOf,
  trimPartition,
} from './retention.ts';
import { endOffset, insert, readPartitions, type Writer } from './topic-file.ts';
import { noteProgress, takeWriter, type TopicWriter } from './writers.ts';

const MAX_PARTITIONS = 10_000;
/** How often a topic that is written is looked through for what it does not keep. */
const TRIM_EVERY_MS = 10_000;

/** Record batches for one partition. */
export interface PartitionBatches {
  readonly partition: number;
  readonly batches: readonly Uint8Array[];
}

/**
 * The embedded log: `<data-dir>/log/topic-NAME.db`, one SQLite file a topic, holding the same record batches as Kafka
 * would. Appends are durable when they return. Any number of threads and processes may read and append.
 */
export class EmbeddedLog {
  private readonly topics: OpenTopics;
  private readonly now: () => number;

  /** `now`: epoch milliseconds, for what topics keep by time. */
  constructor(dataDir: string, now: () => number = () => Date.now()) {
    this.topics = new OpenTopics(dataDir);
    this.now = now;
  }

  /**
   * Creates a topic; `config` holds `retention.ms` and `retention.bytes`. Throws `topic-exists` when it is there with
   * another number of partitions, `invalid-option`.
   */
  createTopic(topic: string, partitions: number, config: Readonly<Record<string, string>> = {}): void {
    const retention = { ...KEEP_ALL, ...parseRetention(config) };
    const trims = Object.keys(config).length > 0;
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new HeadwaterError(
        'invalid-option',
        `topic ${topic}: ${partitions} partitions; expected 1 to ${MAX_PARTITIONS}`,
      );
    }
    const db = this.topics.openToCreate(topic, trims);
    try {
      const create = db.transaction(() => {
        const existing = readPartitions(db, topic);
        if (existing === undefined) {
          db.prepare('INSERT INTO topic (name, partitions) VALUES (?, ?)').run(topic, partitions);
          if (trims) setRetention(db, retention);
        } else if (existing !== partitions) {
          throw new HeadwaterError(
            'topic-exists',
            `topic ${topic} exists with ${existing} partitions, not ${partitions}`,
          );
        }
      });
      create.immediate();
    } finally {
      db.close();
    }
  }

  /** Gives a topic more partitions, `partitions` in all. Errors: `topic-not-found`, `invalid-option` when it has more. */
  addPartitions(topic: string, partitions: number): void {
    const { db } = this.topics.forWriting(topic).writer;
    const grow = db.transaction(() => {
      const existing = readPartitions(db, topic) ?? 0;
      if (Number.isInteger(partitions) && partitions >= existing && partitions <= MAX_PARTITIONS) {
        db.prepare('UPDATE topic SET partitions = ?').run(partitions);
        return;
      }
      throw new HeadwaterError(
        'invalid-option',
        `topic ${topic} has ${existing} partitions, given ${partitions}; expected as many or more, at most ${MAX_PARTITIONS}`,
      );
    });
    grow.immediate();
  }

  /** Changes options of a topic. Errors: `topic-not-found`, `invalid-option`. */
  configure(topic: string, config: Readonly<Record<string, string>>): void {
    const { db } = this.topics.forWriting(topic).writer;
    const change = parseRetention(config);
    db.transaction(() => setRetention(db, { ...readRetention(db), ...change })).immediate();
  }

  /** Deletes now what the topic's options do not keep. */
  trim(topic: string): void {
    const open = this.topics.forWriting(topic);
    const { db } = open.writer;
    const retention = reading(this.topics.fileOf(topic), () => readRetention(db));
    if (retention.ms === undefined && retention.bytes === undefined) return;
    for (let partition = 0; partition < this.topics.count(open, topic); partition++) {
      const trim = db.transaction(() => trimPartition(db, partition, retention, this.now()));
      while (trim.immediate());
    }
    shrink(db);
  }

  /** Errors: `topic-not-found`. */
  describe(topic: string): { partitions: { start: number; end: number }[]; retention: Retention } {
    const count = this.topics.count(this.topics.get(topic), topic);
    const partitions = Array.from({ length: count }, (_, partition) => ({
      start: this.startOffset(topic, partition),
      end: this.endOffset(topic, partition),
    }));
    return { partitions, retention: this.topics.read(topic, 0, ({ db }) => readRetention(db)) };
  }

  listTopics(): string[] {
    return this.topics.names();
  }

  /** Partitions of a topic; undefined when there is no such topic. */
  partitions(topic: string): number | undefined {
    const open = this.topics.find(topic);
    return open && this.topics.count(open, topic);
  }

  /** Appends whole record batches in one transaction, giving them their offsets; returns the first one. */
  append(topic: string, partition: number, batches: readonly Uint8Array[]): number {
    const open = this.topics.forWriting(topic);
    this.topics.checkPartition(open, topic, partition);
    const { writer } = open;
    const append = writer.db.transaction(() => insertAll(writer, topic, partition, batches));
    const first = append.immediate();
    this.trimAtTimes(topic, writer);
    return first;
  }

  /**
   * Takes the place of an earlier process that wrote to the topic under the same name: that one can note no progress any
   * more. Gives the progress that was noted last.
   */
  takeWriter(topic: string, writer: TopicWriter): string | undefined {
    const { db } = this.topics.forWriting(topic).writer;
    return db.transaction(() => takeWriter(db, writer)).immediate();
  }

  /** Appends to several partitions and notes a writer's progress, all in one transaction. Errors: `producer-fenced`. */
  appendWithProgress(
    topic: string,
    parts: readonly PartitionBatches[],
    writer: TopicWriter | undefined,
    progress: string,
  ): void {
    const open = this.topics.forWriting(topic);
    const append = open.writer.db.transaction(() => {
      for (const { partition, batches } of parts) {
        this.topics.checkPartition(open, topic, partition);
        insertAll(open.writer, topic, partition, batches);
      }
      if (writer !== undefined) noteProgress(open.writer.db, writer, progress);
    });
    append.immediate();
    this.trimAtTimes(topic, open.writer);
  }

  /** Batches from the one that holds `offset` on: at least one whole batch, then as many as fit into `maxBytes`. */
  read(topic: string, partition: number, offset: number, maxBytes: number): LogRead | undefined {
    return this.topics.read(topic, partition, (open) => readBatches(open, topic, partition, offset, maxBytes));
  }

  /** The first offset that the partition still has. */
  startOffset(topic: string, partition: number): number {
    return this.topics.read(topic, partition, ({ db }) => startOf(db, partition));
  }

  /** The offset that the next record of the partition will get. */
  endOffset(topic: string, partition: number): number {
    return this.topics.read(topic, partition, (open) => endOffset(open, topic, partition));
  }

  /** The offset of the first record that is not older than a time (epoch milliseconds); undefined when there is none. */
  offsetOfTime(topic: string, partition: number, time: number): number | undefined {
    return this.topics.read(topic, partition, (open) => offsetOfTime(open, topic, partition, time));
  }

  /** Changes whenever another connection has committed to the topic. */
  version(topic: string): number {
    const open = this.topics.find(topic);
    return open === undefined ? -1 : Number(open.db.pragma('data_version', { simple: true }));
  }

  close(): void {
    this.topics.close();
  }

  private trimAtTimes(topic: string, writer: Writer): void {
    const now = this.now();
    if (now - writer.trimmedAt < TRIM_EVERY_MS) return;
    writer.trimmedAt = now;
    this.trim(topic);
  }
}

/** Inside a transaction; gives the offset of the first record. */
function insertAll(writer: Writer, topic: string, partition: number, batches: readonly Uint8Array[]): number {
  const first = writer.last.get(partition)?.next ?? 0;
  let next = first;
  for (const batch of batches) next = insert(writer, topic, partition, batch, next);
  return first;
}
