import type { LogState } from '../../checkpoint/log-reader.ts';
import { type ChunkMark, type FeedPosition, formatPosition } from '../../store/feed-position.ts';
import { EPOCH_END, type LogEntry, type Place, type TableLog } from './table-log.ts';

/** Rows that one step gives: well under a millisecond to format. */
export const SLICE_ROWS = 128;

export type WalkStep =
  /** Nothing to tell yet. */
  | { readonly type: 'more' }
  /** Rows of a chunk, which count as told; maybe none. */
  | { readonly type: 'rows'; readonly entry: LogEntry; readonly rows: readonly number[] }
  /** What comes next is of a later epoch than asked for. */
  | { readonly type: 'beyond' }
  | { readonly type: 'pruned' }
  | { readonly type: 'other-history' }
  /** There is no more for now. */
  | { readonly type: 'end'; readonly state: LogState };

/** A walk along the committed log of a table, a few rows at a time, and how far it got. */
export class LogWalk {
  private lineage = '';
  private place: Place = { epoch: 0, index: EPOCH_END };
  private mark: ChunkMark | undefined;
  private reached = 0;
  private entry: LogEntry | undefined;
  /** Of the entry: how far it was told, as a row, or as an index of `chosen`. */
  private row = 0;
  private chosen: readonly number[] | undefined;

  position(): string {
    return formatPosition({ lineage: lineageId(this.lineage), reached: this.reached, chunk: this.mark });
  }

  /** Everything up to an epoch is told, or not wanted. */
  startAt(log: TableLog, { lineage }: LogState, epoch: number): void {
    this.lineage = lineage;
    this.reach(epoch);
    this.leaveEntry();
    const last = log.lastChunk(this.place);
    // All of its rows, whatever their number.
    this.mark = last === undefined ? undefined : { ...last, rows: 0 };
  }

  /** After a position that the log still has. */
  resume({ lineage }: LogState, { reached, chunk }: FeedPosition): void {
    this.lineage = lineage;
    this.reach(reached);
    this.leaveEntry();
    this.mark = chunk;
    if (chunk === undefined || chunk.epoch <= reached) return;
    // Within a chunk: it comes again, and the rows that were told are left out.
    this.place = { epoch: chunk.epoch, index: chunk.index - 1 };
    this.row = chunk.rows;
  }

  /** Goes on, to chunks of epoch `until` at most. Errors of the log come through. */
  step(log: TableLog, keys: readonly string[] | undefined, until: number): WalkStep {
    const { entry } = this;
    if (entry === undefined) return this.nextEntry(log, until);
    if (keys !== undefined && this.chosen === undefined) {
      if (!entry.rows.index()) return { type: 'more' };
      this.chosen = entry.rows.rowsOf(keys).filter((row) => row >= this.row);
      this.row = 0;
    }
    return { type: 'rows', entry, rows: this.slice(entry) };
  }

  private slice(entry: LogEntry): readonly number[] {
    const { epoch, index, check, last } = entry;
    const count = this.chosen?.length ?? entry.rows.count;
    const to = Math.min(count, this.row + SLICE_ROWS);
    const rows = this.chosen?.slice(this.row, to) ?? range(this.row, to);
    const isWhole = to === count;
    this.row = to;
    this.mark = { epoch, index, check, rows: isWhole ? entry.rows.count : (rows.at(-1) ?? -1) + 1 };
    if (isWhole) {
      this.leaveEntry();
      if (last) this.reach(epoch);
      else this.place = { epoch, index };
    }
    return rows;
  }

  private nextEntry(log: TableLog, until: number): WalkStep {
    const next = log.next(this.place, this.lineage);
    if (next.type === 'end') this.reach(next.state.committedEpoch);
    if (next.type !== 'chunk') return next;
    if (next.entry.epoch > until) return { type: 'beyond' };
    this.entry = next.entry;
    return { type: 'more' };
  }

  /** Everything up to this epoch is told. */
  reach(epoch: number): void {
    this.reached = epoch;
    this.place = { epoch, index: EPOCH_END };
  }

  private leaveEntry(): void {
    this.entry = undefined;
    this.chosen = undefined;
    this.row = 0;
  }
}

/** The history's own name; the table's follows it. */
export function lineageId(lineage: string): string {
  return lineage.split('/', 1)[0];
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
