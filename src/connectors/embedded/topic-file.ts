import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { emptyHeader, parseBatchHeader, writeInt64 } from '../record-batch/header.ts';
import { BASE_OFFSET, LEADER_EPOCH } from '../record-batch/layout.ts';
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
  readonly partitions: number;
  readonly select: ReturnType<typeof prepareSelect>;
  readonly last: ReturnType<typeof prepareLast>;
  writer: Writer | undefined;
}

export interface Writer {
  readonly db: Sqlite;
  readonly last: ReturnType<typeof prepareLast>;
  readonly insert: ReturnType<typeof prepareInsert>;
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
  return db.prepare<[number], { next: number }>(
    'SELECT last_offset + 1 AS next FROM batches WHERE partition = ? ORDER BY last_offset DESC LIMIT 1',
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

/** The checksum of a batch leaves its base offset out; the column beside it does not. */
export function checkOffset(topic: string, partition: number, row: BatchRow): void {
  const inBytes = Number(row.bytes.readBigInt64BE(BASE_OFFSET));
  if (inBytes === row.base_offset) return;
  throw runtimeError(
    'corrupt-batch',
    `topic ${topic}, partition ${partition}, offset ${row.base_offset}: the record batch is corrupt: it says it begins at offset ${inBytes}`,
  );
}

export function readPartitions(db: Sqlite): number | undefined {
  return db.prepare<[], { partitions: number }>('SELECT partitions FROM topic').get()?.partitions;
}

export function checkPartition(open: { partitions: number }, topic: string, partition: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < open.partitions) return;
  throw new HeadwaterError(
    'partition-not-found',
    `topic ${topic} has partitions 0 to ${open.partitions - 1}, not ${partition}`,
  );
}
