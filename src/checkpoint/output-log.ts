import type { EpochCommit } from './epoch-commit.ts';
import { baseChainKey, chainHash, EXPIRED, formatBaseChain, parseBaseChain } from './log-chain.ts';
import { rowSum, subtract, writeManifest } from './manifest.ts';
import { ownBytes } from './own-bytes.ts';
import { type ChunkFolder, type FoldFile, TableFold } from './table-fold.ts';

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

/** The committed log of a job's output tables: chunks by table, epoch and index, and the log folded. */
export class OutputLog {
  private readonly file: FoldFile;
  private readonly now: () => number;
  private readonly logBytes = new Map<string, number>();

  constructor(file: FoldFile, now: () => number) {
    this.file = file;
    this.now = now;
    for (const row of file.db
      .prepare<[], { name: string; n: number }>('SELECT name, SUM(LENGTH(bytes)) n FROM log GROUP BY name')
      .all()) {
      this.logBytes.set(row.name, row.n);
    }
  }

  /** In the transaction of a commit. */
  write(commit: EpochCommit): void {
    const insert = this.file.db.prepare('INSERT INTO log VALUES (?, ?, ?, ?)');
    for (const row of commit.outputs) insert.run(row.table, commit.epoch, row.index, row.bytes);
  }

  /** The transaction is committed: one that is rolled back is tried again, and counts once. */
  committed({ outputs }: EpochCommit): void {
    for (const { table, bytes } of outputs) this.count(table, bytes.length);
  }

  private count(table: string, bytes: number): void {
    this.logBytes.set(table, (this.logBytes.get(table) ?? 0) + bytes);
  }

  /** The file has none any more. */
  clear(): void {
    this.logBytes.clear();
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
    return new TableFold(this.file, {
      table,
      epoch,
      logBytes: bytes,
      baseBytes: base,
      folder,
      beforeForgetting: () => {
        this.writeBaseChain(table, epoch);
        if (ttlMs > 0) this.forgetTimes(this.now() - 2 * ttlMs);
      },
      forgotten: () => this.count(table, -bytes),
    });
  }

  /** Bytes that the file holds, by table. */
  retained(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.logBytes);
  }

  private baseBytes(table: string): number {
    const sql = 'SELECT SUM(LENGTH(bytes)) n FROM base WHERE name = ?';
    return this.file.db.prepare<[string], { n: number | null }>(sql).get(table)?.n ?? 0;
  }

  /** Forgets the times of epochs that are in no log any more and whose rows have expired. */
  private forgetTimes(before: number): void {
    const old = 'committed_at < ? AND epoch < (SELECT COALESCE(MIN(epoch), 9e15) FROM log)';
    this.file.db
      .prepare(`INSERT OR REPLACE INTO meta SELECT ?, MAX(epoch) FROM epoch_time WHERE ${old} HAVING MAX(epoch) > 0`)
      .run(EXPIRED, before);
    this.file.db.prepare(`DELETE FROM epoch_time WHERE ${old}`).run(before);
  }

  private logUpTo(table: string, horizon: number): { bytes: number; epoch: number } {
    const row = this.file.db
      .prepare<[string, number], { bytes: number | null; epoch: number | null }>(
        'SELECT SUM(LENGTH(bytes)) bytes, MAX(epoch) epoch FROM log WHERE name = ? AND epoch <= ?',
      )
      .get(table, Math.min(horizon, Number.MAX_SAFE_INTEGER));
    return { bytes: row?.bytes ?? 0, epoch: row?.epoch ?? 0 };
  }

  /** The hash over the chunks that go into the base, so that a follower can be told to have seen exactly these. */
  private writeBaseChain(table: string, epoch: number): void {
    const key = baseChainKey(table);
    const before = this.file.db
      .prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?')
      .get(key)?.value;
    const heads = this.file.db.prepare<[string, number], { epoch: number; idx: number; head: Buffer }>(
      'SELECT epoch, idx, substr(bytes, 1, 8) head FROM log WHERE name = ? AND epoch <= ? ORDER BY epoch, idx',
    );
    let { chain } = parseBaseChain(before);
    for (const row of heads.iterate(table, epoch)) chain = chainHash(chain, row.epoch, row.idx, row.head);
    this.file.db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, formatBaseChain({ epoch, chain }));
  }

  /** Deletes the chunks of a table up to an epoch: a follower has written them where they belong, and nobody folds them. */
  forget(table: string, epoch: number): void {
    const select = this.file.db.prepare<[string, number], { epoch: number; idx: number; length: number; head: Buffer }>(
      'SELECT epoch, idx, length(bytes) length, substr(bytes, 1, 8) head FROM log WHERE name = ? AND epoch <= ?',
    );
    const rows = select.all(table, epoch);
    const last = rows.reduce((highest, row) => Math.max(highest, row.epoch), 0);
    if (last === 0) return;
    let { log } = this.file.manifest;
    for (const row of rows) log = subtract(log, rowSum([table, row.epoch, row.idx], row.length, row.head));
    const manifest = { ...this.file.manifest, log };
    this.file.db
      .transaction(() => {
        this.file.checkGeneration();
        this.file.db.prepare('DELETE FROM log WHERE name = ? AND epoch <= ?').run(table, epoch);
        const forgotten = formatBaseChain({ epoch: last, chain: '' });
        this.file.db.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(baseChainKey(table), forgotten);
        writeManifest(this.file.db, manifest);
      })
      .immediate();
    this.file.setManifest(manifest);
    const bytes = rows.reduce((sum, row) => sum + row.length, 0);
    this.count(table, -bytes);
  }

  /** Base and log of an output table, to build its image. */
  files(table: string): TableFiles {
    const bases = this.file.db
      .prepare<[string], { bytes: Buffer }>('SELECT bytes FROM base WHERE name = ? ORDER BY part')
      .all(table)
      .map((row) => ownBytes(row.bytes));
    const chunks = this.file.db
      .prepare<[string], { epoch: number; bytes: Buffer }>(
        'SELECT epoch, bytes FROM log WHERE name = ? ORDER BY epoch, idx',
      )
      .all(table)
      .map((row) => ({ epoch: row.epoch, bytes: ownBytes(row.bytes) }));
    return { bases, chunks };
  }
}
