import { type LogPlace, LogReader, type LogState } from '../../checkpoint/log-reader.ts';
import { type HeadwaterError, runtimeError } from '../../data/errors.ts';
import { formatType } from '../../data/types.ts';
import { type Chunk, ChunkFormat } from '../../store/chunk.ts';
import { FollowerAlarm } from '../follower/alarm.ts';
import { FollowLoop } from '../follower/loop.ts';
import type { FollowerState, FollowerStatus } from '../follower/status.ts';
import { ChunkEncoder, type EncodedPart } from './chunk-encoder.ts';
import { RedisConnection } from './connection.ts';
import type { FollowedTable, FollowerHost } from './followed-table.ts';
import { FollowerProgress } from './follower-progress.ts';
import { type FollowerProtocol, PROTOCOL } from './follower-protocol.ts';
import { LogApplier } from './log-applier.ts';
import { describeAddress } from './options.ts';
import type { Fence, Position } from './protocol.ts';
import { imagePosition, type RebuildTable } from './rebuild.ts';
import { checkServer, readServerFacts, serverWarnings } from './server-check.ts';
import { poison, RedisSession, type Writer } from './session.ts';

export type { FollowedTable, FollowerHost } from './followed-table.ts';

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
  private readonly progress: FollowerProgress;
  private readonly loop: FollowLoop;
  private force: boolean;
  private warned = false;
  private maxBulkBytes = Infinity;

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
    const alarm = new FollowerAlarm(`table ${spec.table} in ${describeAddress(spec.address)}`, host);
    this.progress = new FollowerProgress(spec, host, alarm, protocol.at);
    this.loop = new FollowLoop(alarm, {
      session: () => this.session(),
      isFatal: (error) => FATAL.includes(error.code),
      waiting: (error) => this.onWaiting(error),
      failed: (error) => {
        this.progress.enter('failed');
        host.failed(error);
      },
      stopped: () => this.progress.enter('stopped'),
    });
  }

  /**
   * Connects, becomes the table's writer and begins to follow. Rejects when that does not succeed at once, within
   * about ten seconds, unless it is patient; later outages are waited out.
   */
  start(): Promise<void> {
    return this.loop.start(this.spec.patient);
  }

  /** There is more in the log. */
  notify(): void {
    this.loop.wakeup.wake();
  }

  get status(): FollowerStatus {
    return this.progress.status;
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    this.reader.close();
  }

  private onWaiting({ code }: HeadwaterError): void {
    const { counters } = this.progress;
    if (code === 'redis-gap') counters.replays += 1;
    counters.alarms += 1;
    this.progress.enter(stateAfter(code));
  }

  private async session(): Promise<void> {
    const connection = await RedisConnection.open(this.spec.address);
    try {
      connection.onLost(() => this.loop.wakeup.wake());
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
    if (this.warned) return;
    this.warned = true;
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
        this.progress.stands(fence?.position);
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
    if (position === undefined || position.epoch >= this.progress.positionEpoch) return;
    this.host.log(
      'warn',
      `table ${this.spec.table}: ${describeAddress(this.spec.address)} is back at epoch ${position.epoch} and had ` +
        `acknowledged ${this.progress.positionEpoch}: replaying`,
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
      this.progress.counters.rebuilds += 1;
      this.host.log(
        'warn',
        `table ${table}: ${reason}; ${where} is rebuilt from the image of epoch ${log.committedEpoch}`,
      );
    }
    await this.protocol.at('rebuild-begins');
    await this.protocol.rebuild(session, this.table, image, this.encoding, (rows) => {
      this.progress.rebuilt(rows);
      void this.protocol.at('rebuild-part');
    });
    await this.protocol.at('rebuild-done');
    const { position, chain, epoch } = imagePosition(image);
    this.progress.stands(position, epoch);
    return { epoch: position.epoch, index: position.index, chain };
  }

  private async follow(session: RedisSession, from: LogPlace, row: number | 'all'): Promise<void> {
    this.force = false;
    this.begun('catching-up');
    const { reader, table, progress, protocol, loop } = this;
    const checkState = (state: LogState): void => void this.checkedState(state);
    await new LogApplier({ reader, session, table, progress, protocol, loop, checkState }).follow(from, row);
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
    this.progress.enter(state);
    this.loop.begun();
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
