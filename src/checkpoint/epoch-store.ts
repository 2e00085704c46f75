import type Database from 'better-sqlite3';
import { runtimeError } from '../data/errors.ts';
import type { EpochCommit, SchemaRow, SplitRow, StateRow } from './epoch-commit.ts';
import { openJobFile } from './job-file.ts';
import {
  add,
  EMPTY_MANIFEST,
  type Manifest,
  rowSum,
  subtract,
  timeSum,
  verifyManifest,
  writeManifest,
} from './manifest.ts';
import { baseChainKey, chainHash, EXPIRED, formatBaseChain, LINEAGE, parseBaseChain, SUPERSEDED } from './log-chain.ts';
import type { CheckpointSummary, OperatorIdentity } from './recovery.ts';
import { type ChunkFolder, type FoldFile, TableFold } from './table-fold.ts';

export interface RestoredState {
  readonly summary: CheckpointSummary;
  /** Per operator, in the order to restore: all blobs of task 0, then of task 1, ... each from its last full one on. */
  readonly state: readonly StateRow[];
  readonly splits: readonly SplitRow[];
  readonly schemas: readonly SchemaRow[];
}

export interface TableFiles {
  readonly bases: readonly Uint8Array[];
  readonly chunks: readonly { readonly epoch: number; readonly bytes: Uint8Array }[];
}

/** How a table's log is folded. */
export interface FoldLimits {
  /** The log is folded when it has at least this many bytes (and is FOLD_RATIO times as large as the base). */
  readonly minimum: number;
  /** Epochs up to this one may be folded: a follower has applied them, long enough ago. */
  readonly horizon: number;
  /** A log of so many bytes is folded whatever followers have applied: they start again from the image. */
  readonly maximum: number;
}

export const FOLD_LIMITS: FoldLimits = { minimum: 32 << 20, horizon: Infinity, maximum: 1 << 30 };

/** Folding reads and writes the whole base: the larger the log may grow beside it, the less often. */
const FOLD_RATIO = 4;
const MAX_WAL_BYTES = 256 << 20;

/** All reads and writes of one job file. Used by the store thread only. */
export class EpochStore {
  private readonly db: Database.Database;
  private readonly path: string;
  private readonly now: () => number;
  readonly generation: number;
  private readonly logBytes = new Map<string, number>();
  private manifest: Manifest = EMPTY_MANIFEST;

  /** Takes the next generation in a synced transaction: a process that still holds an older one cannot commit any more. */
  constructor(path: string, now: () => number) {
    this.path = path;
    this.now = now;
    this.db = openJobFile(path);
    this.generation = this.nextGeneration();
    this.db.prepare(`INSERT OR IGNORE INTO meta VALUES (?, ${NEW_LINEAGE})`).run(LINEAGE);
    for (const row of this.db
      .prepare<[], { name: string; n: number }>('SELECT name, SUM(LENGTH(bytes)) n FROM log GROUP BY name')
      .all()) {
      this.logBytes.set(row.name, row.n);
    }
  }

  private nextGeneration(): number {
    return this.db
      .transaction(() => {
        const row = this.db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'generation'").get();
        const next = row === undefined ? 1 : Number(row.value) + 1;
        if (!Number.isSafeInteger(next)) {
          throw runtimeError('state-corrupt', `${this.path} is damaged: its generation is '${row?.value}'`);
        }
        this.db.prepare("INSERT OR REPLACE INTO meta VALUES ('generation', ?)").run(String(next));
        return next;
      })
      .immediate();
  }

  /** Compares what the file holds with what was committed; to be called before anything of it is used. Errors: `state-corrupt`. */
  verify(): void {
    this.manifest = verifyManifest(this.db, this.path);
  }

  summary(): CheckpointSummary | undefined {
    const row = this.db
      .prepare<[], { epoch: number; watermark: number; parallelism: number; finished: number }>(
        'SELECT epoch, watermark, parallelism, finished FROM epoch ORDER BY epoch DESC LIMIT 1',
      )
      .get();
    if (row === undefined) return undefined;
    const operators = this.db.prepare<[], OperatorIdentity>('SELECT id, fingerprint FROM operator').all();
    return {
      epoch: row.epoch,
      watermark: row.watermark,
      parallelism: row.parallelism,
      finished: row.finished === 1,
      operators,
    };
  }

