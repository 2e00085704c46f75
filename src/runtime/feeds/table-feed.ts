import type { LogState } from '../../checkpoint/log-reader.ts';
import { unreachable } from '../../data/errors.ts';
import type {
  Feed,
  FeedChange,
  FeedEvent,
  FeedOutlet,
  FeedRequest,
  FeedRow,
  SnapshotReason,
} from '../../store/change-feed.ts';
import type { ChunkRows } from '../../store/chunk-rows.ts';
import {
  type ChunkMark,
  decideResume,
  type FeedPosition,
  formatPosition,
  parsePosition,
} from '../../store/feed-position.ts';
import type { TableImage } from '../../store/table-image.ts';
import { EPOCH_END, type LogEntry, type Place, type TableLog } from './table-log.ts';

/** Rows that one step formats: well under a millisecond. */
const SLICE_ROWS = 128;

type Stage =
  | { readonly at: 'begin' }
  | { readonly at: 'snapshot'; readonly reason: SnapshotReason }
  /** Of a whole table: its base, key group by key group, as it is since `baseEpoch`. */
  | { readonly at: 'base'; readonly keyGroup: number; readonly baseEpoch: number; readonly rows: ChunkRows | undefined }
  /** .. and then the log up to epoch `until`, as rows too. */
  | { readonly at: 'log'; readonly until: number }
  | { readonly at: 'changes' };

export interface FeedHost {
  /** The log of the feed's table as it is now. Throws `table-gone`. */
  log(): TableLog;
  /** The feed has something to do. */
  wake(): void;
  closed(): void;
  told(changes: number): void;
}

/**
 * One who follows the committed changes of a table: a snapshot where one is due, then every change, in order, from the log.
 * Does a little at each step, and nothing while its outlet is not ready: what it has not told waits on the disk.
 */
export class TableFeed implements Feed {
  private readonly request: FeedRequest;
  private readonly outlet: FeedOutlet;
  private readonly host: FeedHost;
  private readonly from: FeedPosition | 'latest' | undefined;
  private stage: Stage = { at: 'begin' };
  /** The log whose columns and keys these are. */
  private bound: TableLog | undefined;
  private columns: readonly number[] = [];
  /** As the log spells them, each once; undefined: all. */
  private keys: readonly string[] | undefined;
  private lineage = '';
  private place: Place = { epoch: 0, index: EPOCH_END };
  private mark: ChunkMark | undefined;
  private reached = 0;
  private told = -1;
  private entry: LogEntry | undefined;
  /** Of the entry, or of the base blob: how far it was told, as an index of `chosen` or a row. */
  private row = 0;
  private chosen: readonly number[] | undefined;
  /** The image that a snapshot waits for. */
  private looking: TableImage | undefined;
  /** What went wrong outside a step. */
  private failure: { readonly error: unknown } | undefined;
  private open = true;

  /** Throws `bad-position`, `unknown-column`, `bad-feature-key`. */
  constructor(request: FeedRequest, outlet: FeedOutlet, host: FeedHost) {
    this.request = request;
    this.outlet = outlet;
    this.host = host;
    const { from } = request;
    this.from = from === undefined || from === 'latest' ? from : parsePosition(from);
    this.bind(host.log());
  }

