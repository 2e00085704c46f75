import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { Schema } from '../../data/types.ts';
import { FeatureKeyFormat } from '../../store/feature-key.ts';
import { RedisConnection } from './connection.ts';
import { readField } from './field-reader.ts';
import { makeKey } from './key-template.ts';
import { describeAddress, type RedisAddress, type RedisOptions } from './options.ts';

export interface LookupTable {
  readonly table: string;
  readonly schema: Schema;
  readonly primaryKey: readonly number[];
  readonly address: RedisAddress;
  readonly options: RedisOptions;
}

/** Rows as Redis held them at one moment each, between two looks at the fence. */
export interface LookedUp {
  /** Features in their JSON form by column; undefined where there is no such key. */
  readonly rows: readonly (Readonly<Record<string, unknown>> | undefined)[];
  /** The last epoch that was applied in full before and after the rows were read. */
  readonly before: number;
  readonly after: number;
}

const RETRY_MS = 1000;

/** Reads rows of a table from Redis, over a connection of its own: one round trip for any number of keys. */
export class RedisLookups {
  readonly where: string;
  private readonly table: LookupTable;
  private readonly keyFormat: FeatureKeyFormat;
  private readonly typeOf: ReadonlyMap<string, Schema[number]['type']>;
  private connection: RedisConnection | undefined;
  private opening: Promise<RedisConnection> | undefined;
  private lastFailure: { readonly at: number; readonly error: unknown } | undefined;
  private readonly monotonic: () => number;

  constructor(table: LookupTable, monotonic: () => number) {
    this.table = table;
    this.monotonic = monotonic;
    this.where = describeAddress(table.address);
    this.keyFormat = new FeatureKeyFormat(table.schema, table.primaryKey);
    this.typeOf = new Map(table.schema.map(({ name, type }) => [name, type]));
  }

  /** Errors: `bad-feature-key`, `redis-unavailable`. */
  async get(keys: readonly string[], columns: readonly number[]): Promise<LookedUp> {
    const redisKeys = keys.map((key) => this.redisKey(key));
    const { keys: template, mode } = this.table.options;
    const look = ['HMGET', template.fence, 'state', 'epoch'];
    const read = mode === 'hash' ? 'HGETALL' : 'GET';
    const replies = await this.ask([look, ...redisKeys.map((key) => [read, key]), look]);
    return {
      rows: replies.slice(1, -1).map((reply) => this.features(reply, columns)),
      before: this.epochOf(replies[0]),
      after: this.epochOf(replies[replies.length - 1]),
    };
  }

  private redisKey(key: string): string {
    const parts = this.keyFormat.format(this.keyFormat.parse(key), 0).split(':');
    return makeKey(this.table.options.keys, parts);
  }

  private async ask(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    try {
      const connection = await this.open();
      return await connection.pipeline(commands);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw unavailable(`table ${this.table.table} cannot be read: ${why}`, error);
    }
  }

  /** An attempt that failed a moment ago is not made again at once. */
  private open(): Promise<RedisConnection> {
    if (this.connection?.isOpen === true) return Promise.resolve(this.connection);
    if (this.opening !== undefined) return this.opening;
    const failed = this.lastFailure;
    if (failed !== undefined && this.monotonic() - failed.at < RETRY_MS) return Promise.reject(asError(failed.error));
    this.opening = RedisConnection.open(this.table.address, { connectMs: 2000, replyMs: 2000 })
      .then((connection) => {
        this.connection = connection;
        this.lastFailure = undefined;
        return connection;
      })
      .catch((error: unknown) => {
        this.lastFailure = { at: this.monotonic(), error };
        throw error;
      })
      .finally(() => (this.opening = undefined));
    return this.opening;
  }

  private epochOf(reply: unknown): number {
    const [state, epoch] = Array.isArray(reply) ? (reply as (string | null)[]) : [null, null];
    if (state === 'following') return Number(epoch ?? 0);
    throw unavailable(
      `table ${this.table.table} is not complete in ${this.where}: ${state === null ? 'it was lost and' : 'it'} is rebuilt`,
    );
  }

  private features(reply: unknown, columns: readonly number[]): Readonly<Record<string, unknown>> | undefined {
    const found = this.table.options.mode === 'hash' ? this.hashFields(reply) : jsonMembers(reply);
    if (found === undefined) return undefined;
    return Object.fromEntries(
      columns.map((column) => {
        const { name } = this.table.schema[column];
        return [name, found.get(name) ?? null];
      }),
    );
  }

  private hashFields(reply: unknown): ReadonlyMap<string, unknown> | undefined {
    const flat = reply as readonly string[];
    if (flat.length === 0) return undefined;
    const found = new Map<string, unknown>();
    for (let i = 0; i < flat.length; i += 2) {
      const type = this.typeOf.get(flat[i]);
      if (type !== undefined) found.set(flat[i], readField(type, flat[i + 1]));
    }
    return found;
  }

  close(): void {
    this.connection?.close();
    void this.opening?.then((connection) => connection.close()).catch(() => undefined);
  }
}

function jsonMembers(reply: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof reply === 'string' ? new Map(Object.entries(JSON.parse(reply) as object)) : undefined;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function unavailable(what: string, cause?: unknown): HeadwaterError {
  return runtimeError('redis-unavailable', `${what}; source=image reads the process's own image`, cause);
}