  /** Forgets everything but the generation; what followers hold of the old history is superseded by a new lineage. */
  discard(): void {
    this.db.transaction(() => {
      for (const table of ['epoch', 'operator', 'state', 'split', 'writer_schema', 'log', 'base', 'epoch_time']) {
        this.db.exec(`DELETE FROM ${table}`);
      }
      this.supersedeLineage();
      writeManifest(this.db, EMPTY_MANIFEST);
    })();
    this.manifest = EMPTY_MANIFEST;
    this.logBytes.clear();
  }

  private supersedeLineage(): void {
    const meta = this.db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?');
    const lineages = [...(meta.get(SUPERSEDED)?.value.split(',') ?? []), meta.get(LINEAGE)?.value ?? ''];
    this.db.prepare("DELETE FROM meta WHERE key LIKE 'chain:%'").run();
    this.db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(SUPERSEDED, lineages.slice(-20).join(','));
    this.db.prepare(`INSERT OR REPLACE INTO meta VALUES (?, ${NEW_LINEAGE})`).run(LINEAGE);
  }

  restore(): RestoredState | undefined {
    const summary = this.summary();
    if (summary === undefined) return undefined;
    const state = this.db
      .prepare<[], { operator: string; task: number; name: string; full: number; bytes: Buffer }>(
        'SELECT operator, task, name, full, bytes FROM state ORDER BY operator, task, epoch, seq',
      )
      .all()
      .map((row) => ({
        operator: row.operator,
        task: row.task,
        table: row.name,
        full: row.full === 1,
        bytes: own(row.bytes),
      }));
    const splits = this.db
      .prepare<[], { source: string; split: string; position: string; watermark: number; finished: number }>(
        'SELECT source, split, position, watermark, finished FROM split',
      )
      .all()
      .map((row) => ({
        ...row,
        position: JSON.parse(row.position) as SplitRow['position'],
        finished: row.finished === 1,
      }));
    const schemas = this.db.prepare<[], SchemaRow>('SELECT registry, id, text FROM writer_schema').all();
    return { summary, state, splits, schemas };
  }

  /** Commits one epoch. Nothing of it is visible, or survives, unless this returns. `timed`: the time of an epoch with
   *  output is kept, because rows of it expire. */
  commit(commit: EpochCommit, operators: readonly OperatorIdentity[], timed = false): void {
    const committedAt = this.now();
    const keepTime = timed && commit.outputs.length > 0;
    const manifest = manifestAfter(this.manifest, commit, keepTime ? committedAt : undefined);
    this.db
      .transaction(() => {
        this.checkGeneration();
        this.writeState(commit);
        this.writeSplits(commit);
        this.writeOutputs(commit);
        this.db.exec('DELETE FROM operator');
        const insert = this.db.prepare('INSERT INTO operator VALUES (?, ?)');
        for (const operator of operators) insert.run(operator.id, operator.fingerprint);
        this.db.exec('DELETE FROM epoch');
        this.db
          .prepare('INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?)')
          .run(
            commit.epoch,
            commit.watermark,
            commit.parallelism,
            commit.finished ? 1 : 0,
            this.generation,
            committedAt,
          );
        if (keepTime) this.db.prepare('INSERT INTO epoch_time VALUES (?, ?)').run(commit.epoch, committedAt);
        writeManifest(this.db, manifest);
      })
      .immediate();
    this.manifest = manifest;
  }

  private checkGeneration(): void {
    const row = this.db.prepare<[], { value: string }>("SELECT value FROM meta WHERE key = 'generation'").get();
    if (row === undefined || Number(row.value) !== this.generation) {
      throw runtimeError(
        'fenced',
        `${this.path} was taken over by another process (generation ${row?.value ?? 'none'}, this one has ${this.generation})`,
      );
    }
  }

