import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { RedisConnection } from './connection.ts';
import { classifyReply, type Fence, parsePosition } from './protocol.ts';
import type { Scripts } from './scripts.ts';

/** Who this process is to the fence of a table. */
export interface Writer {
  readonly table: string;
  readonly fence: string;
  readonly generation: number;
  /** `<generation>:<process>`. */
  readonly owner: string;
}

/** One step of the apply script. Positions are compared as text. */
export interface ApplyStep {
  readonly before: string;
  readonly after: string;
  readonly chain: string;
  /** The epoch that is complete with this step. */
  readonly completes: number | undefined;
  readonly replace: boolean;
  readonly packed: Buffer;
}

/** At most so many calls are on their way. */
const IN_FLIGHT = 2;

/**
 * The calls of one table over one connection. Everything that is not a plain success is thrown, after which the
 * session is over: only a new acquisition tells what Redis holds.
 * Errors: `fenced`, `redis-gap`, `redis-poison`, and those of the connection.
 */
export class RedisSession {
  readonly connection: RedisConnection;
  private readonly writer: Writer;
  private readonly mode: string;
  private readonly names: Buffer;
  private readonly inFlight: Promise<void>[] = [];

  constructor(connection: RedisConnection, writer: Writer, mode: string, names: Buffer) {
    this.connection = connection;
    this.writer = writer;
    this.mode = mode;
    this.names = names;
  }

  load(scripts: Scripts): Promise<void> {
    return this.connection.load(scripts, ['acquire', 'apply', 'begin', 'sweep', 'finish']);
  }

  /**
   * Becomes the table's writer, before anything is read: from here on no older process can write. Gives the fence as it
   * was; undefined when there was none. A fence of an unknown history is read, not taken.
   */
  async acquire(
    lineage: string,
    superseded: readonly string[],
    encoding: string,
    force: boolean,
  ): Promise<Fence | undefined> {
    const { fence, generation, owner } = this.writer;
    const reply = await this.connection.run(
      'acquire',
      [fence],
      [lineage, String(generation), owner, `,${superseded.join(',')},`, force ? '1' : '0', encoding],
    );
    const [status, ...fields] = Array.isArray(reply) ? reply.map(String) : [];
    if (status === 'NEW') return undefined;
    if (status === 'OWNED' || status === 'FOREIGN') return fenceOf(fields);
    return this.refuse(reply);
  }

  /** Sends a step; waits while two are on their way. `done` is called in the order of the steps. */
  async apply(step: ApplyStep, done: () => void): Promise<void> {
    const { fence, owner } = this.writer;
    const completes = step.completes === undefined ? '' : String(step.completes);
    const sent = this.connection
      .run(
        'apply',
        [fence],
        [
          owner,
          step.before,
          step.after,
          step.chain,
          completes,
          this.mode,
          step.replace ? '1' : '0',
          this.names,
          step.packed,
        ],
      )
      .then((reply) => {
        this.expectDone(reply);
        done();
      });
    // Failures are thrown where the step is waited for; the ones behind a failure are of no interest.
    sent.catch(() => undefined);
    this.inFlight.push(sent);
    while (this.inFlight.length >= IN_FLIGHT) await this.oldest();
  }

  /** Waits for all steps. */
  async settle(): Promise<void> {
    while (this.inFlight.length > 0) await this.oldest();
  }

  private async oldest(): Promise<void> {
    await this.inFlight[0];
    this.inFlight.shift();
  }

  async begin(lineage: string, encoding: string, position: string): Promise<void> {
    const { fence, owner } = this.writer;
    this.expectDone(await this.connection.run('begin', [fence], [owner, lineage, encoding, position]));
  }

  async sweep(keys: readonly string[]): Promise<void> {
    const { fence, owner } = this.writer;
    this.expectDone(await this.connection.run('sweep', [fence, ...keys], [owner]));
  }

  async finish(last: string, position: string, chain: string, epoch: number): Promise<void> {
    const { fence, owner } = this.writer;
    this.expectDone(await this.connection.run('finish', [fence], [owner, last, position, chain, String(epoch)]));
  }

  /** Looks whether the fence is still as this process left it. */
  async verify(position: string): Promise<void> {
    const reply = await this.connection.command('HMGET', this.writer.fence, 'owner', 'pos');
    const [owner, found] = Array.isArray(reply)
      ? reply.map((field) => (field === null ? '' : String(field)))
      : ['', ''];
    if (owner !== this.writer.owner) return this.expectDone(['FENCED', owner]);
    if (found !== position) return this.expectDone(['GAP', found]);
  }

  private expectDone(reply: unknown): void {
    if (classifyReply(reply, this.writer.generation).kind !== 'done') this.refuse(reply);
  }

  private refuse(reply: unknown): never {
    const { table, generation, fence } = this.writer;
    const { where } = this.connection;
    const answer = classifyReply(reply, this.writer.generation);
    switch (answer.kind) {
      case 'fenced':
        if (!answer.newer) throw lost(where, table, `its fence belongs to '${answer.owner}'`);
        throw runtimeError(
          'fenced',
          `${where}: table ${table} is written by another process (${answer.owner}, this one has generation ` +
            `${generation}). Expected one writer: stop the other process; if this job file was restored from a copy, ` +
            `start with --rebuild ${table}`,
        );
      case 'gap':
        throw lost(where, table, `its progress marker is '${answer.position}'`);
      case 'poison':
        throw answer.key === fence || answer.message.includes('OOM ') || answer.message.includes('MISCONF')
          ? refused(where, table, answer.key, answer.message)
          : poison(where, table, answer.key, answer.message);
      case 'done':
        throw new Error('a success is no refusal');
    }
  }
}

/** Redis lost something of what it had acknowledged. */
function lost(where: string, table: string, how: string): HeadwaterError {
  return runtimeError('redis-gap', `${where} lost changes of table ${table} that it had acknowledged: ${how}`);
}

function refused(where: string, table: string, key: string, message: string): HeadwaterError {
  const code = message.includes('OOM ') ? 'redis-out-of-memory' : 'redis-refused';
  return runtimeError(code, `${where} does not take changes of table ${table} now: ${message} (key '${key}')`);
}

export function poison(where: string, table: string, key: string, why: string): HeadwaterError {
  return runtimeError(
    'redis-poison',
    `${where} cannot take key '${key}' of table ${table}: ${why}. Nothing was skipped: the table waits until this key ` +
      'can be written (delete or rename what is in its way)',
  );
}

function fenceOf([lineage, owner, state, pos, chain, encoding]: readonly string[]): Fence {
  return { lineage, owner, rebuilding: state === 'rebuilding', position: parsePosition(pos), chain, encoding };
}
