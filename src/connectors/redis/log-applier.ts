import type { LogChunk, LogPlace, LogReader, LogState } from '../../checkpoint/log-reader.ts';
import { runtimeError } from '../../data/errors.ts';
import type { FollowLoop } from '../follower/loop.ts';
import type { FollowerProgress } from './follower-progress.ts';
import type { FollowerProtocol } from './follower-protocol.ts';
import { formatPosition } from './protocol.ts';
import type { RebuildTable } from './rebuild.ts';
import type { RedisSession } from './session.ts';

const READ_BYTES = 4 << 20;

export interface ApplierParts {
  readonly reader: LogReader;
  readonly session: RedisSession;
  readonly table: RebuildTable;
  readonly progress: FollowerProgress;
  readonly protocol: FollowerProtocol;
  readonly loop: FollowLoop;
  /** Throws `fenced` when the job file is another process's. */
  readonly checkState: (state: LogState) => void;
}

/** Applies the committed log to Redis during one session: chunk by chunk, in order, two parts on their way. */
export class LogApplier {
  private readonly parts: ApplierParts;
  /** Position after the last part that was sent. */
  private sent: string;

  constructor(parts: ApplierParts) {
    this.parts = parts;
    this.sent = parts.progress.position;
  }

  /** Goes on after a place, until the loop is stopped. `row`: rows of that place's chunk that Redis has. */
  async follow(from: LogPlace, row: number | 'all'): Promise<void> {
    const { reader, session, protocol, loop } = this.parts;
    let place = from;
    if (row !== 'all') await this.finishChunk(place, row);
    while (!loop.isStopped) {
      const { state, chunks } = reader.after(place, READ_BYTES);
      this.parts.checkState(state);
      for (const chunk of chunks) {
        await protocol.at('chunk-read');
        await this.apply(chunk, 0);
        place = chunk;
        if (loop.isStopped) break;
      }
      if (chunks.length === 0) await this.idle(state.committedEpoch);
    }
    await session.settle();
  }

  private async finishChunk({ epoch, index, chain }: LogPlace, row: number): Promise<void> {
    const { reader, progress } = this.parts;
    const begun = reader.chunk(epoch, index, chain);
    if (begun === undefined) {
      throw runtimeError('redis-gap', `the log moved on while table ${progress.status.table} was read`);
    }
    await this.apply(begun, row);
  }

  private async apply(entry: LogChunk, firstRow: number): Promise<void> {
    const { session, table, protocol, progress } = this.parts;
    const { epoch, index, chain } = entry;
    const chunk = table.format.decode(entry.bytes);
    const expiryOf = protocol.expiry(entry, table.ttlMs);
    let from = firstRow;
    while (from < chunk.count) {
      const part = table.encoder.encode(chunk, from, expiryOf);
      table.checkPart(part, chunk);
      const complete = part.to === chunk.count;
      const before = this.sent;
      const after = formatPosition({ epoch, index, row: complete ? 'all' : part.to });
      const completes = complete && entry.last ? epoch : undefined;
      await protocol.at('part-sent');
      this.sent = after;
      await session.apply({ before, after, chain, completes, replace: false, packed: part.packed }, () =>
        progress.acknowledged(after, epoch, part.to - part.from, completes),
      );
      from = part.to;
    }
  }

  /** Everything of the log is sent: waits for more of it, and looks now and then whether Redis still has all. */
  private async idle(committedEpoch: number): Promise<void> {
    const { session, progress, protocol, loop } = this.parts;
    await session.settle();
    progress.enter('following');
    progress.reach(committedEpoch);
    await protocol.at('idle');
    await loop.wakeup.sleep(protocol.checkMs, () => loop.isStopped);
    if (!session.connection.isOpen)
      throw runtimeError('redis-lost', `${session.connection.where} closed the connection`);
    // Epochs without a change wake it and write nothing: they must not keep it from looking.
    if (progress.silentFor() < protocol.checkMs) return;
    await session.verify(progress.position);
    progress.heard();
  }
}
