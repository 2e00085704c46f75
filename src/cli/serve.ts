import { performance } from 'node:perf_hooks';
import { EmbeddedRegistry } from '../connectors/embedded/registry.ts';
import type { Platform } from '../runtime/platform.ts';
import type { HttpServer } from '../server/http.ts';
import { startServer } from '../server/server.ts';
import type { CliOptions } from './arguments.ts';
import { readApiKeys } from './api-keys.ts';
import { servedPlatform } from './served-platform.ts';

/** Starts the HTTP server of a platform and says where and by what it serves. */
export async function serve(platform: Platform, cli: CliOptions, write: (text: string) => void): Promise<HttpServer> {
  const server = await startServer(servedPlatform(platform, cli), {
    host: cli.host,
    keys: readApiKeys(),
    port: cli.port,
    registry: new EmbeddedRegistry(platform.options.dataDir),
    monotonic: () => performance.now(),
    log: platform.options.log,
  });
  const host = server.address.includes(':') ? `[${server.address}]` : server.address;
  write(`serving on http://${host}:${server.port} (${server.implementation})\n`);
  return server;
}
