import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HeadwaterError } from '../../data/errors.ts';
import { logFolder, openForReading, openForWriting, reading, type Sqlite } from './files.ts';
import {
  checkPartition,
  FORMAT,
  type OpenTopic,
  prepareInsert,
  prepareLast,
  prepareSelect,
  readPartitions,
  TABLES,
  type Writer,
} from './topic-file.ts';

const FILE = /^topic-(.+)\.db$/;

/** The files of the topics in a log's folder; each is opened once, for writing when it is first written to. */
export class OpenTopics {
  readonly folder: string;
  private readonly topics = new Map<string, OpenTopic>();

  constructor(dataDir: string) {
    this.folder = logFolder(dataDir);
  }

  /** Topics whose file exists. */
  names(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .flatMap((file) => FILE.exec(file)?.[1] ?? [])
      .sort();
  }

  fileOf(topic: string): string {
    return join(this.folder, `topic-${topic}.db`);
  }

  /** Opens the file of a topic to make it; the caller closes it. `shrinks`: a new file can give pages back. */
  openToCreate(topic: string, shrinks: boolean): Sqlite {
    checkName(topic);
    return openForWriting(this.fileOf(topic), this.folder, FORMAT, TABLES, shrinks);
  }

  /** undefined when there is no such topic. */
  find(topic: string): OpenTopic | undefined {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    checkName(topic);
    const file = this.fileOf(topic);
    const db = openForReading(file, FORMAT);
    const partitions = db === undefined ? undefined : reading(file, () => readPartitions(db, topic));
    if (db === undefined || partitions === undefined) {
      db?.close();
      return undefined;
    }
    const open = reading(file, (): OpenTopic => ({
      db,
      partitions,
      select: prepareSelect(db),
      last: prepareLast(db),
      writer: undefined,
    }));
    this.topics.set(topic, open);
    return open;
  }

  /** Errors: `topic-not-found`. */
  get(topic: string): OpenTopic {
    const open = this.find(topic);
    if (open !== undefined) return open;
    throw new HeadwaterError('topic-not-found', `topic ${topic} does not exist in the embedded log (${this.folder})`);
  }

  /** Errors: `topic-not-found`. */
  forWriting(topic: string): OpenTopic & { writer: Writer } {
    const open = this.get(topic);
    if (open.writer === undefined) {
      const db = openForWriting(this.fileOf(topic), this.folder, FORMAT, TABLES);
      open.writer = { db, last: prepareLast(db), insert: prepareInsert(db), trimmedAt: -Infinity };
    }
    return Object.assign(open, { writer: open.writer });
  }

  /** Reads from a partition. Errors: `topic-not-found`, `partition-not-found`, `log-file-corrupt`. */
  read<T>(topic: string, partition: number, work: (open: OpenTopic) => T): T {
    const open = this.get(topic);
    this.checkPartition(open, topic, partition);
    return reading(this.fileOf(topic), () => work(open));
  }

  /** Another process may have given the topic more partitions since it was opened. Errors: `partition-not-found`. */
  checkPartition(open: OpenTopic, topic: string, partition: number): void {
    if (partition >= open.partitions) this.count(open, topic);
    checkPartition(open, topic, partition);
  }

  /** Partitions that the topic has now. */
  count(open: OpenTopic, topic: string): number {
    open.partitions = reading(this.fileOf(topic), () => readPartitions(open.db, topic)) ?? open.partitions;
    return open.partitions;
  }

  close(): void {
    for (const { db, writer } of this.topics.values()) {
      db.close();
      writer?.db.close();
    }
    this.topics.clear();
  }
}

/** The name becomes part of a file name. */
function checkName(topic: string): void {
  if (/^[A-Za-z0-9._-]{1,240}$/.test(topic)) return;
  throw new HeadwaterError('invalid-option', `topic '${topic}'; expected 1 to 240 letters, digits, '.', '_' or '-'`);
}
