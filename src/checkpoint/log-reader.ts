import Database from 'better-sqlite3';
import { MIN_WATERMARK } from '../data/batch.ts';
import { runtimeError } from '../data/errors.ts';
import { baseChainKey, chainHash, EXPIRED, LINEAGE, parseBaseChain, SUPERSEDED } from './log-chain.ts';

/** One chunk of a table's committed log. */
export interface LogChunk {
  readonly epoch: number;
  readonly index: number;
  readonly bytes: Uint8Array;
  /** Hash over the log up to and including this chunk. */
  readonly chain: string;
  /** The last chunk of its epoch. */
  readonly last: boolean;
  /** When the epoch was committed, epoch milliseconds; undefined where nobody asked for it to be kept. */
  readonly committedAt: number | undefined;
}

/** What a follower compares its own progress with. */
export interface LogState {
  readonly generation: number;
  /** Name of the table's history: of another job, another table, or before `--fresh` it is another one. */
  readonly lineage: string;
  /** Histories of this job that `--fresh` replaced. */
  readonly superseded: readonly string[];
  /** The last committed epoch, 0 before the first, and its watermark. */
  readonly committedEpoch: number;
  readonly watermark: number;
  /** Everything up to this epoch was folded into the base; 0: nothing. */
  readonly baseEpoch: number;
  /** Hash over what was folded; '' when nothing was. */
  readonly baseChain: string;
}

/** The rows of a table as of an epoch, as base blobs and the log since. */
export interface LogImage {
  readonly state: LogState;
  readonly bases: readonly Uint8Array[];
  readonly chunks: readonly LogChunk[];
  /** Time of every epoch that has one. */
  readonly times: ReadonlyMap<number, number>;
  /** Rows of epochs up to this one that have no time have expired. */
  readonly expiredUpTo: number;
}

/** Base blob of one key group. */
export interface BaseBlob {
  readonly keyGroup: number;
  readonly bytes: Uint8Array;
}

/** A chunk of the log by its place, and what tells it from another in the same place. */
export interface ChunkPlace {
  readonly epoch: number;
  readonly index: number;
  readonly check: string;
}

/** The first 8 bytes of a chunk, which hold the checksum of all others, as hex digits. */
export function chunkCheck(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 8)).toString('hex');
}

/** Where a reader stands in the log: after chunk `index` of `epoch`, `chain` being the hash up to it. */
export interface LogPlace {
  readonly epoch: number;
  readonly index: number;
  readonly chain: string;
}

interface Row {
  readonly epoch: number;
  readonly idx: number;
  readonly bytes: Buffer;
  readonly committed_at: number | null;
  readonly last: number;
}

const CHUNKS = `SELECT l.epoch, idx, bytes, committed_at,
    idx = (SELECT MAX(m.idx) FROM log m WHERE m.name = l.name AND m.epoch = l.epoch) last
  FROM log l LEFT JOIN epoch_time t ON t.epoch = l.epoch WHERE name = ?`;

/**
 * Reads the committed log of one table over a read-only connection, beside the process that writes it. Every call is
 * one short read transaction, so that it sees one state of the file and does not hold back WAL checkpoints.
 */
export class LogReader {
  private readonly db: Database.Database;
  private readonly table: string;

  /** Errors: `job-file-not-found`. */
  constructor(path: string, table: string) {
    this.table = table;
    try {
      this.db = new Database(path, { readonly: true, fileMustExist: true });
    } catch (error) {
      throw runtimeError('job-file-not-found', `${path} cannot be read as a job file: ${String(error)}`, error);
    }
    this.db.pragma('busy_timeout = 5000');
  }

  state(): LogState {
    return this.db.transaction(() => this.readState())();
  }

  /** The state, and the hash over the log up to a chunk; undefined when the log has no such chunk (any more). */
  locate(epoch: number, index: number): { state: LogState; chain: string | undefined } {
    return this.db.transaction(() => {
      const state = this.readState();
      return { state, chain: this.chainAt(state.baseChain, epoch, index) };
    })();
  }

  /** Chunks after a place, at most about `maxBytes` of them (one at least), with the state of the same moment. */
  after(place: LogPlace, maxBytes: number): { state: LogState; chunks: readonly LogChunk[] } {
    return this.db.transaction(() => {
      const state = this.readState();
      return { state, chunks: this.readChunks(place, maxBytes) };
    })();
  }

