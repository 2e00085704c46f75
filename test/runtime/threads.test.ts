import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import type { Job, JobOptions } from '../../src/runtime/job.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { DEFAULT_RESTART_POLICY } from '../../src/runtime/restart-policy.ts';
import type { WorkerThread } from '../../src/runtime/threads.ts';
import { submitText, tableRows } from '../bad-input/engine.ts';
import { type Order, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';
import { until } from '../harness/test-platform.ts';
import { killableThreads } from './killable-threads.ts';

let dataDir = '';
let topic: OrdersTopic;
let platform: Platform;
let engines: WorkerThread[];
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'headwater-threads-'));
  topic = await OrdersTopic.create(dataDir, 4);
  engines = [];
  platform = new Platform({
    dataDir,
    connectors: builtinConnectors(),
    threads: killableThreads(engines),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    log: () => undefined,
    restartPolicy: { ...DEFAULT_RESTART_POLICY, firstDelay: 50 },
  });
});
afterEach(async () => {
  await platform.shutdown();
  topic.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function start(name: string, select: string, parallelism: number, change: Partial<JobOptions> = {}): Promise<Job> {
  const text = `SET 'pipeline.name' = '${name}';\n${ordersTable()}${TOTALS.replaceAll('totals', `${name}_totals`).replace('SUM(amount)', select)}`;
  return submitText(platform, text, {
    parallelism,
    policy: { interval: 100, minPause: 20, maxStagedBytes: 1 << 20 },
    ...change,
  });
}

function produce(from: number, to: number): void {
  for (const partition of [0, 1, 2, 3]) {
    topic.append(
      Array.from({ length: to - from }, (_, i): Order => [`c${i % 11}`, from + i, from + i]),
      { partition },
    );
  }
}

async function rowsOf(name: string, orders: number): Promise<Map<string, string>> {
  const total = (): number => {
    let sum = 0;
    for (const row of tableRows(platform, `${name}_totals`).values()) sum += Number((JSON.parse(row) as unknown[])[2]);
    return sum;
  };
  await until(() => total() === orders, `${orders} orders in ${name}_totals`);
  return tableRows(platform, `${name}_totals`);
}

describe('jobs on real threads', () => {
  it('a job that throws takes nothing with it', async () => {
    produce(0, 100);
    const steady = await start('steady', 'SUM(amount)', 2);
    const failing = await start('failing', 'SUM(10 / (amount - 60))', 2);
    const end = await failing.done;
    expect(end).toMatchObject({ status: 'failed', error: { code: 'division-by-zero' } });
    expect(end.error?.message).toMatch(/topic orders, partition \d, offset 60|partition \d, offset 60/);
    produce(100, 200);
    const rows = await rowsOf('steady', 800);
    expect(steady.status).toBe('running');
    expect(rows.size).toBe(11);
    expect((await steady.stop()).status).toBe('stopped');
  });

  it('a job runs again after its engine thread died; jobs on other threads do not notice', async () => {
    produce(0, 100);
    const narrow = await start('narrow', 'SUM(amount)', 1);
    const wide = await start('wide', 'SUM(amount)', 2);
    await rowsOf('wide', 400);
    const before = wide.committedEpoch;
    engines[1].kill();
    await until(() => wide.restarts === 1, 'a restart of wide');
    // What it had committed stays readable in the meantime.
    expect((await rowsOf('wide', 400)).size).toBe(11);

    produce(100, 200);
    const alive = await rowsOf('narrow', 800);
    expect(await rowsOf('wide', 800)).toEqual(alive);
    expect(narrow).toMatchObject({ status: 'running', restarts: 0 });
    expect(wide).toMatchObject({ status: 'running', restarts: 1, error: undefined });
    expect(wide.recovery).toMatchObject({ action: 'resume' });
    expect(wide.committedEpoch).toBeGreaterThan(before);
    expect((await wide.stop()).status).toBe('stopped');
  });

  it('a job whose thread dies three times is quarantined, and can be submitted again', async () => {
    produce(0, 100);
    const narrow = await start('narrow', 'SUM(amount)', 1);
    const wide = await start('wide', 'SUM(amount)', 2);
    await rowsOf('wide', 400);
    for (let death = 1; death <= 3; death++) {
      await until(() => wide.status === 'running' && wide.restarts === death - 1, `run ${death} of wide`);
      engines[1].kill();
    }
    const end = await wide.done;
    expect(end).toMatchObject({ status: 'failed', error: { code: 'job-quarantined', kind: 'runtime' } });
    expect(end.error?.message).toMatch(/3 times .*engine thread 1/);
    expect(narrow).toMatchObject({ status: 'running', restarts: 0 });

    const again = await start('wide', 'SUM(amount)', 2);
    expect(again.recovery).toMatchObject({ action: 'resume' });
    produce(100, 200);
    expect(await rowsOf('wide', 800)).toEqual(await rowsOf('narrow', 800));
  });

  it('a job that waits for its restart can be stopped', async () => {
    produce(0, 100);
    const wide = await start('wide', 'SUM(amount)', 2);
    await rowsOf('wide', 400);
    engines[0].kill();
    await until(() => wide.status === 'restarting', 'wide to wait for its restart');
    expect(wide.error?.code).toBe('engine-died');
    expect((await wide.stop()).status).toBe('stopped');
    expect(wide.restarts).toBe(0);
  });
});
