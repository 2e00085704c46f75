import type Database from 'better-sqlite3';
import { runtimeError } from '../data/errors.ts';
import type { EpochCommit, SchemaRow, SplitRow, StateRow } from './epoch-commit.ts';
import { openJobFile } from './job-file.ts';
import { LINEAGE, SUPERSEDED } from './log-chain.ts';
import { add, EMPTY_MANIFEST, type Manifest, rowSum, timeSum, verifyManifest, writeManifest } from './manifest.ts';
import { OutputLog } from './output-log.ts';
import { ownBytes } from './own-bytes.ts';
import type { CheckpointSummary, OperatorIdentity } from './recovery.ts';
import type { FoldFile } from './table-fold.ts';

export interface RestoredState {
  readonly summary: CheckpointSummary;
  /** Per operator, in the order to restore: all blobs of task 0, then of task 1, ... each from its last full one on. */
  readonly state: readonly StateRow[];
  readonly splits: readonly SplitRow[];
  readonly schemas: readonly SchemaRow[];
}

const MAX_WAL_BYTES = 256 << 20;

/** All reads and writes of one job file. Used by the store thread only. */
export class EpochStore {
  private readonly db: Database.Database;
  private readonly path: string;
  private readonly now: () => number;
  readonly generation: number;
  /** The committed log of the output tables. */
  readonly outputs: OutputLog;
  private manifest: Manifest = EMPTY_MANIFEST;

  /** Takes the next generation in a synced transaction: a process that still holds an older one cannot commit any more. */
  constructor(path: string, now: () => number) {
    this.path = path;
    this.now = now;
    this.db = openJobFile(path);
    this.generation = this.nextGeneration();
    this.db.prepare(`INSERT OR IGNORE INTO meta VALUES (?, ${NEW_LINEAGE})`).run(LINEAGE);
    this.outputs = new OutputLog(this.foldFile(), now);
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
    this.outputs.clear();
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
        bytes: ownBytes(row.bytes),
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
        this.outputs.write(commit);
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
    this.outputs.committed(commit);
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
