import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BYTES_SLACK } from '../../data/column.ts';
import { HeadwaterError } from '../../data/errors.ts';
import { offsetOfTime } from './offset-of-time.ts';
import { logFolder, openForReading, openForWriting, reading } from './files.ts';
import {
  deletedOffset,
  KEEP_ALL,
  parseRetention,
  readRetention,
  type Retention,
  setRetention,
  shrink,
  startOf,
  trimPartition,
} from './retention.ts';
import {
  checkOffsets,
  checkPartition,
  endOffset,
  FORMAT,
  insert,
  type OpenTopic,
  prepareInsert,
  prepareLast,
  prepareSelect,
  readPartitions,
  TABLES,
  type Writer,
} from './topic-file.ts';

import { noteProgress, takeWriter, type TopicWriter } from './writers.ts';

const MAX_PARTITIONS = 10_000;
/** How often a topic that is written is looked through for what it does not keep. */
const TRIM_EVERY_MS = 10_000;
const FILE = /^topic-(.+)\.db$/;

/** Record batches of one partition in one buffer, as a fetch would bring them; BYTES_SLACK bytes follow `length`. */
export interface LogRead {
  readonly bytes: Uint8Array;
  readonly length: number;
}

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
  private readonly folder: string;
  private readonly now: () => number;
  private readonly topics = new Map<string, OpenTopic>();

  /** `now`: epoch milliseconds, for what topics keep by time. */
  constructor(dataDir: string, now: () => number = () => Date.now()) {
    this.folder = logFolder(dataDir);
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
    checkName(topic);
    const db = openForWriting(this.fileOf(topic), this.folder, FORMAT, TABLES, trims);
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
    const { db } = this.writing(topic).writer;
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
    const { db } = this.writing(topic).writer;
    const change = parseRetention(config);
    db.transaction(() => setRetention(db, { ...readRetention(db), ...change })).immediate();
  }

  /** Deletes now what the topic's options do not keep. */
  trim(topic: string): void {
    const open = this.writing(topic);
    const { db } = open.writer;
    const retention = reading(this.fileOf(topic), () => readRetention(db));
    if (retention.ms === undefined && retention.bytes === undefined) return;
    for (let partition = 0; partition < this.count(open, topic); partition++) {
      const trim = db.transaction(() => trimPartition(db, partition, retention, this.now()));
      while (trim.immediate());
    }
    shrink(db);
  }

  /** Errors: `topic-not-found`. */
  describe(topic: string): { partitions: { start: number; end: number }[]; retention: Retention } {
    const count = this.partitions(topic);
    if (count === undefined) throw noTopic(topic, this.folder);
    const partitions = Array.from({ length: count }, (_, partition) => ({
      start: this.startOffset(topic, partition),
      end: this.endOffset(topic, partition),
    }));
    const { db } = this.partition(topic, 0);
    return { partitions, retention: reading(this.fileOf(topic), () => readRetention(db)) };
  }

  listTopics(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .flatMap((file) => FILE.exec(file)?.[1] ?? [])
      .sort();
  }

  /** Partitions of a topic; undefined when there is no such topic. */
  partitions(topic: string): number | undefined {
    const open = this.reading(topic);
    return open && this.count(open, topic);
  }

  /** Appends whole record batches in one transaction, giving them their offsets; returns the first one. */
  append(topic: string, partition: number, batches: readonly Uint8Array[]): number {
    const open = this.writing(topic);
    this.check(open, topic, partition);
    const { writer } = open;
    let first = 0;
    const append = writer.db.transaction(() => {
      let next = writer.last.get(partition)?.next ?? 0;
      first = next;
      for (const batch of batches) next = insert(writer, topic, partition, batch, next);
    });
    append.immediate();
    this.trimAtTimes(topic, writer);
    return first;
  }

  /**
   * Takes the place of an earlier process that wrote to the topic under the same name: that one can note no progress any
   * more. Gives the progress that was noted last.
   */
  takeWriter(topic: string, writer: TopicWriter): string | undefined {
    const { db } = this.writing(topic).writer;
    return db.transaction(() => takeWriter(db, writer)).immediate();
  }

  /** Appends to several partitions and notes a writer's progress, all in one transaction. Errors: `producer-fenced`. */
  appendWithProgress(
    topic: string,
    parts: readonly PartitionBatches[],
    writer: TopicWriter | undefined,
    progress: string,
  ): void {
    const open = this.writing(topic);
    const { db, last } = open.writer;
    const append = db.transaction(() => {
      for (const { partition, batches } of parts) {
        this.check(open, topic, partition);
        let next = last.get(partition)?.next ?? 0;
        for (const batch of batches) next = insert(open.writer, topic, partition, batch, next);
      }
      if (writer !== undefined) noteProgress(db, writer, progress);
    });
    append.immediate();
    this.trimAtTimes(topic, open.writer);
  }

  /** Batches from the one that holds `offset` on: at least one whole batch, then as many as fit into `maxBytes`. */
  read(topic: string, partition: number, offset: number, maxBytes: number): LogRead | undefined {
    const open = this.partition(topic, partition);
    return reading(this.fileOf(topic), () => readBatches(open, topic, partition, offset, maxBytes));
  }

  /** The first offset that the partition still has. */
  startOffset(topic: string, partition: number): number {
    const { db } = this.partition(topic, partition);
    return reading(this.fileOf(topic), () => startOf(db, partition));
  }

  /** The offset that the next record of the partition will get. */
  endOffset(topic: string, partition: number): number {
    const open = this.partition(topic, partition);
    return reading(this.fileOf(topic), () => endOffset(open, topic, partition));
  }

  /** The offset of the first record that is not older than a time (epoch milliseconds); undefined when there is none. */
  offsetOfTime(topic: string, partition: number, time: number): number | undefined {
    const open = this.partition(topic, partition);
    return reading(this.fileOf(topic), () => offsetOfTime(open, topic, partition, time));
  }

  /** Changes whenever another connection has committed to the topic. */
  version(topic: string): number {
    const open = this.reading(topic);
    return open === undefined ? -1 : Number(open.db.pragma('data_version', { simple: true }));
  }

  close(): void {
    for (const { db, writer } of this.topics.values()) {
      db.close();
      writer?.db.close();
    }
    this.topics.clear();
  }

  private trimAtTimes(topic: string, writer: Writer): void {
    const now = this.now();
    if (now - writer.trimmedAt < TRIM_EVERY_MS) return;
    writer.trimmedAt = now;
    this.trim(topic);
  }

  /** The topic, which has the partition. */
  private partition(topic: string, partition: number): OpenTopic {
    const open = this.reading(topic);
    if (open === undefined) throw noTopic(topic, this.folder);
    this.check(open, topic, partition);
    return open;
  }

  /** Another process may have given the topic more partitions since it was opened. */
  private check(open: OpenTopic, topic: string, partition: number): void {
    if (partition >= open.partitions) this.count(open, topic);
    checkPartition(open, topic, partition);
  }

  private count(open: OpenTopic, topic: string): number {
    open.partitions = reading(this.fileOf(topic), () => readPartitions(open.db, topic)) ?? open.partitions;
    return open.partitions;
  }

  private reading(topic: string): OpenTopic | undefined {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    checkName(topic);
    const db = openForReading(this.fileOf(topic), FORMAT);
    const partitions = db === undefined ? undefined : reading(this.fileOf(topic), () => readPartitions(db, topic));
    if (db === undefined || partitions === undefined) {
      db?.close();
      return undefined;
    }
    const open = reading(this.fileOf(topic), (): OpenTopic => ({
      db,
      partitions,
      select: prepareSelect(db),
      last: prepareLast(db),
      writer: undefined,
    }));
    this.topics.set(topic, open);
    return open;
  }

  private writing(topic: string): OpenTopic & { writer: Writer } {
    const open = this.reading(topic);
    if (open === undefined) throw noTopic(topic, this.folder);
    if (open.writer === undefined) {
      const db = openForWriting(this.fileOf(topic), this.folder, FORMAT, TABLES);
      open.writer = { db, last: prepareLast(db), insert: prepareInsert(db), trimmedAt: -Infinity };
    }
    return Object.assign(open, { writer: open.writer });
  }

  private fileOf(topic: string): string {
    return join(this.folder, `topic-${topic}.db`);
  }
}

