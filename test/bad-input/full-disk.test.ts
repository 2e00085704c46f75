import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Order, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';
import { pause, until } from '../harness/test-platform.ts';
import { openEngine, submitText, tableRows } from './engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-disk-'));
const disk = join(folder, 'disk');
const dataDir = join(folder, 'data');
const problem = mountSmallDisk();

/** A real file system of eight megabytes; needs the right to mount. Returns why there is none. */
function mountSmallDisk(): string | undefined {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\n*** SKIPPED, NOT TESTED: a full disk needs the right to mount a tmpfs: ${reason} ***\n\n`);
    return reason;
  }
}

function fill(): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - 8 * 1024)));
}

const orders = (from: number, to: number): Order[] =>
  Array.from({ length: to - from }, (_, i) => [`customer-${from + i}`, from + i, from + i]);

describe.skipIf(problem !== undefined)('a full disk', () => {
  let topic: OrdersTopic;
  beforeAll(async () => {
    topic = await OrdersTopic.create(dataDir);
  });
  afterAll(() => {
    topic.close();
    // Lazily: a test that failed may have left files open.
    if (problem === undefined) execFileSync('umount', ['-l', disk]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('pauses the job, which says so, reads nothing meanwhile, and goes on when there is space: nothing is lost', async () => {
    topic.append(orders(0, 1000));
    const first = openEngine(dataDir, disk);
    const text = ordersTable() + TOTALS;
    const policy = { interval: 100, minPause: 20, maxStagedBytes: 1 << 20 };
    const job = await submitText(first.platform, text, { policy });
    await until(() => tableRows(first.platform, 'totals').size === 1000);

    fill();
    topic.append(orders(1000, 3000));
    await until(() => first.logged.some((line) => line.includes('the disk is full')));
    expect(first.logged.join('\n')).toMatch(/error: job: the disk is full, epoch \d+ waits/);
    const committed = job.committedEpoch;
    await pause(300);
    const read = job.counters[0]?.rowsIn;
    topic.append(orders(3000, 5000));
    await pause(1500);
    expect(job.status).toBe('running');
    expect(job.committedEpoch).toBe(committed);
    expect(job.counters[0]?.rowsIn).toBe(read);
    expect(tableRows(first.platform, 'totals').size).toBe(1000);

    rmSync(join(disk, 'filler'));
    await until(() => tableRows(first.platform, 'totals').size === 5000);
    expect(first.logged.join('\n')).toContain('info: job: there is space on the disk again');
    expect((await job.stop()).status).toBe('stopped');
    await first.platform.shutdown();

    // What was committed is whole: the next start reads on from the last order.
    const second = openEngine(dataDir, disk);
    const resumed = await submitText(second.platform, text, { policy });
    topic.append(orders(5000, 5010));
    await until(() => tableRows(second.platform, 'totals').size === 5010);
    expect(resumed.counters[0]?.rowsIn).toBe(10);
    expect(tableRows(second.platform, 'totals').get('customer-4321')).toBe('["customer-4321",4321,"1"]');
    await resumed.stop();
    await second.platform.shutdown();
  });

  it('at the start is named, and leaves no half-made job', async () => {
    fill();
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'rest'), Buffer.alloc(bavail * bsize));
    const outcome = await openAndSubmit().catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'disk-full', kind: 'runtime' });
    rmSync(join(disk, 'filler'));
    rmSync(join(disk, 'rest'));
    expect(await openAndSubmit()).toBe('stopped');
  });

  async function openAndSubmit(): Promise<string> {
    const { platform } = openEngine(dataDir, join(disk, 'new'));
    try {
      const job = await submitText(platform, ordersTable() + TOTALS);
      return (await job.stop()).status;
    } finally {
      await platform.shutdown();
    }
  }
});
