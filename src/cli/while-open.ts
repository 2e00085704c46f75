import type { Platform } from '../runtime/platform.ts';
import type { HttpServer } from '../server/http.ts';
import type { CliOptions } from './arguments.ts';
import { commandThreads, openPlatform } from './open-platform.ts';
import { serve } from './serve.ts';
import { StopSignal } from './stop-signal.ts';

/**
 * Opens the platform of the data directory for `use`, with what asks for its end, and shuts it down whatever happens.
 * `threads` may have been started before.
 */
export async function whileOpen(
  dataDir: string,
  cli: CliOptions,
  use: (platform: Platform, stop: StopSignal) => Promise<void>,
  threads = commandThreads(cli.threads),
): Promise<void> {
  const stop = new StopSignal();
  const platform = openPlatform(dataDir, threads);
  try {
    await use(platform, stop);
  } finally {
    await platform.shutdown();
    stop.release();
  }
}

/** Serves a platform over HTTP while `use` runs. */
export async function whileServing(
  platform: Platform,
  cli: CliOptions,
  write: (text: string) => void,
  use: (server: HttpServer) => Promise<void>,
): Promise<void> {
  const server = await serve(platform, cli, write);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}