  private writeState(commit: EpochCommit): void {
    if (commit.full) this.db.prepare('DELETE FROM state').run();
    const insert = this.db.prepare('INSERT INTO state VALUES (?, ?, ?, ?, ?, ?, ?)');
    commit.state.forEach((row, seq) => {
      insert.run(commit.epoch, row.operator, row.task, seq, row.table, row.full ? 1 : 0, row.bytes);
    });
  }

  private writeSplits(commit: EpochCommit): void {
    const split = this.db.prepare('INSERT OR REPLACE INTO split VALUES (?, ?, ?, ?, ?)');
    for (const row of commit.splits) {
      split.run(row.source, row.split, JSON.stringify(row.position), row.watermark, row.finished ? 1 : 0);
    }
    const schema = this.db.prepare('INSERT OR REPLACE INTO writer_schema VALUES (?, ?, ?)');
    for (const row of commit.schemas) schema.run(row.registry, row.id, row.text);
  }

  private writeOutputs(commit: EpochCommit): void {
    const insert = this.db.prepare('INSERT INTO log VALUES (?, ?, ?, ?)');
    for (const row of commit.outputs) {
      insert.run(row.table, commit.epoch, row.index, row.bytes);
      this.logBytes.set(row.table, (this.logBytes.get(row.table) ?? 0) + row.bytes.length);
    }
  }

  /** A fold of a table's log into its base when the log outweighs it; one at a time, ended before the file is closed. */
  foldWhenLarge(
    table: string,
    folder: ChunkFolder,
    limits: FoldLimits = FOLD_LIMITS,
    ttlMs = 0,
  ): TableFold | undefined {
    const log = this.logBytes.get(table) ?? 0;
    if (log < limits.minimum) return undefined;
    const base = this.baseBytes(table);
    const enough = Math.max(limits.minimum, FOLD_RATIO * base);
    if (log < enough) return undefined;
    const horizon = log >= Math.max(limits.maximum, enough) ? Infinity : limits.horizon;
    const { bytes, epoch } = this.logUpTo(table, horizon);
    if (bytes < enough) return undefined;
    return new TableFold(this.foldFile(), {
      table,
      epoch,
      logBytes: bytes,
      baseBytes: base,
      folder,
      beforeForgetting: () => {
        this.writeBaseChain(table, epoch);
        if (ttlMs > 0) this.forgetTimes(this.now() - 2 * ttlMs);
      },
      forgotten: () => this.logBytes.set(table, (this.logBytes.get(table) ?? 0) - bytes),
    });
  }

