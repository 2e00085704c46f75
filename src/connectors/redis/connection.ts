import { readFileSync } from 'node:fs';
import type { Redis, RedisOptions as ClientOptions } from 'ioredis';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import { connectError, explainReply } from './errors.ts';
import { describeAddress, type RedisAddress } from './options.ts';
import type { Scripts } from './scripts.ts';

export interface ConnectionTimeouts {
  /** For connecting, authentication and loading, milliseconds. */
  readonly connectMs: number;
  /** For each answer, milliseconds. */
  readonly replyMs: number;
}

export const TIMEOUTS: ConnectionTimeouts = { connectMs: 6000, replyMs: 20_000 };

/**
 * One connection, which is never repaired: what was sent and not answered may or may not have happened, and only the
 * caller knows how to find out. So the client library neither queues nor sends anything again.
 */
export class RedisConnection {
  readonly where: string;
  private readonly client: Redis;
  private readonly shas = new Map<keyof Scripts, string>();
  private lost: () => void = () => undefined;

  private constructor(client: Redis, where: string) {
    this.client = client;
    this.where = where;
    client.on('end', () => this.lost());
  }

  /** Errors: `redis-unreachable`, `redis-unauthorized`, `redis-tls`, `redis-no-database`, all naming the address. */
  static async open(address: RedisAddress, timeouts: ConnectionTimeouts = TIMEOUTS): Promise<RedisConnection> {
    const where = describeAddress(address);
    const library = await import('ioredis');
    const client = new library.Redis(clientOptions(address, timeouts));
    let cause: unknown;
    client.on('error', (error: unknown) => (cause ??= error));
    try {
      await within(timeouts.connectMs, client.connect());
      if (address.db !== 0) await client.select(address.db);
    } catch (error) {
      client.disconnect();
      throw connectError(where, cause ?? error);
    }
    return new RedisConnection(client, where);
  }

  /** Calls back when the connection is gone, at once when it is gone already. */
  onLost(callback: () => void): void {
    this.lost = callback;
    if (this.client.status === 'end') callback();
  }

  get isOpen(): boolean {
    return this.client.status === 'ready';
  }

  /** Makes scripts known to the server. */
  async load(scripts: Scripts, names: readonly (keyof Scripts)[]): Promise<void> {
    for (const name of names) {
      this.shas.set(name, String(await this.command('SCRIPT', 'LOAD', scripts[name])));
    }
  }

  /** Runs a loaded script. What a server answers that forgot it (NOSCRIPT) counts as a loss, like all errors. */
  run(script: keyof Scripts, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<unknown> {
    const sha = this.shas.get(script);
    if (sha === undefined) throw new Error(`script ${script} was not loaded`);
    return this.command('EVALSHA', sha, String(keys.length), ...keys, ...args);
  }

  /** One command; several calls in one turn go out together, in order. Errors: `redis-lost`, `redis-refused`. */
  async command(name: string, ...args: readonly (string | Buffer)[]): Promise<unknown> {
    try {
      return await this.client.call(name, ...args);
    } catch (error) {
      throw explainReply(this.where, name, error);
    }
  }

  /** Several commands in one write. Errors: as of `command`, of the first one that failed. */
  async pipeline(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    try {
      const pipeline = this.client.pipeline();
      for (const [name, ...args] of commands) pipeline.call(name, ...args);
      const replies = (await pipeline.exec()) ?? [];
      return replies.map(([error, reply]) => {
        if (error !== null) throw error;
        return reply;
      });
    } catch (error) {
      throw explainReply(this.where, commands[0]?.[0] ?? 'nothing', error);
    }
  }

  close(): void {
    this.lost = () => undefined;
    this.client.disconnect();
  }
}

function clientOptions(address: RedisAddress, timeouts: ConnectionTimeouts): ClientOptions {
  return {
    host: address.host,
    port: address.port,
    username: address.username,
    password: address.password,
    tls: address.tls ? tlsOptions(address) : undefined,
    lazyConnect: true,
    retryStrategy: () => null,
    reconnectOnError: null,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: null,
    connectTimeout: timeouts.connectMs,
    commandTimeout: timeouts.replyMs,
    connectionName: 'headwater',
    disableClientInfo: true,
    keepAlive: 30_000,
  };
}

function tlsOptions({ caFile, host }: RedisAddress): ClientOptions['tls'] {
  if (caFile === undefined) return { servername: host };
  try {
    return { ca: readFileSync(caFile), servername: host };
  } catch (error) {
    throw new HeadwaterError('invalid-option', `'tls.ca-file' is '${caFile}', which cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(runtimeError('timeout', `no answer within ${ms / 1000} s`)), ms);
    const done = (): void => clearTimeout(timer);
    promise.then(resolve, reject).finally(done);
  });
}