function readBatches(
  open: OpenTopic,
  topic: string,
  partition: number,
  offset: number,
  maxBytes: number,
): LogRead | undefined {
  const parts: Buffer[] = [];
  let length = 0;
  let next = offset;
  for (const row of open.select.iterate(partition, offset)) {
    if (parts.length > 0 && length + row.bytes.length > maxBytes) break;
    if (parts.length === 0 && row.base_offset > offset) checkStart(open, topic, partition, offset);
    next = checkOffsets(topic, partition, row, next, parts.length === 0);
    parts.push(row.bytes);
    length += row.bytes.length;
    if (length >= maxBytes) break;
  }
  if (parts.length === 0) return undefined;
  const bytes = new Uint8Array(length + BYTES_SLACK);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, length };
}

/** A batch that is missing at the front was deleted, if it is before the start. */
function checkStart({ db }: OpenTopic, topic: string, partition: number, offset: number): void {
  const start = startOf(db, partition);
  if (offset < start) throw deletedOffset(topic, partition, offset, start);
}

/** The name becomes part of a file name. */
function checkName(topic: string): void {
  if (/^[A-Za-z0-9._-]{1,240}$/.test(topic)) return;
  throw new HeadwaterError('invalid-option', `topic '${topic}'; expected 1 to 240 letters, digits, '.', '_' or '-'`);
}

function noTopic(topic: string, folder: string): HeadwaterError {
  return new HeadwaterError('topic-not-found', `topic ${topic} does not exist in the embedded log (${folder})`);
}
