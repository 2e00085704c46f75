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
import { decideResume, type FeedPosition, parsePosition } from '../../store/feed-position.ts';
import type { TableImage } from '../../store/table-image.ts';
import { lineageId, LogWalk, range, SLICE_ROWS } from './log-walk.ts';
import type { LogEntry, TableLog } from './table-log.ts';

type Stage =
  | { readonly at: 'begin' }
  | { readonly at: 'snapshot'; readonly reason: SnapshotReason }
  /** Of a whole table: its base, key group by key group, as it is since `baseEpoch`. */
  | { readonly at: 'base'; readonly keyGroup: number; readonly baseEpoch: number; readonly part: BasePart | undefined }
  /** .. and then the log up to epoch `until`, as rows too. */
  | { readonly at: 'log'; readonly until: number }
  | { readonly at: 'changes' };

interface BasePart {
  readonly rows: ChunkRows;
  /** How many of them were told. */
  readonly told: number;
}

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
  private readonly walk = new LogWalk();
  /** The last epoch that was told. */
  private told = -1;
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
        return this.logStep(log, stage.until);
      case 'changes':
        return this.changesStep(log);
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
      this.walk.startAt(log, state, state.committedEpoch);
      this.stage = { at: 'changes' };
    } else {
      this.goOnFrom(log, state, from);
    }
  }

  private goOnFrom(log: TableLog, state: LogState, from: FeedPosition): void {
    const { chunk } = from;
    const there = chunk === undefined ? undefined : log.lastChunk(chunk);
    const check = there?.epoch === chunk?.epoch && there?.index === chunk?.index ? there?.check : undefined;
    const decision = decideResume(from, { ...state, lineage: lineageId(state.lineage) }, check);
    if (decision !== 'go-on') {
      this.stage = { at: 'snapshot', reason: decision };
      return;
    }
    this.walk.resume(state, from);
    this.told = from.reached - 1;
    this.stage = { at: 'changes' };
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
    this.walk.startAt(log, log.state(), epoch);
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
    this.walk.startAt(log, state, state.baseEpoch);
    this.say({ type: 'snapshot-begin', reason });
    this.stage = { at: 'base', keyGroup: -1, baseEpoch: state.baseEpoch, part: undefined };
    return true;
  }

  private baseStep(log: TableLog, stage: Stage & { readonly at: 'base' }): boolean {
    const { part } = stage;
    if (part !== undefined) {
      const to = Math.min(part.rows.count, part.told + SLICE_ROWS);
      this.say({ type: 'rows', rows: this.rowsOf(part.rows, range(part.told, to)) });
      this.stage = { ...stage, part: to === part.rows.count ? undefined : { ...part, told: to } };
      return true;
    }
    const { state, base } = log.baseAfter(stage.keyGroup);
    // A fold that went over what was read has pruned the log from here on, which the first look at it shows.
    this.stage =
      base === undefined
        ? { at: 'log', until: state.committedEpoch }
        : { ...stage, keyGroup: base.keyGroup, part: { rows: base.rows, told: 0 } };
    return true;
  }

  /** The log as a part of a snapshot. */
  private logStep(log: TableLog, until: number): boolean {
    const step = this.walk.step(log, undefined, until);
    switch (step.type) {
      case 'more':
        return true;
      case 'rows':
        if (step.rows.length > 0) this.say({ type: 'rows', rows: this.rowsOf(step.entry.rows, step.rows) });
        return true;
      case 'beyond':
        this.endSnapshot(until);
        return true;
      case 'end':
        this.endSnapshot(step.state.committedEpoch);
        return true;
      case 'pruned':
      case 'other-history':
        return this.startAgain(step.type);
      default:
        return unreachable(step);
    }
  }

  private changesStep(log: TableLog): boolean {
    const step = this.walk.step(log, this.keys, Infinity);
    switch (step.type) {
      case 'more':
      case 'beyond':
        return true;
      case 'rows':
        this.tell(step.entry, step.rows);
        return true;
      case 'end':
        this.tellEpoch(step.state);
        return false;
      case 'pruned':
      case 'other-history':
        return this.startAgain(step.type);
      default:
        return unreachable(step);
    }
  }

  private startAgain(why: 'pruned' | 'other-history'): boolean {
    this.stage = { at: 'snapshot', reason: why === 'pruned' ? 'history-pruned' : why };
    return true;
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
    this.say({ type: 'changes', epoch: entry.epoch, changes, position: this.walk.position() });
  }

  private tellEpoch({ committedEpoch, watermark }: LogState): void {
    if (committedEpoch <= this.told) return;
    this.told = committedEpoch;
    this.say({ type: 'epoch', epoch: committedEpoch, watermark, position: this.walk.position() });
  }

  private endSnapshot(epoch: number): void {
    this.walk.reach(epoch);
    this.told = epoch - 1;
    this.stage = { at: 'changes' };
    this.say({ type: 'snapshot-end', epoch, position: this.walk.position() });
  }

  private rowsOf(rows: ChunkRows, which: readonly number[]): FeedRow[] {
    return which.map((row) => ({
      key: rows.key(row),
      features: rows.isDeleted(row) ? null : rows.features(row, this.columns),
      epoch: rows.epoch(row),
    }));
  }

  private say(event: FeedEvent): void {
    if (this.open) this.outlet.event(event);
  }
}
