import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { headwater, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';
import { openEngine, submitText, tableRows } from './engine.ts';

const BIN = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url));
const ORDERS = 40_000;

describe('a data directory that does not work', () => {
  let space: Workspace;
  let topic: OrdersTopic;
  beforeEach(async () => {
    space = new Workspace();
    topic = await OrdersTopic.create(space.dataDir, 1);
  });
  afterEach(() => {
    topic.close();
    space.remove();
  });

  it('is no full disk: the job waits and says what SQLite says; without the trouble it has every row', async () => {
    topic.append(Array.from({ length: ORDERS }, (_, i) => [`customer-${i}`, 1, i]));
    const file = space.file('job.sql', ordersTable(BOUNDED) + TOTALS);
    const args = ['run', file, '--data-dir', space.dataDir, '--port', '0'];
    // A file that may not grow: the write fails with another error than that of a full disk.
    const limited = spawn('bash', ['-c', 'ulimit -f 600; exec "$@"', 'bash', process.execPath, BIN, ...args]);
    let said = '';
    limited.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise((resolve) => limited.on('close', resolve));
    const deadline = Date.now() + 25_000;
    while (!/epoch \d+ waits/.test(said) && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    limited.kill('SIGKILL');
    await ended;
    expect(said).toMatch(
      /the data directory does not work, epoch \d+ waits: .*state\.db cannot be written or read \(disk I\/O error, SQLITE_IOERR_\w+\)/,
    );
    expect(said).not.toContain('the disk is full');
    const again = await headwater(args);
    expect(again).toMatchObject({ code: 0 });
    const { platform } = openEngine(space.dataDir);
    const finished = await submitText(platform, ordersTable(BOUNDED) + TOTALS);
    await finished.done;
    expect(tableRows(platform, 'totals').size).toBe(ORDERS);
    await platform.shutdown();
  }, 60_000);
});

describe('a first submission that is refused', () => {
  it('leaves no files of the job behind; a job that has run keeps its own', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'headwater-refused-'));
    const { platform } = openEngine(dir);
    const folder = join(dir, 'jobs', 'job');
    const text = ordersTable() + TOTALS;
    await expect(submitText(platform, text)).rejects.toMatchObject({ code: 'topic-not-found' });
    expect(existsSync(folder)).toBe(false);
    const topic = await OrdersTopic.create(dir, 1);
    const job = await submitText(platform, text);
    await job.stop();
    expect(existsSync(join(folder, 'state.db'))).toBe(true);
    await expect(submitText(platform, text.replace('SUM(amount)', 'MAX(amount)'))).rejects.toThrow();
    expect(existsSync(join(folder, 'state.db'))).toBe(true);
    topic.close();
    await platform.shutdown();
    rmSync(dir, { recursive: true, force: true });
  });
});
