import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EmbeddedRegistry } from '../connectors/embedded/registry.ts';
import type { Platform } from '../runtime/platform.ts';
import { removeServerFile, writeServerFile } from '../runtime/server-file.ts';
import type { HttpServer } from '../server/http.ts';
import { startServer } from '../server/server.ts';
import type { CliOptions } from './arguments.ts';
import { readApiKeys } from './api-keys.ts';
import { servedPlatform } from './served-platform.ts';
import { tracePlatform } from './tracing.ts';

/** Starts the HTTP server of a platform and says where and by what it serves. */
export async function serve(platform: Platform, cli: CliOptions, write: (text: string) => void): Promise<HttpServer> {
  const keys = readApiKeys();
  // With keys, other commands of this user reach the server by a key of their own, which lies in the data directory.
  const token = keys === undefined ? undefined : randomBytes(32).toString('hex');
  const traces = tracePlatform(platform);
  const server = await startServer(servedPlatform(platform, cli), {
    host: cli.host,
    keys: token === undefined ? keys : keys?.with(token),
    port: cli.port,
    registry: new EmbeddedRegistry(platform.options.dataDir),
    monotonic: () => performance.now(),
    log: platform.options.log,
    answered: traces?.answered,
  });
  const host = server.address.includes(':') ? `[${server.address}]` : server.address;
  write(`serving on http://${host}:${server.port} (${server.implementation})\n`);
  const { dataDir } = platform.options;
  const url = `http://${HERE[server.address] ?? host}:${server.port}`;
  writeServerFile(dataDir, { url, pid: process.pid, ...(token === undefined ? {} : { token }) });
  return {
    ...server,
    close: async () => {
      removeServerFile(dataDir, process.pid);
      await server.close();
      await traces?.shutdown();
    },
  };
}

/** How a process on this machine reaches one that listens on all addresses. */
const HERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
