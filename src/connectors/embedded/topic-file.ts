import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { emptyHeader, parseBatchHeader, writeInt64 } from '../record-batch/header.ts';
import { BASE_OFFSET, LAST_OFFSET_DELTA, LEADER_EPOCH, RECORDS } from '../record-batch/layout.ts';
import type { Sqlite } from './files.ts';

/** What one topic's file holds, and the statements over it. */
export const FORMAT = 1;
export const TABLES = `
  CREATE TABLE topic (name TEXT NOT NULL, partitions INTEGER NOT NULL);
  CREATE TABLE batches (
    partition INTEGER NOT NULL, last_offset INTEGER NOT NULL, base_offset INTEGER NOT NULL,
    max_timestamp INTEGER NOT NULL, bytes BLOB NOT NULL
  );
  CREATE UNIQUE INDEX batches_by_offset ON batches (partition, last_offset);
`;

interface BatchRow {
  readonly base_offset: number;
  readonly bytes: Buffer;
}

export interface OpenTopic {
  readonly db: Sqlite;
  partitions: number;
  readonly select: ReturnType<typeof prepareSelect>;
  readonly last: ReturnType<typeof prepareLast>;
  writer: Writer | undefined;
}

export interface Writer {
  readonly db: Sqlite;
  readonly last: ReturnType<typeof prepareLast>;
  readonly insert: ReturnType<typeof prepareInsert>;
  /** Monotonic only as far as the clock is. */
  trimmedAt: number;
}

export function prepareSelect(db: Sqlite) {
  return db.prepare<[number, number], BatchRow>(
    'SELECT base_offset, bytes FROM batches WHERE partition = ? AND last_offset >= ? ORDER BY last_offset',
  );
}

export function prepareInsert(db: Sqlite) {
  return db.prepare<[number, number, number, number, Buffer]>(
    'INSERT INTO batches (partition, last_offset, base_offset, max_timestamp, bytes) VALUES (?, ?, ?, ?, ?)',
  );
}

export function prepareLast(db: Sqlite) {
  return db.prepare<[number], { next: number; head: Buffer }>(
    'SELECT last_offset + 1 AS next, substr(bytes, 1, 61) AS head FROM batches WHERE partition = ? ORDER BY last_offset DESC LIMIT 1',
  );
}

export function insert(writer: Writer, topic: string, partition: number, batch: Uint8Array, next: number): number {
  const bytes = Buffer.from(batch);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = emptyHeader();
  if (
    parseBatchHeader(view, 0, bytes.length, header) !== 'ok' ||
    header.end !== bytes.length ||
    header.nextOffset <= header.baseOffset
  ) {
    throw runtimeError(
      'corrupt-batch',
      `topic ${topic}, partition ${partition}: what is appended is not one whole record batch of version 2`,
    );
  }
  writeInt64(view, BASE_OFFSET, next);
  view.setInt32(LEADER_EPOCH, 0);
  const after = next + (header.nextOffset - header.baseOffset);
  writer.insert.run(partition, after - 1, next, header.maxTimestamp, bytes);
  return after;
}

/**
 * Batches of a partition follow each other without a gap: one that is missing, or is not where its key says, was not
 * written so. The checksum of a batch leaves its base offset out. Gives the offset after the batch.
 */
export function checkOffsets(
  topic: string,
  partition: number,
  row: BatchRow,
  expected: number,
  first: boolean,
): number {
  const { base_offset: base, bytes } = row;
  const where = `topic ${topic}, partition ${partition}, offset ${base}: the record batch is corrupt`;
  if (bytes.length < RECORDS) {
    throw runtimeError('corrupt-batch', `${where}: it has ${bytes.length} bytes, expected at least ${RECORDS}`);
  }
  const inBytes = Number(bytes.readBigInt64BE(BASE_OFFSET));
  if (inBytes !== base) throw runtimeError('corrupt-batch', `${where}: it says it begins at offset ${inBytes}`);
  const next = base + bytes.readInt32BE(LAST_OFFSET_DELTA) + 1;
  if (first ? base > expected || next <= expected : base !== expected) {
    throw runtimeError(
      'corrupt-batch',
      `${where}: it holds ${base} to ${next - 1}, expected the one with offset ${expected}`,
    );
  }
  return next;
}

/** The offset after the last batch, which has to be what the batch itself says. */
export function endOffset(open: OpenTopic, topic: string, partition: number): number {
  const last = open.last.get(partition);
  if (last === undefined) return 0;
  const { head } = last;
  const next =
    head.length < RECORDS ? -1 : Number(head.readBigInt64BE(BASE_OFFSET)) + head.readInt32BE(LAST_OFFSET_DELTA) + 1;
  if (next !== last.next) {
    throw runtimeError(
      'corrupt-batch',
      `topic ${topic}, partition ${partition}, offset ${last.next - 1}: the last record batch is corrupt: it says it ends before ${next}`,
    );
  }
  return next;
}

/** Partitions of the topic in the file. Errors: `log-file-corrupt`. */
export function readPartitions(db: Sqlite, topic: string): number | undefined {
  const partitions = db.prepare<[], { partitions: number }>('SELECT partitions FROM topic').get()?.partitions;
  if (partitions === undefined) return undefined;
  const used = db.prepare<[], { most: number | null }>('SELECT MAX(partition) AS most FROM batches').get()?.most ?? -1;
  if (!Number.isInteger(partitions) || partitions < 1 || used >= partitions) {
    throw runtimeError(
      'log-file-corrupt',
      `the file of topic ${topic} is damaged: it says it has ${partitions} partitions, and has batches of partition ${used}`,
    );
  }
  return partitions;
}

export function checkPartition(open: { partitions: number }, topic: string, partition: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < open.partitions) return;
  throw new HeadwaterError(
    'partition-not-found',
    `topic ${topic} has partitions 0 to ${open.partitions - 1}, not ${partition}`,
  );
}
