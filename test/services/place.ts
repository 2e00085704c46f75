import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceProcess } from './service-process.ts';

/**
 * Where a service listens and keeps its data. Its data stay when it ends, and Ctrl-C in the terminal does not reach it:
 * whoever started it ends it. Without a place, a service takes free ports and a temporary folder that ends with it.
 */
export interface Place {
  readonly port: number;
  readonly folder: string;
}

/** The folder of a service: that of its place, or a temporary one. */
export function folderOf(place: Place | undefined, name: string): string {
  return place?.folder ?? mkdtempSync(join(tmpdir(), `headwater-${name}-`));
}

/** Ends a service as is right for its place: in order, or at once and for good. */
export async function endService(
  server: ServiceProcess | undefined,
  place: Place | undefined,
  folder?: string,
): Promise<void> {
  if (place !== undefined) return server?.stop();
  await server?.kill();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
