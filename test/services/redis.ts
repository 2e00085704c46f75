import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** Starts a real Redis on a free port of 127.0.0.1. `args` are added to its command line (`--appendonly yes` ...). */
export async function startRedis(args: readonly string[] = []): Promise<RedisService> {
  const [port] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'headwater-redis-'));
  const base = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  let server: ServiceProcess | undefined;

  async function start(): Promise<void> {
    const started = new ServiceProcess('redis', 'redis-server', [...base, ...args]);
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
    stop: async () => {
      await server?.kill();
      rmSync(folder, { recursive: true, force: true });
    },
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