  /** Bytes of the log that the file holds, by table. */
  retainedLog(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.logBytes);
  }

  private foldFile(): FoldFile {
    const current = (): Manifest => this.manifest;
    return {
      db: this.db,
      get manifest() {
        return current();
      },
      checkGeneration: () => this.checkGeneration(),
      setManifest: (manifest) => (this.manifest = manifest),
    };
  }

  private baseBytes(table: string): number {
    const sql = 'SELECT SUM(LENGTH(bytes)) n FROM base WHERE name = ?';
    return this.db.prepare<[string], { n: number | null }>(sql).get(table)?.n ?? 0;
  }

  /** Forgets the times of epochs that are in no log any more and whose rows have expired. */
  private forgetTimes(before: number): void {
    const old = 'committed_at < ? AND epoch < (SELECT COALESCE(MIN(epoch), 9e15) FROM log)';
    this.db
      .prepare(`INSERT OR REPLACE INTO meta SELECT ?, MAX(epoch) FROM epoch_time WHERE ${old} HAVING MAX(epoch) > 0`)
      .run(EXPIRED, before);
    this.db.prepare(`DELETE FROM epoch_time WHERE ${old}`).run(before);
  }

  private logUpTo(table: string, horizon: number): { bytes: number; epoch: number } {
    const row = this.db
      .prepare<[string, number], { bytes: number | null; epoch: number | null }>(
        'SELECT SUM(LENGTH(bytes)) bytes, MAX(epoch) epoch FROM log WHERE name = ? AND epoch <= ?',
      )
      .get(table, Math.min(horizon, Number.MAX_SAFE_INTEGER));
    return { bytes: row?.bytes ?? 0, epoch: row?.epoch ?? 0 };
  }

  /** The hash over the chunks that go into the base, so that a follower can be told to have seen exactly these. */
  private writeBaseChain(table: string, epoch: number): void {
    const key = baseChainKey(table);
    const before = this.db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key)?.value;
    const heads = this.db.prepare<[string, number], { epoch: number; idx: number; head: Buffer }>(
      'SELECT epoch, idx, substr(bytes, 1, 8) head FROM log WHERE name = ? AND epoch <= ? ORDER BY epoch, idx',
    );
    let { chain } = parseBaseChain(before);
    for (const row of heads.iterate(table, epoch)) chain = chainHash(chain, row.epoch, row.idx, row.head);
    this.db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, formatBaseChain({ epoch, chain }));
  }

  /** Deletes the chunks of a table up to an epoch: a follower has written them where they belong, and nobody folds them. */
  forget(table: string, epoch: number): void {
    const select = this.db.prepare<[string, number], { epoch: number; idx: number; length: number; head: Buffer }>(
      'SELECT epoch, idx, length(bytes) length, substr(bytes, 1, 8) head FROM log WHERE name = ? AND epoch <= ?',
    );
    const rows = select.all(table, epoch);
    const last = rows.reduce((highest, row) => Math.max(highest, row.epoch), 0);
    if (last === 0) return;
    let { log } = this.manifest;
    for (const row of rows) log = subtract(log, rowSum([table, row.epoch, row.idx], row.length, row.head));
    const manifest = { ...this.manifest, log };
    this.db
      .transaction(() => {
        this.checkGeneration();
        this.db.prepare('DELETE FROM log WHERE name = ? AND epoch <= ?').run(table, epoch);
        const forgotten = formatBaseChain({ epoch: last, chain: '' });
        this.db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(baseChainKey(table), forgotten);
        writeManifest(this.db, manifest);
      })
      .immediate();
    this.manifest = manifest;
    const bytes = rows.reduce((sum, row) => sum + row.length, 0);
    this.logBytes.set(table, (this.logBytes.get(table) ?? 0) - bytes);
  }

  /** Base and log of an output table, to build its image. */
  tableFiles(table: string): TableFiles {
    const bases = this.db
      .prepare<[string], { bytes: Buffer }>('SELECT bytes FROM base WHERE name = ? ORDER BY part')
      .all(table)
      .map((row) => own(row.bytes));
    const chunks = this.db
      .prepare<[string], { epoch: number; bytes: Buffer }>(
        'SELECT epoch, bytes FROM log WHERE name = ? ORDER BY epoch, idx',
      )
      .all(table)
      .map((row) => ({ epoch: row.epoch, bytes: own(row.bytes) }));
    return { bases, chunks };
  }

  /** Bounds the WAL. */
  checkpointWal(walBytes: number): void {
    this.db.pragma(walBytes > MAX_WAL_BYTES ? 'wal_checkpoint(TRUNCATE)' : 'wal_checkpoint(PASSIVE)');
  }

  close(): void {
    this.db.close();
  }
}

/** SQLite's own randomness: a history that begins anew never has the name of another one. */
const NEW_LINEAGE = 'lower(hex(randomblob(8)))';

function manifestAfter(before: Manifest, commit: EpochCommit, committedAt: number | undefined): Manifest {
  let state = commit.full ? 0 : before.state;
  commit.state.forEach((row, seq) => {
    const key = [commit.epoch, row.operator, row.task, seq, row.table, row.full ? 1 : 0];
    state = add(state, rowSum(key, row.bytes.length, row.bytes));
  });
  let { log } = before;
  for (const row of commit.outputs) {
    log = add(log, rowSum([row.table, commit.epoch, row.index], row.bytes.length, row.bytes));
  }
  if (committedAt !== undefined) log = add(log, timeSum(commit.epoch, committedAt));
  return { state, log, base: before.base };
}

/** A copy with a buffer of its own (SQLite hands out pooled buffers), so that it can be transferred and aligned. */
function own(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}
