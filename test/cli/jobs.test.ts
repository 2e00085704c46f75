import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findServer } from '../../src/runtime/server-file.ts';
import { Command, headwater, Workspace } from './command.ts';
import { OrdersTopic, ordersTable, TOTALS } from './orders.ts';

let space: Workspace;
let topic: OrdersTopic;
beforeEach(async () => {
  space = new Workspace();
  topic = await OrdersTopic.create(space.dataDir);
  topic.append([['ann', 5, 0]]);
});
afterEach(() => {
  topic.close();
  space.remove();
});

const COUNTS = `CREATE TABLE counts (customer STRING, orders BIGINT, PRIMARY KEY (customer) NOT ENFORCED)
  WITH ('connector' = 'feature');
INSERT INTO counts SELECT customer, COUNT(*) FROM orders WHERE customer <> '\${EXCEPT:-bob}' GROUP BY customer;`;
const withSetting = (name: string): string => ordersTable({ 'scan.startup.mode': `\${${name}}` }) + COUNTS;

it('commands go through the server that holds the data directory, with its keys too', async () => {
  const inDir = (...words: string[]) => headwater([...words, '--data-dir', space.dataDir]);
  expect((await inDir('jobs')).stdout).toBe('no jobs\n');

  const keys = { HEADWATER_API_KEYS: 'a-key-that-nobody-else-knows' };
  const file = space.file('totals.sql', ordersTable() + TOTALS);
  const server = new Command(['run', file, '--data-dir', space.dataDir, '--port', '0'], keys);
  const url = await server.url();
  await server.printed(/sink totals/);
  expect(findServer(space.dataDir)).toMatchObject({ url });
  expect(statSync(join(space.dataDir, 'server.json')).mode & 0o777).toBe(0o600);
  expect((await fetch(`${url}/v1/jobs`)).status).toBe(401);

  const second = space.file('counts.sql', withSetting('FROM'));
  const submitted = await inDir('run', second, '--set', 'FROM=earliest-offset');
  expect(submitted).toMatchObject({ code: 0, stderr: '' });
  expect(submitted.stdout).toContain(`\ncounts submitted to ${url}: running\n`);
  const fresh = await inDir('run', second, '--set', 'FROM=earliest-offset', '--fresh');
  expect(fresh.code).toBe(2);
  expect(fresh.stderr).toContain('--fresh is not possible while a server holds the data directory');

  const { jobs } = JSON.parse((await inDir('jobs', '--json')).stdout) as { jobs: { name: string; status: string }[] };
  expect(jobs.map(({ name, status }) => [name, status])).toEqual([
    ['totals', 'running'],
    ['counts', 'running'],
  ]);
  expect((await inDir('jobs', 'stop', 'counts')).stdout).toMatch(/^counts stopped at epoch \d+\n$/);
  expect((await inDir('jobs')).stdout).toMatch(
    /^JOB +STATUS +EPOCH +ROWS +TABLES +ERROR\ntotals +running .*\ncounts +stopped/,
  );
  expect((await inDir('jobs', 'drop', 'counts')).stdout).toBe('counts dropped\n');
  const unknown = await inDir('jobs', 'stop', 'counts');
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    "error [job-not-found] there is no job 'counts': expected one of totals\n",
  ]);

  // A server that dies leaves its file behind; nobody takes it for a live one.
  await server.kill('SIGKILL');
  expect(findServer(space.dataDir)).toBeUndefined();
  expect((await inDir('jobs')).stdout).toMatch(/totals +not running/);
  expect((await inDir('jobs', 'cancel', 'totals')).stderr).toContain('no server is running on');
  expect((await inDir('jobs', 'drop', 'totals')).stdout).toBe('totals dropped\n');
  expect((await inDir('jobs', 'drop', 'totals')).code).toBe(2);
});

it('a file of a process that serves nothing does not count', async () => {
  const path = join(space.dataDir, 'server.json');
  writeFileSync(path, JSON.stringify({ url: 'http://127.0.0.1:9', pid: process.pid }));
  expect((await headwater(['jobs', '--data-dir', space.dataDir])).stdout).toBe('no jobs\n');
  writeFileSync(path, '{"url":');
  expect(findServer(space.dataDir)).toBeUndefined();
  const wrong = await headwater(['jobs', 'halt', 'x', '--data-dir', space.dataDir]);
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('jobs stop|cancel|drop NAME')]);
});
