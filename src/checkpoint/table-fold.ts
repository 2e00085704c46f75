import type Database from 'better-sqlite3';
import { collectYoung } from '../data/collect-young.ts';
import { KEY_GROUPS } from '../data/hash.ts';
import { add, type Manifest, rowSum, scanManifest, subtract, writeManifest } from './manifest.ts';

/** Base blob of one key group. */
export interface BasePart {
  readonly keyGroup: number;
  readonly bytes: Uint8Array;
}

/** Knows the chunks of one table (given by store/, which this folder does not know). */
export interface ChunkFolder {
  /** Whether a chunk may hold rows of key groups from .. to - 1, told from its first CHUNK_HEAD_BYTES. */
  mayHold(head: Uint8Array, from: number, to: number): boolean;
  /** The rows of key groups from .. to - 1 after the last chunk, given each blob once; chunks come in the order of
   *  their epochs. The result's bytes may be used again by the next call. */
  fold(bases: Iterable<Uint8Array>, chunks: Iterable<Uint8Array>, from: number, to: number): readonly BasePart[];
}

export const CHUNK_HEAD_BYTES = 32;
/** Base and log that one step works on at most, about: what it costs in memory, and how long a commit may wait for it. */
const STEP_BYTES = 8 << 20;
/** Of a log without a base: all of its rows may have different keys, and those of a step are held at once. */
const FIRST_STEP_BYTES = 2 << 20;
/** Blobs of SQLite that may lie about before they are collected. */
const GARBAGE_BYTES = 4 << 20;

/** What a fold needs of its file. */
export interface FoldFile {
  readonly db: Database.Database;
  readonly manifest: Manifest;
  /** Throws `fenced`. */
  checkGeneration(): void;
  /** A step is committed. */
  setManifest(manifest: Manifest): void;
}

interface ChunkHead {
  readonly epoch: number;
  readonly idx: number;
  readonly head: Buffer;
}

export interface FoldTask {
  readonly table: string;
  /** The log up to and with this epoch goes into the base. */
  readonly epoch: number;
  /** Of the log that is folded, and of the base so far. */
  readonly logBytes: number;
  readonly baseBytes: number;
  readonly folder: ChunkFolder;
  /** In the transaction that forgets the log. */
  readonly beforeForgetting: () => void;
  /** The log is forgotten. */
  readonly forgotten: () => void;
}

/**
 * Folds a table's committed log into its base, some key groups a step, each step a transaction of its own, so that
 * commits go on in between. Only the last step forgets the log. A base that already holds changes of the log is no
 * harm to a reader of both, or to a fold that begins anew: going through the log again ends with the same rows.
 */
export class TableFold {
  readonly table: string;
  private readonly file: FoldFile;
  private readonly task: FoldTask;
  private readonly width: number;
  /** The chunks that are folded. Read once: what SQLite shows the beginning of, it reads as a whole. */
  private heads: readonly ChunkHead[] | undefined;
  private next = 0;
  private garbage = 0;

  constructor(file: FoldFile, task: FoldTask) {
    this.table = task.table;
    this.file = file;
    this.task = task;
    const { logBytes, baseBytes } = task;
    const steps = Math.ceil((logBytes + baseBytes) / (baseBytes > 0 ? STEP_BYTES : FIRST_STEP_BYTES));
    this.width = Math.ceil(KEY_GROUPS / Math.max(1, steps));
  }

  /** Works on the next key groups; true when nothing is left to do. */
  step(): boolean {
    const to = Math.min(KEY_GROUPS, this.next + this.width);
    this.foldGroups(this.next, to);
    this.next = to;
    if (to < KEY_GROUPS) return false;
    this.forgetLog();
    return true;
  }

  private foldGroups(from: number, to: number): void {
    const { db } = this.file;
    const { table, epoch, folder } = this.task;
    let base = this.file.manifest.base;
    const bases = this.bases(from, to, (sum) => (base = subtract(base, sum)));
    const parts = folder.fold(bases, this.chunks(from, to), from, to);
    for (const { keyGroup, bytes } of parts) base = add(base, rowSum([table, keyGroup, epoch], bytes.length, bytes));
    this.commit({ ...this.file.manifest, base }, () => {
      db.prepare('DELETE FROM base WHERE name = ? AND part >= ? AND part < ?').run(table, from, to);
      const insert = db.prepare('INSERT INTO base VALUES (?, ?, ?, ?)');
      for (const { keyGroup, bytes } of parts) insert.run(table, keyGroup, epoch, bytes);
    });
  }

  /** The parts of the base of these key groups, one at a time, and what each adds to the sum. */
  private *bases(from: number, to: number, seen: (sum: number) => void): Generator<Uint8Array> {
    const { table } = this.task;
    const part = this.file.db.prepare<[string, number], { epoch: number; bytes: Buffer }>(
      'SELECT epoch, bytes FROM base WHERE name = ? AND part = ?',
    );
    for (let keyGroup = from; keyGroup < to; keyGroup++) {
      const found = part.get(table, keyGroup);
      if (found === undefined) continue;
      yield bytesOf(found.bytes);
      seen(rowSum([table, keyGroup, found.epoch], found.bytes.length, found.bytes));
      this.drop(found.bytes.length);
    }
  }

  /** The chunks that matter to these key groups, one at a time. */
  private *chunks(from: number, to: number): Generator<Uint8Array> {
    const { db } = this.file;
    const { table, folder } = this.task;
    this.heads ??= this.readHeads();
    const chunk = db.prepare<[string, number, number], { bytes: Buffer }>(
      'SELECT bytes FROM log WHERE name = ? AND epoch = ? AND idx = ?',
    );
    for (const row of this.heads) {
      if (!folder.mayHold(row.head, from, to)) continue;
      const found = chunk.get(table, row.epoch, row.idx);
      if (found === undefined) continue;
      yield bytesOf(found.bytes);
      this.drop(found.bytes.length);
    }
  }

  /** So many bytes that were read are not needed any more. */
  private drop(bytes: number): void {
    this.garbage += bytes;
    if (this.garbage < GARBAGE_BYTES) return;
    this.garbage = 0;
    collectYoung();
  }

  private readHeads(): ChunkHead[] {
    const { table, epoch } = this.task;
    return this.file.db
      .prepare<[string, number], ChunkHead>(
        `SELECT epoch, idx, substr(bytes, 1, ${CHUNK_HEAD_BYTES}) head FROM log
         WHERE name = ? AND epoch <= ? ORDER BY epoch, idx`,
      )
      .all(table, epoch);
  }

  private forgetLog(): void {
    const { db } = this.file;
    const { table, epoch, beforeForgetting, forgotten } = this.task;
    this.commit(undefined, () => {
      beforeForgetting();
      db.prepare('DELETE FROM log WHERE name = ? AND epoch <= ?').run(table, epoch);
    });
    forgotten();
  }

  private commit(manifest: Manifest | undefined, write: () => void): void {
    const { db } = this.file;
    let after = this.file.manifest;
    db.transaction(() => {
      this.file.checkGeneration();
      write();
      after = manifest ?? scanManifest(db);
      writeManifest(db, after);
    }).immediate();
    this.file.setManifest(after);
  }
}

/** The same memory as a plain array, which generated loops know. */
function bytesOf({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
