import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';

let space: Workspace;
beforeAll(() => (space = new Workspace()));
afterAll(() => space.remove());

const run = (file: string, dataDir: string): string[] => ['run', file, '--data-dir', dataDir, '--port', '0'];

describe('what is missing', () => {
  it('a file: code 2, and nothing was made', async () => {
    const dataDir = join(space.folder, 'untouched');
    const { code, stdout, stderr } = await headwater(run(join(space.folder, 'no.sql'), dataDir));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('error [file-not-found]');
    expect(stderr).toContain('no.sql');
    expect(existsSync(dataDir)).toBe(false);
  });

  it('a topic: code 2, naming it', async () => {
    const file = space.file('totals.sql', ordersTable(BOUNDED) + TOTALS);
    const { code, stderr } = await headwater(run(file, join(space.folder, 'empty')));
    expect(stderr).toContain('error [topic-not-found] topic orders does not exist in the embedded log');
    expect(code).toBe(2);
  });

  it('a schema: the id is named, code 1', async () => {
    const dataDir = join(space.folder, 'no-schema');
    const topic = await OrdersTopic.create(dataDir);
    topic.append([['ann', 1, 0]]);
    topic.append([['bob', 1, 0]], { schemaId: 4711 });
    topic.close();
    const file = space.file('totals.sql', ordersTable(BOUNDED) + TOTALS);
    const { code, stderr } = await headwater(run(file, dataDir));
    expect(stderr).toContain('error [unknown-schema-id]');
    expect(stderr).toContain('4711');
    expect(code).toBe(1);
  });

  it('the HTTP port, taken by another process: code 2, naming it', async () => {
    const dataDir = join(space.folder, 'port');
    const topic = await OrdersTopic.create(dataDir);
    topic.close();
    const file = space.file('totals.sql', ordersTable() + TOTALS);
    const first = new Command(run(file, dataDir));
    const port = new URL(await first.url()).port;
    const args = ['run', file, '--data-dir', join(space.folder, 'other'), '--port', port];
    const { code, stderr } = await headwater(args);
    expect(stderr).toContain('error [port-in-use]');
    expect(stderr).toContain(port);
    expect(code).toBe(2);
    expect((await first.kill('SIGINT')).code).toBe(0);
  });
});
