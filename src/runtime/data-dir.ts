import Database from 'better-sqlite3';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { schemaDifference } from '../checkpoint/schema-check.ts';
import { HeadwaterError } from '../data/errors.ts';

const CATALOG_FORMAT = 1;
const CATALOG_SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job (name TEXT PRIMARY KEY, sql TEXT NOT NULL, settings TEXT NOT NULL) WITHOUT ROWID;
`;
const JOB_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/;

/**
 * A data directory, held by one process: `catalog.db` is kept open under an exclusive lock of SQLite, which the
 * operating system lets go when the process dies, however it dies.
 * Errors: `data-dir-in-use`, `data-dir-not-writable`, `data-dir-io-error`, `state-version`.
 */
export class DataDir {
  readonly path: string;
  private readonly catalog: Database.Database;

  constructor(path: string) {
    this.path = path;
    this.catalog = openCatalog(path);
  }

  /** Errors: `invalid-job-name`. */
  jobFile(job: string): string {
    // The name becomes a folder: nothing that leads out of the data directory.
    if (!JOB_NAME.test(job)) {
      throw new HeadwaterError(
        'invalid-job-name',
        `job name '${job}': expected 1 to 100 letters, digits, '_', '.' and '-', not beginning with '.'`,
      );
    }
    mkdirSync(join(this.path, 'jobs', job), { recursive: true, mode: 0o700 });
    return join(this.path, 'jobs', job, 'state.db');
  }

  /** Whether a job has files here. */
  hasFiles(job: string): boolean {
    return existsSync(join(this.path, 'jobs', job));
  }

  /** Deletes the files of a job that never came to run. */
  removeFiles(job: string): void {
    rmSync(dirname(this.jobFile(job)), { recursive: true, force: true });
  }

  /** Remembers what was submitted, so that `serve` can start it again. */
  rememberJob(name: string, sql: string, settings: Readonly<Record<string, string>>): void {
    this.catalog
      .prepare('INSERT OR REPLACE INTO job (name, sql, settings) VALUES (?, ?, ?)')
      .run(name, sql, JSON.stringify(settings));
  }

  /** The settings that a job was remembered with; undefined when it is not known. */
  rememberedSettings(name: string): Readonly<Record<string, string>> | undefined {
    const row = this.catalog
      .prepare<[string], { settings: string }>('SELECT settings FROM job WHERE name = ?')
      .get(name);
    return row && (JSON.parse(row.settings) as Record<string, string>);
  }

  /** The names of the jobs that are remembered, sorted. */
  jobNames(): readonly string[] {
    return this.catalog
      .prepare<[], { name: string }>('SELECT name FROM job ORDER BY name')
      .all()
      .map((row) => row.name);
  }

  /** Forgets a job and deletes its files. */
  forgetJob(name: string): void {
    this.removeFiles(name);
    this.catalog.prepare('DELETE FROM job WHERE name = ?').run(name);
  }

  close(): void {
    this.catalog.close();
  }
}

/** A job that was submitted. */
export interface RememberedJob {
  readonly name: string;
  readonly sql: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** The jobs of a data directory that no process uses. Errors: `data-dir-in-use`, `data-dir-not-writable`. */
export function rememberedJobs(path: string): RememberedJob[] {
  const db = openCatalog(path);
  try {
    return db
      .prepare<[], { name: string; sql: string; settings: string }>('SELECT name, sql, settings FROM job')
      .all()
      .map((row) => ({ ...row, settings: JSON.parse(row.settings) as Record<string, string> }));
  } finally {
    db.close();
  }
}

function openCatalog(path: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    mkdirSync(join(path, 'jobs'), { recursive: true, mode: 0o700 });
    db = new Database(join(path, 'catalog.db'), { timeout: 0 });
    db.pragma('locking_mode = EXCLUSIVE');
    // The first write takes the lock, and exclusive mode keeps it.
    db.exec(`
      BEGIN IMMEDIATE;
      ${CATALOG_SCHEMA}
      INSERT OR IGNORE INTO meta VALUES ('format', '${CATALOG_FORMAT}');
      UPDATE meta SET value = value WHERE key = 'format';
      COMMIT;`);
    const format = db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'format'").get();
    if (Number(format?.value) > CATALOG_FORMAT) {
      throw new HeadwaterError(
        'state-version',
        `data directory ${path} has format ${format?.value}, this version reads up to ${CATALOG_FORMAT}: use a newer version of Headwater`,
      );
    }
    const difference = schemaDifference(db, CATALOG_SCHEMA);
    if (difference !== undefined) throw damagedCatalog(path, difference);
    return db;
  } catch (error) {
    db?.close();
    throw explain(path, error);
  }
}

function damagedCatalog(path: string, what: string, cause?: unknown): HeadwaterError {
  return new HeadwaterError(
    'state-corrupt',
    `${path}/catalog.db is damaged: ${what}. Expected the file as Headwater wrote it: restore a copy, or delete it (jobs keep their state)`,
    { kind: 'runtime', cause },
  );
}

function explain(path: string, error: unknown): unknown {
  if (error instanceof HeadwaterError) return error;
  const code = error instanceof Database.SqliteError ? error.code : ((error as NodeJS.ErrnoException).code ?? '');
  if (code === 'SQLITE_BUSY') {
    return new HeadwaterError(
      'data-dir-in-use',
      `data directory ${path} is in use by another Headwater process: stop it, or give another --data-dir`,
      { cause: error },
    );
  }
  if (code === 'ENOSPC' || code.startsWith('SQLITE_FULL')) {
    return new HeadwaterError('disk-full', `data directory ${path}: there is no space left on its disk`, {
      kind: 'runtime',
      cause: error,
    });
  }
  if (code === 'EIO' || code.startsWith('SQLITE_IOERR')) {
    return new HeadwaterError(
      'data-dir-io-error',
      `data directory ${path} cannot be written or read: ${String(error)}`,
      {
        kind: 'runtime',
        cause: error,
      },
    );
  }
  // SQLITE_ERROR: the statements are ours, so what they name is missing in the file.
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_ERROR') {
    return damagedCatalog(path, String(error), error);
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'SQLITE_CANTOPEN', 'SQLITE_READONLY'].includes(code)) {
    return new HeadwaterError('data-dir-not-writable', `data directory ${path} cannot be written: ${String(error)}`, {
      cause: error,
    });
  }
  return error;
}
