import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { runtimeError } from '../../data/errors.ts';

export type Sqlite = Database.Database;

const BUSY_TIMEOUT_MS = 5_000;

export function logFolder(dataDir: string): string {
  return join(dataDir, 'log');
}

/**
 * Opens a file of the log for writing, in WAL mode, and makes its tables when it is new. `shrinks`: a new file can give
 * pages back to the disk.
 */
export function openForWriting(
  file: string,
  folder: string,
  formatVersion: number,
  tables: string,
  shrinks = false,
): Sqlite {
  mkdirSync(folder, { recursive: true });
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  // Has no effect on a file that has tables.
  if (shrinks) db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  const make = db.transaction(() => {
    if (versionOf(db) === 0) {
      db.exec(tables);
      db.pragma(`user_version = ${formatVersion}`);
    }
  });
  make.immediate();
  checkVersion(db, file, formatVersion);
  return db;
}

/** Opens a file for reading only, from any thread or process; undefined when it does not exist. */
export function openForReading(file: string, formatVersion: number): Sqlite | undefined {
  if (!existsSync(file)) return undefined;
  const db = new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  if (reading(file, () => versionOf(db)) === 0) {
    // Another process is just making it.
    db.close();
    return undefined;
  }
  checkVersion(db, file, formatVersion);
  return db;
}

/** Runs a statement over a file of the log; what SQLite says of a damaged file gets the code `log-file-corrupt`. */
export function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Database.SqliteError) || PASSING.test(error.code)) throw error;
    throw runtimeError(
      'log-file-corrupt',
      `${file} is damaged: ${error.message}. Expected the file as it was written: restore a copy`,
      error,
    );
  }
}

/** Not the file's fault. */
const PASSING = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|INTERRUPT)/;

function versionOf(db: Sqlite): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function checkVersion(db: Sqlite, file: string, expected: number): void {
  const version = versionOf(db);
  if (version === expected) return;
  db.close();
  throw runtimeError(
    'newer-format',
    `${file} has format ${version}; this version of Headwater reads format ${expected}`,
  );
}
