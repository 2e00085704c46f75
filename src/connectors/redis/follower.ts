import { type LogChunk, type LogPlace, LogReader, type LogState } from '../../checkpoint/log-reader.ts';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { formatType, type Schema } from '../../data/types.ts';
import { type Chunk, ChunkFormat } from '../../store/chunk.ts';
import { ChunkEncoder, type EncodedPart } from './chunk-encoder.ts';
import { RedisConnection } from './connection.ts';
import { chunkExpiry } from './expiry.ts';
import { FollowerAlarm } from '../follower/alarm.ts';
import { type FollowerCounters, type FollowerState, type FollowerStatus } from '../follower/status.ts';
import { describeAddress, type RedisAddress, type RedisOptions } from './options.ts';
import { decideCatchUp, type Fence, formatPosition, type Position } from './protocol.ts';
import { imagePosition, type RebuildTable, rebuildTable } from './rebuild.ts';
import { SCRIPTS, type Scripts } from './scripts.ts';
import { checkServer, readServerFacts, serverWarnings } from './server-check.ts';
import { poison, RedisSession, type Writer } from './session.ts';
import { Wakeup } from '../follower/wakeup.ts';

/** Which table to keep in which Redis. */
export interface FollowedTable {
  readonly job: string;
  readonly table: string;
  /** The job file. */
  readonly path: string;
  readonly schema: Schema;
  readonly primaryKey: readonly number[];
  readonly address: RedisAddress;
  readonly options: RedisOptions;
  readonly generation: number;
  /** An operator has decided that the job file is right, whatever Redis holds. */
  readonly force: boolean;
}

export interface FollowerHost {
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** Something of the status changed. */
  readonly changed: (status: FollowerStatus) => void;
  /** The job cannot go on: another process owns the table, or the log is damaged. */
  readonly failed: (error: HeadwaterError) => void;
  readonly random: () => number;
  readonly monotonic: () => number;
  /** Tells this process apart from every other one. */
  readonly nonce: string;
}

/** The parts of the protocol, so that tests can put wrong ones in their place and stop at its points. */
export interface FollowerProtocol {
  readonly scripts: Scripts;
  readonly decide: typeof decideCatchUp;
  readonly rebuild: typeof rebuildTable;
  readonly expiry: typeof chunkExpiry;
  readonly at: (point: FollowerPoint) => void | Promise<void>;
  /** How long an idle follower waits before it looks whether Redis still has what it acknowledged, milliseconds. */
  readonly checkMs: number;
}

export type FollowerPoint =
  | 'connected'
  | 'acquired'
  | 'decided'
  | 'chunk-read'
  | 'part-sent'
  | 'part-acknowledged'
  | 'epoch-acknowledged'
  | 'idle'
  | 'rebuild-begins'
  | 'rebuild-part'
  | 'rebuild-done';

export const PROTOCOL: FollowerProtocol = {
  scripts: SCRIPTS,
  decide: decideCatchUp,
  rebuild: rebuildTable,
  expiry: chunkExpiry,
  at: () => undefined,
  checkMs: 1000,
};

const READ_BYTES = 4 << 20;
/** What an operator or a program has to put right; asking again is harmless meanwhile. */
const FATAL = ['fenced', 'log-corrupt', 'log-schema', 'state-corrupt', 'job-file-not-found'];

/**
 * Keeps one table in Redis: reads the committed log and applies it, chunk by chunk, in order. Whatever goes wrong ends
 * the session with Redis; the next one first asks Redis what it holds (protocol.ts), so nothing is lost and nothing is
 * applied twice.
 */
