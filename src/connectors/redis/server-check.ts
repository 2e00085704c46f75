import { runtimeError } from '../../data/errors.ts';
import type { RedisConnection } from './connection.ts';

/** What matters of a server's settings; undefined where it does not tell. */
export interface ServerFacts {
  readonly role: string | undefined;
  readonly cluster: boolean;
  readonly appendOnly: string | undefined;
  readonly appendFsync: string | undefined;
  readonly evictionPolicy: string | undefined;
  readonly maxMemory: number | undefined;
  readonly minReplicasToWrite: number | undefined;
  readonly connectedReplicas: number;
  /** Longest string that the server takes. */
  readonly maxBulkBytes: number;
}

const DEFAULT_MAX_BULK = 512 << 20;

/** Asks the server; a user that may not ask learns less. */
export async function readServerFacts(connection: RedisConnection): Promise<ServerFacts> {
  const info = parseInfo(await ask(connection, 'INFO'));
  const config = async (name: string): Promise<string | undefined> => {
    const reply = await ask(connection, 'CONFIG', 'GET', name);
    return Array.isArray(reply) && reply.length === 2 ? String(reply[1]) : undefined;
  };
  return {
    role: info.get('role'),
    cluster: info.get('cluster_enabled') === '1',
    appendOnly: await config('appendonly'),
    appendFsync: await config('appendfsync'),
    evictionPolicy: info.get('maxmemory_policy') ?? (await config('maxmemory-policy')),
    maxMemory: optionalNumber(info.get('maxmemory')),
    minReplicasToWrite: optionalNumber(await config('min-replicas-to-write')),
    connectedReplicas: Number(info.get('connected_slaves') ?? 0),
    maxBulkBytes: optionalNumber(await config('proto-max-bulk-len')) ?? DEFAULT_MAX_BULK,
  };
}

async function ask(connection: RedisConnection, command: string, ...args: string[]): Promise<unknown> {
  try {
    return await connection.command(command, ...args);
  } catch (error) {
    if (!connection.isOpen) throw error;
    return undefined;
  }
}

function parseInfo(reply: unknown): Map<string, string> {
  const lines = typeof reply === 'string' ? reply.split('\r\n') : [];
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(':');
      return at <= 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

function optionalNumber(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || text === '' || Number.isNaN(value) ? undefined : value;
}

/** Errors: `redis-read-only`, `redis-cluster`. */
export function checkServer(where: string, facts: ServerFacts): void {
  if (facts.cluster) {
    throw runtimeError(
      'redis-cluster',
      `${where} is a node of a Redis Cluster, which is not supported: expected one Redis (with replicas, if you like)`,
    );
  }
  if (facts.role === 'slave') {
    throw runtimeError('redis-read-only', `${where} is a read-only replica: expected its master`);
  }
}

/** What an operator should know: how this server can lose what it has acknowledged, or single keys. */
export function serverWarnings(where: string, facts: ServerFacts): string[] {
  const warnings: string[] = [];
  const policy = facts.evictionPolicy;
  if (policy !== undefined && policy !== 'noeviction') {
    warnings.push(
      `${where} has maxmemory-policy ${policy}: it may drop keys without a word, which only headwater audit finds; expected noeviction`,
    );
  }
  if (facts.appendOnly === 'no') {
    warnings.push(`${where} has appendonly no: after a restart it is empty or old, and is filled again from the log`);
  } else if (facts.appendFsync !== undefined && facts.appendFsync !== 'always') {
    warnings.push(
      `${where} has appendfsync ${facts.appendFsync}: a crash can take back what it acknowledged, which is then replayed`,
    );
  }
  if (facts.connectedReplicas > 0 && facts.minReplicasToWrite === 0) {
    warnings.push(
      `${where} has replicas and min-replicas-to-write 0: a failover can take back what it acknowledged, which is then replayed`,
    );
  }
  return warnings;
}