  resume(): void {
    this.host.wake();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.host.closed();
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** Does a little work; true when there is more to do at once. Errors of the log come through. */
  step(): boolean {
    if (!this.open || !this.outlet.ready()) return false;
    const log = this.host.log();
    this.bind(log);
    const { stage } = this;
    switch (stage.at) {
      case 'begin':
        this.begin(log);
        return true;
      case 'snapshot':
        return this.keys === undefined ? this.beginBase(log, stage.reason) : this.lookUp(log, this.keys, stage.reason);
      case 'base':
        return this.baseStep(log, stage);
      case 'log':
      case 'changes':
        return this.logStep(log, stage);
      default:
        return unreachable(stage);
    }
  }

  /** Another run of the job may have another schema. */
  private bind(log: TableLog): void {
    if (log === this.bound) return;
    this.columns = log.image.resolveColumns(this.request.columns);
    const { keys } = log.image;
    this.keys = this.request.keys && [...new Set(this.request.keys.map((key) => keys.format(keys.parse(key), 0)))];
    this.bound = log;
  }

  private begin(log: TableLog): void {
    const state = log.state();
    const { from } = this;
    if (from === undefined) {
      this.stage = { at: 'snapshot', reason: 'requested' };
    } else if (from === 'latest') {
      this.startAt(log, state, state.committedEpoch);
      this.stage = { at: 'changes' };
    } else {
      this.goOnFrom(log, state, from);
    }
  }

  private goOnFrom(log: TableLog, state: LogState, from: FeedPosition): void {
    const { chunk } = from;
    const there = chunk === undefined ? undefined : log.lastChunk(chunk);
    const check = there?.epoch === chunk?.epoch && there?.index === chunk?.index ? there?.check : undefined;
    const decision = decideResume(from, { ...state, lineage: lineageId(state) }, check);
    if (decision !== 'go-on') {
      this.stage = { at: 'snapshot', reason: decision };
      return;
    }
    this.lineage = state.lineage;
    this.reached = from.reached;
    this.mark = chunk;
    this.told = from.reached - 1;
    this.place = from.reached >= (chunk?.epoch ?? 0) ? { epoch: from.reached, index: EPOCH_END } : placeBefore(chunk);
    this.row = this.place.index === EPOCH_END ? 0 : (chunk?.rows ?? 0);
    this.stage = { at: 'changes' };
  }

  /** Everything up to an epoch is told or not wanted. */
  private startAt(log: TableLog, state: LogState, epoch: number): void {
    this.lineage = state.lineage;
    this.place = { epoch, index: EPOCH_END };
    this.reached = epoch;
    this.entry = undefined;
    this.row = 0;
    const last = log.lastChunk(this.place);
    // All of its rows, whatever their number.
    this.mark = last === undefined ? undefined : { ...last, rows: 0 };
  }

  /** A snapshot of chosen keys: the image at a moment when it stands exactly at an epoch. */
  private lookUp(log: TableLog, keys: readonly string[], reason: SnapshotReason): boolean {
    const { image } = log;
    if (image.error !== undefined) throw image.error;
    if (this.failure !== undefined) throw this.failure.error;
    if (this.looking === image) return false;
    this.looking = image;
    image.atEpoch(() => {
      if (this.looking !== image) return;
      this.looking = undefined;
      if (!this.open || this.bound !== log) return;
      try {
        this.tellKeys(log, keys, reason);
      } catch (error) {
        this.failure = { error };
      }
      this.host.wake();
    });
    return false;
  }

  private tellKeys(log: TableLog, keys: readonly string[], reason: SnapshotReason): void {
    const { image } = log;
    const { epoch } = image.freshness;
    this.startAt(log, log.state(), epoch);
    const rows = keys.flatMap((key): FeedRow[] => {
      const row = image.get(key, this.columns);
      return row === undefined ? [] : [{ key, ...row }];
    });
    this.say({ type: 'snapshot-begin', reason });
    if (rows.length > 0) this.say({ type: 'rows', rows });
    this.endSnapshot(epoch);
  }

  private beginBase(log: TableLog, reason: SnapshotReason): boolean {
    const state = log.state();
    this.lineage = state.lineage;
    this.entry = undefined;
    this.row = 0;
    this.say({ type: 'snapshot-begin', reason });
    this.stage = { at: 'base', keyGroup: -1, baseEpoch: state.baseEpoch, rows: undefined };
    return true;
  }

  private baseStep(log: TableLog, stage: Stage & { readonly at: 'base' }): boolean {
    if (stage.rows !== undefined) {
      const to = Math.min(stage.rows.count, this.row + SLICE_ROWS);
      this.say({ type: 'rows', rows: this.rowsOf(stage.rows, range(this.row, to)) });
      this.row = to;
      if (to === stage.rows.count) this.stage = { ...stage, rows: undefined };
      return true;
    }
    const { state, base } = log.baseAfter(stage.keyGroup);
    // A fold that went over what was read has pruned the log from here on, which the first look at it shows.
    if (base === undefined) {
      this.place = { epoch: stage.baseEpoch, index: EPOCH_END };
      this.mark = undefined;
      this.reached = stage.baseEpoch;
      this.row = 0;
      this.stage = { at: 'log', until: state.committedEpoch };
    } else {
      this.row = 0;
      this.stage = { ...stage, keyGroup: base.keyGroup, rows: base.rows };
    }
    return true;
  }

  private logStep(log: TableLog, stage: Stage & { readonly at: 'log' | 'changes' }): boolean {
    if (this.entry === undefined) return this.nextEntry(log, stage);
    const { entry } = this;
    if (this.keys !== undefined && this.chosen === undefined) {
      if (!entry.rows.index()) return true;
      this.chosen = entry.rows.rowsOf(this.keys).filter((row) => row >= this.row);
      this.row = 0;
    }
    const count = this.chosen?.length ?? entry.rows.count;
    const to = Math.min(count, this.row + SLICE_ROWS);
    const rows = this.chosen?.slice(this.row, to) ?? range(this.row, to);
    const isWhole = to === count;
    this.row = to;
    this.mark = {
      epoch: entry.epoch,
      index: entry.index,
      check: entry.check,
      rows: isWhole ? entry.rows.count : (rows.at(-1) ?? -1) + 1,
    };
    if (isWhole) this.leaveEntry(entry);
    if (stage.at === 'log') {
      if (rows.length > 0) this.say({ type: 'rows', rows: this.rowsOf(entry.rows, rows) });
    } else {
      this.tell(entry, rows);
    }
    return true;
  }

  private leaveEntry({ epoch, index, last }: LogEntry): void {
    this.entry = undefined;
    this.chosen = undefined;
    this.row = 0;
    this.place = { epoch, index: last ? EPOCH_END : index };
    if (last) this.reached = epoch;
  }

  private tell(entry: LogEntry, rows: readonly number[]): void {
    const changes = rows.map((row): FeedChange => {
      const seq = [entry.epoch, entry.index, row] as const;
      const key = entry.rows.key(row);
      if (entry.rows.isDeleted(row)) return { seq, op: 'delete', key };
      return { seq, op: 'upsert', key, features: entry.rows.features(row, this.columns) };
    });
    if (changes.length === 0) return;
    this.host.told(changes.length);
    this.say({ type: 'changes', epoch: entry.epoch, changes, position: this.position() });
  }

  private nextEntry(log: TableLog, stage: Stage & { readonly at: 'log' | 'changes' }): boolean {
    const next = log.next(this.place, this.lineage);
    switch (next.type) {
      case 'chunk':
        if (stage.at === 'log' && next.entry.epoch > stage.until) this.endSnapshot(stage.until);
        else this.entry = next.entry;
        return true;
      case 'pruned':
        this.stage = { at: 'snapshot', reason: 'history-pruned' };
        return true;
      case 'other-history':
        this.stage = { at: 'snapshot', reason: 'other-history' };
        return true;
      case 'end':
        return this.atEnd(next.state, stage);
      default:
        return unreachable(next);
    }
  }

  private atEnd({ committedEpoch, watermark }: LogState, stage: Stage & { readonly at: 'log' | 'changes' }): boolean {
    this.place = { epoch: committedEpoch, index: EPOCH_END };
    this.reached = committedEpoch;
    if (stage.at === 'log') {
      this.endSnapshot(committedEpoch);
      return true;
    }
    if (committedEpoch > this.told) {
      this.told = committedEpoch;
      this.say({ type: 'epoch', epoch: committedEpoch, watermark, position: this.position() });
    }
    return false;
  }

  private endSnapshot(epoch: number): void {
    this.reached = epoch;
    this.told = epoch - 1;
    this.stage = { at: 'changes' };
    this.say({ type: 'snapshot-end', epoch, position: this.position() });
  }

  private rowsOf(rows: ChunkRows, which: readonly number[]): FeedRow[] {
    return which.map((row) => ({
      key: rows.key(row),
      features: rows.isDeleted(row) ? null : rows.features(row, this.columns),
      epoch: rows.epoch(row),
    }));
  }

  private position(): string {
    return formatPosition({ lineage: this.lineage.split('/', 1)[0], reached: this.reached, chunk: this.mark });
  }

  private say(event: FeedEvent): void {
    if (this.open) this.outlet.event(event);
  }
}

/** The history's own name; the table's follows it. */
function lineageId({ lineage }: LogState): string {
  return lineage.split('/', 1)[0];
}

/** Where the chunk itself comes next. */
function placeBefore(chunk: ChunkMark | undefined): Place {
  return chunk === undefined ? { epoch: 0, index: EPOCH_END } : { epoch: chunk.epoch, index: chunk.index - 1 };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
