import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { Sqlite } from './files.ts';

/** What a topic keeps; undefined: everything. The newest record batch of a partition always stays. */
export interface Retention {
  /** Record batches whose newest record is older than so many milliseconds are deleted. */
  readonly ms: number | undefined;
  /** Bytes of record batches that a partition keeps, at least. */
  readonly bytes: number | undefined;
}

export const KEEP_ALL: Retention = { ms: undefined, bytes: undefined };

/** Made with the first settings of a topic, so that files without are as they were. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS config (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS starts (partition INTEGER PRIMARY KEY, start_offset INTEGER NOT NULL);
`;
const OPTIONS = { 'retention.ms': 'ms', 'retention.bytes': 'bytes' } as const;

/** Batches that are deleted in one transaction: an append does not wait long. */
const MAX_DELETED = 1000;
/** Pages that are given back to the disk with them. */
const MAX_VACUUMED = 4096;

/** `retention.ms` and `retention.bytes`, -1 for everything, as Kafka's topics have them. Errors: `invalid-option`. */
export function parseRetention(config: Readonly<Record<string, string>>): Partial<Retention> {
  const retention: { ms?: number | undefined; bytes?: number | undefined } = {};
  for (const [name, value] of Object.entries(config)) {
    const of = name === 'retention.ms' || name === 'retention.bytes' ? OPTIONS[name] : undefined;
    if (of === undefined) {
      throw invalid(
        `a topic of the embedded log has no option '${name}'; expected ${Object.keys(OPTIONS).join(' or ')}`,
      );
    }
    if (!/^(-1|\d{1,15})$/.test(value))
      throw invalid(`'${name}' is '${value}'; expected a number, or -1 to keep everything`);
    retention[of] = value === '-1' ? undefined : Number(value);
  }
  return retention;
}

function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}

/** Inside a transaction. */
export function setRetention(db: Sqlite, retention: Retention): void {
  db.exec(TABLES);
  const put = db.prepare('INSERT OR REPLACE INTO config VALUES (?, ?)');
  for (const [name, of] of Object.entries(OPTIONS)) put.run(name, String(retention[of] ?? -1));
}

export function readRetention(db: Sqlite): Retention {
  if (!hasTable(db, 'config')) return KEEP_ALL;
  const rows = db.prepare<[], { name: string; value: string }>('SELECT name, value FROM config').all();
  return { ...KEEP_ALL, ...parseRetention(Object.fromEntries(rows.map(({ name, value }) => [name, value]))) };
}

/** The first offset that a partition still has. */
export function startOf(db: Sqlite, partition: number): number {
  if (!hasTable(db, 'starts')) return 0;
  const select = db.prepare<[number], { start: number }>(
    'SELECT start_offset AS start FROM starts WHERE partition = ?',
  );
  return select.get(partition)?.start ?? 0;
}

function hasTable(db: Sqlite, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

interface StoredBatch {
  readonly next: number;
  readonly newest: number;
  readonly size: number;
}

/**
 * Deletes from the front of a partition what its topic does not keep. Inside a transaction. Returns whether there may be
 * more to delete.
 */
export function trimPartition(db: Sqlite, partition: number, { ms, bytes }: Retention, now: number): boolean {
  const sizes = db.prepare<[number], { total: number | null }>(
    'SELECT SUM(LENGTH(bytes)) AS total FROM batches WHERE partition = ?',
  );
  let total = bytes === undefined ? 0 : (sizes.get(partition)?.total ?? 0);
  const oldest = db.prepare<[number], StoredBatch>(
    `SELECT last_offset + 1 AS next, max_timestamp AS newest, LENGTH(bytes) AS size FROM batches
     WHERE partition = ? ORDER BY last_offset LIMIT ${MAX_DELETED + 1}`,
  );
  let start: number | undefined;
  let deleted = 0;
  const rows = oldest.all(partition);
  // The last one says where the partition goes on.
  for (const { next, newest, size } of rows.slice(0, -1)) {
    const tooOld = ms !== undefined && newest < now - ms;
    const tooMuch = bytes !== undefined && total - size >= bytes;
    if (!tooOld && !tooMuch) break;
    total -= size;
    start = next;
    deleted++;
  }
  if (start === undefined) return false;
  db.prepare('DELETE FROM batches WHERE partition = ? AND last_offset < ?').run(partition, start);
  db.prepare('INSERT OR REPLACE INTO starts VALUES (?, ?)').run(partition, start);
  return deleted === MAX_DELETED;
}

/** Gives free pages back to the disk, where the file was made for it. */
export function shrink(db: Sqlite): void {
  db.pragma(`incremental_vacuum(${MAX_VACUUMED})`);
}

/** A reader is at an offset that was deleted: nothing is jumped over. */
export function deletedOffset(topic: string, partition: number, offset: number, start: number): HeadwaterError {
  return runtimeError(
    'offset-out-of-range',
    `topic ${topic}, partition ${partition}, offset ${offset}: the embedded log no longer has this offset (deleted by ` +
      `retention; it begins at ${start}). Headwater does not jump over lost records: start the job with fresh state.`,
  );
}
