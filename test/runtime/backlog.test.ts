import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import type { Job } from '../../src/runtime/job.ts';
import type { Platform } from '../../src/runtime/platform.ts';
import type { JsonValue } from '../harness/json-values.ts';
import { openTestPlatform, pause, planTest, testJobOptions, until } from '../harness/test-platform.ts';
import type { ValuesControl } from '../harness/values-connector.ts';

const ROWS = 100_000;
const SQL = `CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'values');
  CREATE TABLE counts (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
  INSERT INTO counts SELECT k, COUNT(*) FROM t GROUP BY k`;

let stateDir = '';
let control: ValuesControl;
let platform: Platform;
/** Milliseconds that the clock is ahead: a second in which a source has always had something to read need not be lived through. */
let ahead = 0;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'headwater-backlog-'));
  const rows = Array.from({ length: ROWS }, (_, i): JsonValue[] => [`k${i % 5}`, i]);
  control = { tables: { t: rows }, splits: 1, limit: 1, read: 0, wake: new Set() };
  ahead = 0;
  platform = openTestPlatform(control, stateDir, () => performance.now() + ahead).platform;
});
afterEach(async () => {
  await platform.shutdown();
  rmSync(stateDir, { recursive: true, force: true });
});

/** A job whose every row is output, with barriers for output alone. */
function start(): Promise<Job> {
  const policy = { ...DEFAULT_POLICY, interval: 600_000, minPause: 1 };
  return platform.submit(planTest(SQL, platform, 'counts'), testJobOptions({ maxRows: 1, policy }));
}

function allow(limit: number): void {
  control.limit = limit;
  const waiting = [...control.wake];
  control.wake.clear();
  for (const wake of waiting) wake();
}

/** One row more, and whether an epoch came for it. */
async function nextRow(job: Job): Promise<boolean> {
  const before = job.epochsCommitted;
  allow(control.limit + 1);
  await until(() => control.read === control.limit, 'the row to be read');
  const deadline = performance.now() + 300;
  while (job.epochsCommitted === before && performance.now() < deadline) await pause(1);
  return job.epochsCommitted > before;
}

describe('early barriers', () => {
  it('come for the rows of a source that waits for more, however long it has run', async () => {
    const job = await start();
    await until(() => job.epochsCommitted === 1, 'the first epoch');
    ahead += 5000;
    expect(await nextRow(job)).toBe(true);
    expect(await nextRow(job)).toBe(true);
  });

  it('do not come for little output of a source that has been behind for a second, and come again when it has caught up', async () => {
    control.behind = true;
    const job = await start();
    await until(() => job.epochsCommitted === 1, 'the first epoch');
    ahead += 900;
    expect(await nextRow(job)).toBe(true);
    ahead += 200;
    expect(await nextRow(job)).toBe(false);
    expect(await nextRow(job)).toBe(false);
    control.behind = false;
    expect(await nextRow(job)).toBe(true);
    ahead += 5000;
    expect(await nextRow(job)).toBe(true);
  });

  it('do not come while a source has something to read at every poll, until its end', async () => {
    const job = await start();
    await until(() => job.epochsCommitted === 1, 'the first epoch');
    allow(Infinity);
    ahead += 2000;
    await until(() => control.read > 1000, 'some rows');
    const before = job.epochsCommitted;
    await until(() => control.read > ROWS / 2, 'half of the rows');
    expect(job.epochsCommitted - before).toBeLessThanOrEqual(2);
    await job.done;
    expect(job.status).toBe('finished');
    expect([...(platform.tables.get('counts')?.image.allRows() ?? [])].map((row) => row.map(String)).sort()).toEqual(
      ['k0', 'k1', 'k2', 'k3', 'k4'].map((k) => [k, String(ROWS / 5)]),
    );
  });
});
