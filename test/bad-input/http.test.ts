import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';

let space: Workspace;
let command: Command;
let url: string;

beforeAll(async () => {
  space = new Workspace();
  const topic = await OrdersTopic.create(space.dataDir);
  topic.append([['ann', 5, 0]]);
  topic.close();
  const args = ['--data-dir', space.dataDir, '--port', '0'];
  command = new Command(['run', space.file('totals.sql', ordersTable() + TOTALS), ...args]);
  url = await command.url();
  await command.until('/v1/features/totals/ann', (answer) => answer.includes('"total":5'));
});
afterAll(async () => {
  await command.kill('SIGINT');
  space.remove();
});

async function submit(body: unknown): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

const OTHER = ordersTable(BOUNDED) + TOTALS.replaceAll('totals', 'others');

describe('jobs submitted over HTTP', () => {
  it.each([
    ['wrong SQL', { sql: 'SELEC 1' }, 'sql-syntax'],
    ['a missing topic', { sql: OTHER.replace("'orders'", "'nowhere'"), name: 'a' }, 'topic-not-found'],
    ['a table that another job writes', { sql: ordersTable() + TOTALS, name: 'b' }, 'table-has-writer'],
    ['a name that leads out of the data directory', { sql: OTHER, name: '../../evil' }, 'invalid-job-name'],
    ['a name that is a folder', { sql: OTHER, name: '..' }, 'invalid-job-name'],
    ['no INSERT', { sql: ordersTable() }, 'nothing-to-run'],
  ])('%s: an answer with a code, and the running job goes on', async (_name, body, code) => {
    const { status, text } = await submit(body);
    expect(text).toContain(`"code":"${code}"`);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await command.get('/v1/features/totals/ann')).toMatchObject({ features: { total: 5 } });
    expect(readdirSync(join(space.dataDir, 'jobs')).filter((name) => name.includes('evil'))).toEqual([]);
    expect(existsSync(join(space.folder, 'evil'))).toBe(false);
  });

  it('a right one runs beside it, and ends', async () => {
    expect((await submit({ sql: OTHER, name: 'other' })).status).toBe(201);
    await command.until('/v1/jobs/other', (answer) => answer.includes('"status":"finished"'));
    expect(await command.get('/v1/features/others/ann')).toMatchObject({ features: { total: 5 } });
    expect(await command.get('/v1/jobs/totals')).toMatchObject({ status: 'running' });
  });
});
