import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `<data-dir>/server.json`: where the process that holds the data directory serves. Readable by its owner only. */
export interface ServerFile {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly pid: number;
  /** A key that this run of the server accepts; absent when it asks for none. */
  readonly token?: string;
}

const pathOf = (dataDir: string): string => join(dataDir, 'server.json');

export function writeServerFile(dataDir: string, server: ServerFile): void {
  const path = pathOf(dataDir);
  writeFileSync(path, `${JSON.stringify(server)}\n`, { mode: 0o600 });
  // The mode counts for a new file only.
  chmodSync(path, 0o600);
}

/** Removes the file, unless another process has written its own since. */
export function removeServerFile(dataDir: string, pid: number): void {
  if (parse(dataDir)?.pid === pid) rmSync(pathOf(dataDir), { force: true });
}

/** The live server of a data directory; undefined when there is none. A file that a dead process left does not count. */
export function findServer(dataDir: string): ServerFile | undefined {
  const server = parse(dataDir);
  return server !== undefined && isAlive(server.pid) ? server : undefined;
}

function parse(dataDir: string): ServerFile | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(pathOf(dataDir), 'utf8'));
    if (typeof value !== 'object' || value === null || !('url' in value) || !('pid' in value)) return undefined;
    const token = 'token' in value && typeof value.token === 'string' ? value.token : undefined;
    if (typeof value.url !== 'string' || typeof value.pid !== 'number' || value.pid <= 0) return undefined;
    return { url: value.url, pid: value.pid, ...(token === undefined ? {} : { token }) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
