import { chunkCheck, type ChunkPlace, LogReader, type LogState } from '../../checkpoint/log-reader.ts';
import { ChunkFormat } from '../../store/chunk.ts';
import { ChunkRows } from '../../store/chunk-rows.ts';
import type { TableImage } from '../../store/table-image.ts';

/** A decoded chunk of the log. */
export interface LogEntry extends ChunkPlace {
  /** The last one of its epoch. */
  readonly last: boolean;
  readonly rows: ChunkRows;
}

/** After chunk `index` of `epoch`; EPOCH_END: after all of the epoch. */
export interface Place {
  readonly epoch: number;
  readonly index: number;
}

export const EPOCH_END = Number.MAX_SAFE_INTEGER;

/** What comes after a place. */
export type LogStep =
  | { readonly type: 'chunk'; readonly entry: LogEntry }
  /** The log was folded beyond the place. */
  | { readonly type: 'pruned' }
  /** It is not the history that was followed. */
  | { readonly type: 'other-history' }
  | { readonly type: 'end'; readonly state: LogState };

/** Decoded chunks that are kept for those who come after the first; a chunk has up to about a mebibyte. */
const KEPT = 8;

/**
 * The committed log of one table for all who follow it: what many of them want at about the same time is read and decoded
 * once. Reads little at a time, since lookups wait for the same thread.
 */
export class TableLog {
  readonly image: TableImage;
  private readonly reader: LogReader;
  private readonly format: ChunkFormat;
  private readonly followers = new Map<string, LogEntry>();
  private end: { readonly place: string; readonly state: LogState } | undefined;

  /** Errors: `job-file-not-found`. */
  constructor(path: string, table: string, image: TableImage) {
    this.image = image;
    this.reader = new LogReader(path, table);
    this.format = new ChunkFormat(image.schema, image.primaryKey);
  }

  /** Something was committed. */
  notify(): void {
    this.end = undefined;
  }

  state(): LogState {
    return this.reader.state();
  }

  lastChunk({ epoch, index }: Place): ChunkPlace | undefined {
    return this.reader.lastChunk(epoch, index);
  }

  /** The rows of the first base blob after key group `keyGroup`. */
  baseAfter(keyGroup: number): { state: LogState; base: { keyGroup: number; rows: ChunkRows } | undefined } {
    const { state, base } = this.reader.baseAfter(keyGroup);
    if (base === undefined) return { state, base };
    return { state, base: { keyGroup: base.keyGroup, rows: this.rowsOf(base.bytes) } };
  }

  /** Errors: `log-corrupt`, `log-schema`. */
  next(place: Place, lineage: string): LogStep {
    const id = `${lineage}/${place.epoch}/${place.index}`;
    const known = this.followers.get(id);
    if (known !== undefined) return { type: 'chunk', entry: known };
    if (this.end?.place === id) return { type: 'end', state: this.end.state };
    const { state, chunks } = this.reader.after({ ...place, chain: '' }, 1);
    if (state.lineage !== lineage || state.committedEpoch < place.epoch) return { type: 'other-history' };
    const atEnd = place.index === EPOCH_END;
    if (state.baseEpoch > place.epoch || (state.baseEpoch === place.epoch && !atEnd)) return { type: 'pruned' };
    if (chunks.length === 0) {
      this.end = { place: id, state };
      return { type: 'end', state };
    }
    const [{ epoch, index, last, bytes }] = chunks;
    const entry = { epoch, index, last, check: chunkCheck(bytes), rows: this.rowsOf(bytes) };
    this.keep(id, entry);
    return { type: 'chunk', entry };
  }

  private rowsOf(bytes: Uint8Array): ChunkRows {
    const { schema, primaryKey, keys } = this.image;
    return new ChunkRows(schema, primaryKey, keys, this.format.decode(bytes));
  }

  private keep(id: string, entry: LogEntry): void {
    this.followers.set(id, entry);
    for (const oldest of this.followers.keys()) {
      if (this.followers.size <= KEPT) break;
      this.followers.delete(oldest);
    }
  }

  close(): void {
    this.reader.close();
  }
}