export class TableFollower {
  private readonly spec: FollowedTable;
  private readonly host: FollowerHost;
  private readonly protocol: FollowerProtocol;
  private readonly reader: LogReader;
  private readonly writer: Writer;
  private readonly encoding: string;
  private readonly table: RebuildTable;
  private readonly wakeup = new Wakeup();
  /** Ends the pause between two tries; new epochs are no reason to try earlier. */
  private readonly retryNow = new Wakeup();
  private readonly alarm: FollowerAlarm;
  private readonly counters: FollowerCounters = { parts: 0, rows: 0, replays: 0, rebuilds: 0, alarms: 0 };
  private state: FollowerState = 'starting';
  private force: boolean;
  private acquired: () => void = () => undefined;
  private stopped = false;
  private position = '';
  private positionEpoch = 0;
  private appliedEpoch = 0;
  private maxBulkBytes = Infinity;
  /** When Redis was last known to hold what it acknowledged. */
  private heardAt = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(spec: FollowedTable, host: FollowerHost, protocol: FollowerProtocol = PROTOCOL) {
    this.spec = spec;
    this.host = host;
    this.protocol = protocol;
    this.force = spec.force;
    this.reader = new LogReader(spec.path, spec.table);
    const { schema, primaryKey, options } = spec;
    const { keys, mode, ttlMs } = options;
    this.writer = {
      table: spec.table,
      fence: keys.fence,
      generation: spec.generation,
      owner: `${spec.generation}:${host.nonce}`,
    };
    const encoder = new ChunkEncoder(schema, primaryKey, keys, mode);
    this.table = {
      schema,
      primaryKey,
      keys,
      ttlMs,
      format: new ChunkFormat(schema, primaryKey),
      encoder,
      checkPart: (part, chunk) => this.checkPart(part, chunk),
    };
    this.encoding = encodingOf(spec);
    this.alarm = new FollowerAlarm(`table ${spec.table} in ${describeAddress(spec.address)}`, host);
  }

  /**
   * Connects, becomes the table's writer and begins to follow. Rejects when that does not succeed at once, within
   * about ten seconds; later outages are waited out.
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.acquired = resolve;
      this.running = this.run(reject);
    });
  }

  /** There is more in the log. */
  notify(): void {
    this.wakeup.wake();
  }

  get status(): FollowerStatus {
    const { job, table } = this.spec;
    const { state, appliedEpoch, positionEpoch } = this;
    return { job, table, state, appliedEpoch, positionEpoch, reason: this.alarm.reason, ...this.counters };
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wakeup.wake();
    this.retryNow.wake();
    await this.running;
    this.reader.close();
  }

  private async run(rejectStart: (error: unknown) => void): Promise<void> {
    while (!this.stopped) {
      try {
        await this.session();
      } catch (error) {
        if (this.stopped) return;
        if (this.state === 'starting') {
          this.enter('stopped');
          rejectStart(error);
          return;
        }
        if (!(await this.wait(error))) return;
      }
    }
    this.enter('stopped');
  }

  /** Raises the alarm and waits; false when there is nothing to wait for. */
  private async wait(error: unknown): Promise<boolean> {
    const known = error instanceof HeadwaterError ? error : runtimeError('internal-error', String(error), error);
    if (known.code === 'internal-error' || FATAL.includes(known.code)) {
      this.enter('failed');
      this.host.failed(known);
      return false;
    }
    const pause = this.alarm.raise(known);
    if (known.code === 'redis-gap') this.counters.replays += 1;
    this.counters.alarms += 1;
    this.enter(stateAfter(known.code));
    await this.retryNow.sleep(pause, () => this.stopped);
    return true;
  }

  private async session(): Promise<void> {
    const connection = await RedisConnection.open(this.spec.address);
    try {
      connection.onLost(() => this.wakeup.wake());
      await this.protocol.at('connected');
      await this.checkServer(connection);
      const session = new RedisSession(connection, this.writer, this.spec.options.mode, this.table.encoder.names);
      await session.load(this.protocol.scripts);
      await this.catchUp(session);
    } finally {
      connection.close();
    }
  }

  private async checkServer(connection: RedisConnection): Promise<void> {
    const facts = await readServerFacts(connection);
    this.maxBulkBytes = facts.maxBulkBytes;
    checkServer(connection.where, facts);
    if (this.state !== 'starting') return;
    for (const warning of serverWarnings(connection.where, facts)) this.host.log('warn', warning);
  }

