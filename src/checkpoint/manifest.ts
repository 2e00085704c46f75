import type Database from 'better-sqlite3';
import { crc32 } from '../data/checksum.ts';
import { runtimeError } from '../data/errors.ts';

/**
 * What the rows of a job file must add up to. Blobs carry checksums of their own, but nothing else would tell of a
 * blob that is missing or belongs to another task, or of a changed offset. Written with every commit, checked when
 * the file is opened. The sums of rows do not depend on their order, so a commit only adds what it inserts.
 */
export interface Manifest {
  readonly state: number;
  readonly log: number;
  readonly base: number;
}

export const EMPTY_MANIFEST: Manifest = { state: 0, log: 0, base: 0 };

const KEY = 'checksum';
/** Of every blob: its own checksum lies in the first bytes. */
const HEAD_BYTES = 8;

/** A row's part of a sum: its key, and the length and head of its blob. */
export function rowSum(key: readonly (string | number)[], length: number, head: Uint8Array): number {
  const text = new TextEncoder().encode(JSON.stringify([...key, length]));
  return crc32(head.subarray(0, HEAD_BYTES), crc32(text));
}

/** The part of an epoch's time in the sum of the log. */
export function timeSum(epoch: number, committedAt: number): number {
  return rowSum(['epoch_time', epoch, committedAt], 0, new Uint8Array(0));
}

export function add(sum: number, part: number): number {
  return (sum + part) >>> 0;
}

export function subtract(sum: number, part: number): number {
  return (sum - part) >>> 0;
}

/** Recomputes the sums from the rows; reads the head of every blob, not the whole. */
export function scanManifest(db: Database.Database): Manifest {
  return {
    state: scan(db, 'SELECT epoch, operator, task, seq, name, "full", length(bytes), substr(bytes, 1, 8) FROM state'),
    log: add(
      scan(db, 'SELECT name, epoch, idx, length(bytes), substr(bytes, 1, 8) FROM log'),
      scan(db, "SELECT 'epoch_time', epoch, committed_at, 0, x'' FROM epoch_time"),
    ),
    base: scan(db, 'SELECT name, part, epoch, length(bytes), substr(bytes, 1, 8) FROM base'),
  };
}

function scan(db: Database.Database, sql: string): number {
  let sum = 0;
  for (const row of db.prepare<[], (string | number | Buffer)[]>(sql).raw().iterate()) {
    const head = row.at(-1);
    const length = row.at(-2);
    const key = row.slice(0, -2).map((part) => (typeof part === 'object' ? part.toString('hex') : part));
    const bytes = head instanceof Buffer ? head : Buffer.from(String(head));
    sum = add(sum, rowSum(key, Number(length), bytes));
  }
  return sum;
}

/** Inside the transaction that changed the rows, after them. */
export function writeManifest(db: Database.Database, manifest: Manifest): void {
  db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(KEY, text(db, manifest));
}

/** Compares the rows with what was committed; gives the sums. Errors: `state-corrupt`. */
export function verifyManifest(db: Database.Database, path: string): Manifest {
  const stored = db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(KEY)?.value;
  const manifest = scanManifest(db);
  const actual = text(db, manifest);
  if (stored !== undefined ? stored !== actual : hasEpoch(db)) {
    throw runtimeError(
      'state-corrupt',
      `${path} is damaged: its rows add up to ${actual}, the last commit wrote ${stored ?? 'nothing'}. ` +
        'Expected the file as it was committed: restore a copy, or start the job with --fresh',
    );
  }
  return manifest;
}

function hasEpoch(db: Database.Database): boolean {
  return db.prepare('SELECT 1 FROM epoch LIMIT 1').get() !== undefined;
}

function text(db: Database.Database, { state, log, base }: Manifest): string {
  return [state, log, base, smallTables(db)].map((sum) => sum.toString(16).padStart(8, '0')).join(' ');
}

const SMALL_TABLES = [
  'SELECT epoch, watermark, parallelism, finished FROM epoch ORDER BY epoch',
  'SELECT id, fingerprint FROM operator ORDER BY id',
  'SELECT source, split, position, watermark, finished FROM split ORDER BY source, split',
  'SELECT registry, id, text FROM writer_schema ORDER BY registry, id',
];

function smallTables(db: Database.Database): number {
  const rows = SMALL_TABLES.map((sql) => db.prepare(sql).raw().all());
  return crc32(new TextEncoder().encode(JSON.stringify(rows)));
}
