import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';

let space: Workspace;
beforeEach(async () => {
  space = new Workspace();
  const topic = await OrdersTopic.create(space.dataDir);
  topic.append([['ann', 5, 0]]);
  topic.close();
});
afterEach(() => space.remove());

const run = (options: Readonly<Record<string, string>>): string[] => [
  'run',
  space.file('totals.sql', ordersTable(options) + TOTALS),
  '--data-dir',
  space.dataDir,
  '--port',
  '0',
];

function change(file: string, sql: string): void {
  const db = new Database(join(space.dataDir, file));
  db.exec(sql);
  db.close();
}

describe('a data directory', () => {
  it('in use: the second process says so with code 2, the first goes on; after a SIGKILL it is free', async () => {
    const first = new Command(run({}));
    await first.until('/v1/features/totals/ann', (answer) => answer.includes('"total":5'));
    // With its address the second one would submit to the first.
    rmSync(join(space.dataDir, 'server.json'));
    const second = await headwater(run({}));
    expect(second.stderr).toContain(`error [data-dir-in-use] data directory ${space.dataDir} is in use`);
    expect(second.code).toBe(2);
    expect(await first.get('/v1/features/totals/ann')).toMatchObject({ features: { total: 5 } });
    await first.kill('SIGKILL');
    const third = await headwater([...run({}), '--duration', '500ms']);
    expect(third).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['catalog.db', "UPDATE meta SET value = '99' WHERE key = 'format'", 'state-version'],
    ['jobs/totals/state.db', "UPDATE meta SET value = '99' WHERE key = 'format'", 'state-version'],
    ['log/topic-orders.db', 'PRAGMA user_version = 99', 'newer-format'],
  ])('whose %s has a newer format is refused and left as it is', async (file, sql, code) => {
    expect((await headwater([...run({}), '--duration', '500ms'])).code).toBe(0);
    change(file, sql);
    const refused = await headwater([...run({}), '--duration', '1s']);
    expect(refused.stderr).toContain(`error [${code}]`);
    expect(refused.stderr).toContain('99');
    expect(refused.code).not.toBe(0);
    expect(refused.stdout).not.toContain('stopped');
  });

  it('of a job whose input has no end any more (or has one now) is refused', async () => {
    expect((await headwater([...run({}), '--duration', '500ms'])).code).toBe(0);
    const bounded = await headwater(run({ 'scan.bounded.mode': 'latest-offset' }));
    expect(bounded.stderr).toContain('error [changed-state]');
    expect(bounded.stderr).toContain('orders/source/1');
    expect(bounded.code).toBe(2);
  });

  it('that is not a directory, or holds a file that is no database', async () => {
    const file = space.file('plain', 'text');
    const args = ['run', space.file('t.sql', ordersTable() + TOTALS), '--port', '0', '--data-dir'];
    const plain = await headwater([...args, file]);
    expect(plain.stderr).toContain('error [data-dir-not-writable]');
    expect(plain.code).toBe(2);
    const other = join(space.folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'catalog.db'), 'this is not a database, it is a text. '.repeat(200));
    const broken = await headwater([...args, other]);
    expect(broken.stderr).toContain('error [state-corrupt]');
    expect(broken.code).toBe(1);
    expect(readdirSync(other)).toContain('catalog.db');
  });

  it.each([
    ['settings TEXT', 'settingr TEXT'],
    ['CREATE TABLE job', 'CREATE TABLE jnb'],
    ['value TEXT', 'valud TEXT'],
  ])('whose catalog has a flipped bit in the definition of a table is refused: %s', async (before, after) => {
    expect((await headwater([...run({}), '--duration', '500ms'])).code).toBe(0);
    const file = join(space.dataDir, 'catalog.db');
    const bytes = readFileSync(file);
    const at = bytes.indexOf(before);
    expect(at).toBeGreaterThan(0);
    bytes.write(after, at);
    writeFileSync(file, bytes);
    const refused = await headwater([...run({}), '--duration', '500ms']);
    expect(refused.stderr).toContain('error [state-corrupt]');
    expect(refused.code).toBe(1);
  });
});
