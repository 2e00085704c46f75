import { readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endService, folderOf, type Place } from './place.ts';
import { poll } from './poll.ts';
import { freePorts } from './ports.ts';
import { ServiceProcess } from './service-process.ts';

export interface RedisService {
  readonly host: string;
  readonly port: number;
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  /** Where it keeps its files; certificates may be put there before a start. */
  readonly folder: string;
  /** Kills the server; data and port stay for `start`. */
  kill(): Promise<void>;
  /** Removes its files, so that the next start finds nothing. */
  wipe(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const IN_MEMORY = ['--save', '', '--appendonly', 'no'];

/**
 * Starts a real Redis on 127.0.0.1. `args` are added to its command line (`--appendonly yes` ...). At a place it reads
 * a `config` file first, which says what is kept.
 */
export async function startRedis(
  args: readonly string[] = [],
  place?: Place & { readonly config: string },
): Promise<RedisService> {
  const port = place?.port ?? (await freePorts(1))[0];
  const folder = folderOf(place, 'redis');
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const base = place === undefined ? [...where, ...IN_MEMORY] : [place.config, ...where];
  let server: ServiceProcess | undefined;

  async function start(): Promise<void> {
    const detached = place !== undefined;
    const started = new ServiceProcess('redis', 'redis-server', [...base, ...args], { detached });
    server = started;
    await poll('redis to answer', 20_000, async () => {
      started.assertRunning();
      const answer = await ping(port);
      return answer.startsWith('+PONG') || answer.startsWith('-NOAUTH');
    });
  }

  await start();
  return {
    host: '127.0.0.1',
    port,
    url: `redis://127.0.0.1:${port}`,
    folder,
    start,
    wipe: () => {
      for (const file of readdirSync(folder)) rmSync(join(folder, file), { recursive: true });
    },
    kill: async () => server?.kill(),
    stop: () => endService(server, place, folder),
  };
}

function ping(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy(new Error('timeout')));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