  /** Becomes the owner, finds out where Redis is, and goes on from there until the session ends. */
  private async catchUp(session: RedisSession): Promise<void> {
    const before = this.checkedState(this.reader.state());
    const fence = await session.acquire(before.lineage, before.superseded, this.encoding, this.force);
    await this.protocol.at('acquired');
    const { log, chain } = this.locate(fence);
    const decision = this.protocol.decide(fence, log, chain, this.encoding, this.force);
    await this.protocol.at('decided');
    switch (decision.action) {
      case 'refuse':
        throw this.refusal(session.connection.where, decision.code, decision.reason);
      case 'rebuild': {
        const place = await this.rebuild(session, decision.reason, log);
        return this.follow(session, place, 'all');
      }
      case 'replay':
        this.noteReplay(fence?.position);
        this.position = fence?.position === undefined ? '' : formatPosition(fence.position);
        this.positionEpoch = fence?.position?.epoch ?? 0;
        return this.follow(session, decision.place, decision.row);
    }
  }

  private locate(fence: Fence | undefined): { log: LogState; chain: string | undefined } {
    const position = fence?.position;
    if (position === undefined) return { log: this.checkedState(this.reader.state()), chain: undefined };
    const { state, chain } = this.reader.locate(position.epoch, position.index);
    return { log: this.checkedState(state), chain };
  }

  private refusal(where: string, code: string, reason: string): HeadwaterError {
    const { table } = this.spec;
    return runtimeError(
      code,
      `${where} holds table ${table}, but ${reason}. Nothing was changed; expected the table as this job wrote it: give ` +
        `another key.prefix, or start with --rebuild ${table} to replace it by the job's own`,
    );
  }

  /** Redis is behind what it had acknowledged to this process. */
  private noteReplay(position: Position | undefined): void {
    if (position === undefined || position.epoch >= this.positionEpoch) return;
    this.host.log(
      'warn',
      `table ${this.spec.table}: ${describeAddress(this.spec.address)} is back at epoch ${position.epoch} and had ` +
        `acknowledged ${this.positionEpoch}: replaying`,
    );
  }

  private async rebuild(session: RedisSession, reason: string, log: LogState): Promise<LogPlace> {
    const { table } = this.spec;
    const { where } = session.connection;
    const image = this.reader.image();
    this.checkedState(image.state);
    const empty = image.bases.length === 0 && image.chunks.length === 0;
    this.begun(empty ? 'catching-up' : 'rebuilding');
    if (!empty || log.committedEpoch > 0) {
      this.counters.rebuilds += 1;
      this.host.log(
        'warn',
        `table ${table}: ${reason}; ${where} is rebuilt from the image of epoch ${log.committedEpoch}`,
      );
    }
    await this.protocol.at('rebuild-begins');
    await this.protocol.rebuild(session, this.table, image, this.encoding, (rows) => {
      this.counters.parts += 1;
      this.counters.rows += rows;
      void this.protocol.at('rebuild-part');
    });
    await this.protocol.at('rebuild-done');
    const { position, chain, epoch } = imagePosition(image);
    this.position = formatPosition(position);
    this.positionEpoch = epoch;
    return { epoch: position.epoch, index: position.index, chain };
  }

  private async follow(session: RedisSession, from: LogPlace, row: number | 'all'): Promise<void> {
    this.force = false;
    this.begun('catching-up');
    let place = from;
    if (row !== 'all') {
      const begun = this.reader.chunk(place.epoch, place.index, place.chain);
      if (begun === undefined)
        throw runtimeError('redis-gap', `the log moved on while table ${this.spec.table} was read`);
      await this.applyChunk(session, begun, row);
    }
    while (!this.stopped) {
      const { state, chunks } = this.reader.after(place, READ_BYTES);
      this.checkedState(state);
      for (const chunk of chunks) {
        await this.protocol.at('chunk-read');
        await this.applyChunk(session, chunk, 0);
        place = chunk;
        if (this.stopped) break;
      }
      if (chunks.length === 0) await this.idle(session, state.committedEpoch);
    }
    await session.settle();
  }

