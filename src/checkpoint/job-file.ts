import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { HeadwaterError, runtimeError } from '../data/errors.ts';
import { schemaDifference } from './schema-check.ts';

/** Format of `jobs/<name>/state.db`; a file with another number is refused. */
export const JOB_FORMAT = 3;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epoch (
  epoch INTEGER PRIMARY KEY, watermark REAL NOT NULL, parallelism INTEGER NOT NULL,
  finished INTEGER NOT NULL, generation INTEGER NOT NULL, committed_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS operator (id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (
  epoch INTEGER NOT NULL, operator TEXT NOT NULL, task INTEGER NOT NULL, seq INTEGER NOT NULL,
  name TEXT NOT NULL, full INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (epoch, operator, task, seq));
CREATE TABLE IF NOT EXISTS split (
  source TEXT NOT NULL, split TEXT NOT NULL, position TEXT NOT NULL, watermark REAL NOT NULL,
  finished INTEGER NOT NULL, PRIMARY KEY (source, split)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS writer_schema (
  registry TEXT NOT NULL, id INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (registry, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (
  name TEXT NOT NULL, epoch INTEGER NOT NULL, idx INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (name, epoch, idx));
CREATE TABLE IF NOT EXISTS base (
  name TEXT NOT NULL, part INTEGER NOT NULL, epoch INTEGER NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY (name, part));
CREATE TABLE IF NOT EXISTS epoch_time (epoch INTEGER PRIMARY KEY, committed_at INTEGER NOT NULL);
`;

/**
 * Opens (and creates) the file of one job. WAL with synchronous=FULL: a commit survives power loss. Automatic
 * WAL checkpoints are off, the store thread does them by size.
 * Errors: `state-version` for a newer format, `state-corrupt` when SQLite finds the file damaged.
 */
export function openJobFile(path: string): Database.Database {
  const db = new Database(path);
  try {
    // State and log are large blobs: fewer, larger pages cost a tenth less CPU time; larger still make small epochs large.
    db.pragma('page_size = 16384');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('wal_autocheckpoint = 0');
    db.pragma('cache_size = -2048');
    db.pragma('busy_timeout = 5000');
    db.exec(SCHEMA);
    checkFormat(db, path);
    checkSchema(db, path);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof HeadwaterError) throw error;
    const trouble = diskTrouble(error, path);
    if (trouble !== undefined) throw runtimeError(trouble, describeTrouble(trouble, error, path), error);
    throw runtimeError('state-corrupt', `${path} cannot be read as a job file: ${String(error)}`, error);
  }
}

function checkFormat(db: Database.Database, path: string): void {
  const row = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'format'").get();
  if (row === undefined) {
    db.prepare("INSERT INTO meta VALUES ('format', ?)").run(String(JOB_FORMAT));
    return;
  }
  const format = Number(row.value);
  if (!Number.isInteger(format) || format < 1) {
    throw damaged(path, `its format is '${row.value}', expected a number`);
  }
  if (format !== JOB_FORMAT) {
    const advice = format > JOB_FORMAT ? 'use a newer version, or another data directory' : 'start the job anew';
    throw new HeadwaterError(
      'state-version',
      `${path} has format ${row.value}, this version of Headwater reads ${JOB_FORMAT}: ${advice}`,
    );
  }
}

function checkSchema(db: Database.Database, path: string): void {
  const difference = schemaDifference(db, SCHEMA);
  if (difference !== undefined) throw damaged(path, difference);
}

function damaged(path: string, what: string, cause?: unknown): HeadwaterError {
  return runtimeError(
    'state-corrupt',
    `${path} is damaged: ${what}. Expected the file as it was committed: restore a copy, or delete it to start the job anew`,
    cause,
  );
}

/** What SQLite says of a damaged file, as an error with a code; other errors as they are. */
export function explainDamage(error: unknown, path: string): unknown {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (!code.startsWith('SQLITE_CORRUPT') && !code.startsWith('SQLITE_NOTADB')) return error;
  return damaged(path, String(error), error);
}

/** What keeps a file from being written, and may pass: no space on its disk, or a disk that does not work. */
export type DiskTrouble = 'disk-full' | 'data-dir-io-error';

/** SQLite says "disk I/O error" of a full disk too, where it grew the file by other means than writing. */
export function diskTrouble(error: unknown, path: string): DiskTrouble | undefined {
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (code.startsWith('SQLITE_FULL')) return 'disk-full';
  if (!code.startsWith('SQLITE_IOERR')) return undefined;
  return freeBytes(path) < LEAST_FREE_BYTES ? 'disk-full' : 'data-dir-io-error';
}

/** What there is to say of it. */
export function describeTrouble(trouble: DiskTrouble, error: unknown, path: string): string {
  const said = error instanceof Database.SqliteError ? `${error.message}, ${error.code}` : String(error);
  switch (trouble) {
    case 'disk-full':
      return `${path}: there is no space left on its disk (${said})`;
    case 'data-dir-io-error':
      return `${path} cannot be written or read (${said}): expected a disk that works, with rights and limits that let it grow`;
  }
}

const LEAST_FREE_BYTES = 1 << 20;

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    // A folder that cannot be asked is no full one.
    return Infinity;
  }
}