  /** The first base blob after key group `keyGroup`, with the state of the same moment. */
  baseAfter(keyGroup: number): { state: LogState; base: BaseBlob | undefined } {
    return this.db.transaction(() => {
      const state = this.readState();
      const row = this.db
        .prepare<[string, number], { part: number; bytes: Buffer }>(
          'SELECT part, bytes FROM base WHERE name = ? AND part > ? ORDER BY part LIMIT 1',
        )
        .get(this.table, keyGroup);
      return { state, base: row === undefined ? undefined : { keyGroup: row.part, bytes: new Uint8Array(row.bytes) } };
    })();
  }

  /** The last chunk of the log up to an epoch and an index, and its checksum. */
  lastChunk(epoch: number, index: number): ChunkPlace | undefined {
    const row = this.db
      .prepare<[string, number, number], { epoch: number; idx: number; head: Buffer }>(
        `SELECT epoch, idx, substr(bytes, 1, 8) head FROM log WHERE name = ? AND (epoch, idx) <= (?, ?)
         ORDER BY epoch DESC, idx DESC LIMIT 1`,
      )
      .get(this.table, epoch, index);
    return row === undefined ? undefined : { epoch: row.epoch, index: row.idx, check: chunkCheck(row.head) };
  }

  /** One chunk that the log has. */
  chunk(epoch: number, index: number, chain: string): LogChunk | undefined {
    const row = this.db
      .prepare<[string, number, number], Row>(`${CHUNKS} AND l.epoch = ? AND idx = ?`)
      .get(this.table, epoch, index);
    return row === undefined ? undefined : logChunk(row, chain);
  }

  /** Everything, as of now. */
  image(): LogImage {
    return this.db.transaction(() => {
      const state = this.readState();
      const bases = this.db
        .prepare<[string], { bytes: Buffer }>('SELECT bytes FROM base WHERE name = ? ORDER BY part')
        .all(this.table)
        .map((row) => new Uint8Array(row.bytes));
      const times = this.db
        .prepare<[], { epoch: number; committed_at: number }>('SELECT epoch, committed_at FROM epoch_time')
        .all();
      return {
        state,
        bases,
        chunks: this.readChunks({ epoch: -1, index: -1, chain: state.baseChain }, Infinity),
        expiredUpTo: Number(this.meta(EXPIRED) ?? 0),
        times: new Map(times.map((row) => [row.epoch, row.committed_at])),
      };
    })();
  }

  private readState(): LogState {
    const base = parseBaseChain(this.meta(baseChainKey(this.table)));
    const last = this.db.prepare<[], { epoch: number; watermark: number }>('SELECT epoch, watermark FROM epoch').get();
    return {
      generation: Number(this.meta('generation')),
      lineage: `${this.meta(LINEAGE) ?? ''}/${this.table}`,
      superseded: (this.meta(SUPERSEDED) ?? '')
        .split(',')
        .filter((lineage) => lineage !== '')
        .map((lineage) => `${lineage}/${this.table}`),
      committedEpoch: last?.epoch ?? 0,
      watermark: last?.watermark ?? MIN_WATERMARK,
      baseEpoch: base.epoch,
      baseChain: base.chain,
    };
  }

  private meta(key: string): string | undefined {
    return this.db.prepare<[string], { value: string }>('SELECT value FROM meta WHERE key = ?').get(key)?.value;
  }

  private readChunks(place: LogPlace, maxBytes: number): LogChunk[] {
    const rows = this.db
      .prepare<[string, number, number], Row>(`${CHUNKS} AND (l.epoch, idx) > (?, ?) ORDER BY l.epoch, idx`)
      .iterate(this.table, place.epoch, place.index);
    const chunks: LogChunk[] = [];
    let { chain } = place;
    let size = 0;
    for (const row of rows) {
      chain = chainHash(chain, row.epoch, row.idx, row.bytes);
      chunks.push(logChunk(row, chain));
      size += row.bytes.length;
      if (size >= maxBytes) break;
    }
    return chunks;
  }

  private chainAt(baseChain: string, epoch: number, index: number): string | undefined {
    const heads = this.db.prepare<[string, number, number], { epoch: number; idx: number; head: Buffer }>(
      `SELECT epoch, idx, substr(bytes, 1, 8) head FROM log WHERE name = ? AND (epoch, idx) <= (?, ?) ORDER BY epoch, idx`,
    );
    let chain = baseChain;
    let found = false;
    for (const row of heads.iterate(this.table, epoch, index)) {
      chain = chainHash(chain, row.epoch, row.idx, row.head);
      found = row.epoch === epoch && row.idx === index;
    }
    return found ? chain : undefined;
  }

  close(): void {
    this.db.close();
  }
}

function logChunk(row: Row, chain: string): LogChunk {
  return {
    epoch: row.epoch,
    index: row.idx,
    bytes: new Uint8Array(row.bytes),
    chain,
    last: row.last === 1,
    committedAt: row.committed_at ?? undefined,
  };
}
