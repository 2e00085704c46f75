import { existsSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 32 * 1024 * 1024;

/**
 * A new directory for the state of a run within a test, in memory where there is room. Kills within the process lose
 * nothing that was written, synced or not, so thousands of short runs need not wait for the disk. Tests of real crashes
 * take directories on disk.
 */
export function scratchDir(): string {
  return mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), 'headwater-test-'));
}

function hasMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ENOUGH_BYTES;
}