  private async applyChunk(session: RedisSession, entry: LogChunk, firstRow: number): Promise<void> {
    const chunk: Chunk = this.table.format.decode(entry.bytes);
    const expiryOf = this.protocol.expiry(entry, this.spec.options.ttlMs);
    const { epoch, index, chain } = entry;
    let from = firstRow;
    let before = this.sent ?? this.position;
    while (from < chunk.count) {
      const part = this.table.encoder.encode(chunk, from, expiryOf);
      this.checkPart(part, chunk);
      const complete = part.to === chunk.count;
      const after = formatPosition({ epoch, index, row: complete ? 'all' : part.to });
      const completes = complete && entry.last ? epoch : undefined;
      await this.protocol.at('part-sent');
      this.sent = after;
      await session.apply({ before, after, chain, completes, replace: false, packed: part.packed }, () =>
        this.acknowledged(after, epoch, part.to - part.from, completes),
      );
      before = after;
      from = part.to;
    }
  }

  /** Position after the last part that was sent in this session. */
  private sent: string | undefined;

  private acknowledged(position: string, epoch: number, rows: number, completed: number | undefined): void {
    this.heardAt = this.host.monotonic();
    this.position = position;
    this.positionEpoch = epoch;
    this.counters.parts += 1;
    this.counters.rows += rows;
    this.alarm.clear();
    void this.protocol.at('part-acknowledged');
    if (completed !== undefined) this.reach(completed);
    else this.host.changed(this.status);
  }

  /** Everything of the log is sent: waits for more of it, and looks now and then whether Redis still has all. */
  private async idle(session: RedisSession, committedEpoch: number): Promise<void> {
    await session.settle();
    this.enter('following');
    this.reach(committedEpoch);
    await this.protocol.at('idle');
    await this.wakeup.sleep(this.protocol.checkMs, () => this.stopped);
    if (!session.connection.isOpen)
      throw runtimeError('redis-lost', `${session.connection.where} closed the connection`);
    // Epochs without a change wake it and write nothing: they must not keep it from looking.
    const now = this.host.monotonic();
    if (now - this.heardAt < this.protocol.checkMs) return;
    await session.verify(this.position);
    this.heardAt = now;
  }

  private reach(epoch: number): void {
    this.appliedEpoch = epoch;
    this.host.changed(this.status);
    void this.protocol.at('epoch-acknowledged');
  }

  /** A value that the server would answer by closing the connection. */
  private checkPart(part: EncodedPart, chunk: Chunk): void {
    const { length } = part.packed;
    if (length <= this.maxBulkBytes) return;
    throw poison(
      describeAddress(this.spec.address),
      this.spec.table,
      this.table.encoder.keyText(chunk, part.from),
      `its row has ${length} bytes, the server takes ${this.maxBulkBytes} (proto-max-bulk-len)`,
    );
  }

  private checkedState(state: LogState): LogState {
    if (state.generation === this.spec.generation) return state;
    throw runtimeError(
      'fenced',
      `${this.spec.path} was taken over by another process (generation ${state.generation}, this one has ${this.spec.generation})`,
    );
  }

  /** The table is this process's; `start` is done. */
  private begun(state: FollowerState): void {
    this.sent = undefined;
    const first = this.state === 'starting';
    this.enter(state);
    if (first) this.acquired();
  }

  private enter(state: FollowerState): void {
    if (state === 'following') this.alarm.clear();
    if (this.state === state) return;
    this.state = state;
    this.host.changed(this.status);
  }
}

/** A table whose encoding changed is written anew: old values have another form. */
function encodingOf({ schema, options }: FollowedTable): string {
  const columns = schema.map(({ name, type }) => `${name} ${formatType({ ...type, nullable: true })}`);
  return JSON.stringify([options.mode, options.ttlMs ?? null, options.keys.literals, columns]);
}

function stateAfter(code: string): FollowerState {
  switch (code) {
    case 'redis-poison':
      return 'parked';
    case 'sink-diverged':
    case 'sink-ahead':
      return 'diverged';
    default:
      return 'waiting';
  }
}
