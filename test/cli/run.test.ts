import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from './command.ts';
import { BOUNDED, OrdersTopic, ordersTable, TOTALS } from './orders.ts';

let space: Workspace;
let topic: OrdersTopic;
beforeEach(async () => {
  space = new Workspace();
  topic = await OrdersTopic.create(space.dataDir, 2);
  topic.append([
    ['ann', 5, 0],
    ['bob', 7, 1],
    ['ann', 1, 2],
  ]);
  topic.append([['cem', 2, 0]], { partition: 1 });
});
afterEach(() => {
  topic.close();
  space.remove();
});

const run = (file: string, ...more: string[]): string[] => [
  'run',
  file,
  '--data-dir',
  space.dataDir,
  '--port',
  '0',
  ...more,
];

describe('headwater run, bounded input', () => {
  it('ends by itself with code 0, and its features can be read', async () => {
    const file = space.file('totals.sql', ordersTable(BOUNDED) + TOTALS);
    const command = new Command(run(file, '--keep-serving'));
    await command.until('/v1/jobs', (jobs) => jobs.includes('"status":"finished"'));
    expect(await command.get('/v1/features/totals/ann')).toMatchObject({
      features: { customer: 'ann', total: 6, orders: '2' },
      end_of_input: true,
    });
    expect(await command.get('/v1/features/totals/cem')).toMatchObject({ features: { total: 2 } });
    const { code, stdout, stderr } = await command.kill('SIGINT');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('source orders: kafka at embedded\nsink totals: feature\n');
    expect(stdout).toContain('totals finished: read 4 rows');
  });

  it('fires every window at the end of the input', async () => {
    const sql = `CREATE TABLE shown (customer STRING, window_start TIMESTAMP(3), total INT) WITH ('connector' = 'print');
      INSERT INTO shown SELECT customer, window_start, SUM(amount)
      FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY customer, window_start, window_end;`;
    const { code, stdout } = await headwater(run(space.file('w.sql', ordersTable(BOUNDED) + sql)));
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('+I'))).toHaveLength(4);
    expect(stdout).toContain('+I[ann, 1970-01-01T00:00:02.000, 1]\n');
  });

  it('says so when started again, and --fresh runs it anew', async () => {
    const file = space.file('totals.sql', ordersTable(BOUNDED) + TOTALS);
    expect((await headwater(run(file))).stdout).toContain('totals finished: read 4 rows');
    topic.append([['ann', 100, 3]]);
    const again = await headwater(run(file));
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/totals finished earlier, at epoch \d+: nothing to do \(--fresh runs it anew\)/);
    const fresh = new Command(run(file, '--fresh', '--keep-serving'));
    await fresh.printed(/totals finished: read 5 rows/);
    expect(await fresh.get('/v1/features/totals/ann')).toMatchObject({ features: { total: 106, orders: '3' } });
    expect((await fresh.kill('SIGTERM')).code).toBe(0);
  });
});

describe('headwater run, unbounded input', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s checkpoints and ends with code 0; the next start goes on from there',
    async (signal) => {
      const file = space.file('totals.sql', ordersTable() + TOTALS);
      const first = new Command(run(file));
      await first.until('/v1/features/totals/ann', (answer) => answer.includes('"total":6'));
      const stopped = await first.kill(signal);
      expect(stopped.code).toBe(0);
      expect(stopped.stdout).toContain('totals stopped: read 4 rows');

      topic.append([['ann', 100, 3]]);
      const second = new Command(run(file));
      const answer = await second.until('/v1/features/totals/ann', (found) => /"total":(?!6,)/.test(found));
      expect(answer).toContain('"total":106,"orders":"3"');
      const ended = await second.kill(signal);
      expect(ended.code).toBe(0);
      expect(ended.stdout).toContain('totals stopped: read 1 rows');
    },
  );

  it('SIGTERM while the job starts is not lost', async () => {
    const command = new Command(run(space.file('totals.sql', ordersTable() + TOTALS)));
    await command.url();
    const { code, stdout } = await command.kill('SIGTERM');
    expect([code, stdout]).toEqual([0, expect.stringContaining('totals stopped: read ')]);
  });

  it('--duration ends it with a checkpoint and code 0', async () => {
    const file = space.file('totals.sql', ordersTable() + TOTALS);
    const first = await headwater(run(file, '--duration', '1 s'));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain('totals stopped: read 4 rows');
    expect((await headwater(run(file, '--duration', '500 ms'))).stdout).toContain('totals stopped: read 0 rows');
  });

  it('goes on from its last checkpoint after SIGKILL: no row lost, none counted twice', async () => {
    const file = space.file('totals.sql', ordersTable() + TOTALS);
    const first = new Command(run(file));
    await first.until('/v1/features/totals/ann', (answer) => answer.includes('"total":6'));
    topic.append([['ann', 10, 3]]);
    expect((await first.kill('SIGKILL')).code).toBe('SIGKILL');
    const second = new Command(run(file));
    await second.until('/v1/features/totals/ann', (answer) => answer.includes('"total":16,"orders":"3"'));
    expect((await second.kill('SIGINT')).code).toBe(0);
  });
});

describe('headwater demo', () => {
  it('generates, computes, and ends after --duration with a checkpoint and code 0', async () => {
    const dataDir = `${space.folder}/demo`;
    const { code, stdout } = await headwater(['demo', '--duration', '2s', '--data-dir', dataDir, '--port', '0']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/curl http:\/\/127\.0\.0\.1:\d+\/v1\/features\/user_activity\//);
    expect(stdout).toMatch(/stopped at epoch [1-9]\d*, [1-9]\d* epochs committed\n$/);
  });
});

describe('settings', () => {
  const FILTERED =
    ordersTable({ ...BOUNDED, topic: '${TOPIC}', 'scan.startup.mode': '${FROM:-earliest-offset}' }) + TOTALS;

  it('come from --set, which goes before the environment', async () => {
    const file = space.file('totals.sql', FILTERED);
    const command = new Command(run(file, '--keep-serving', '--set', 'TOPIC=orders'), {
      TOPIC: 'other',
    });
    await command.printed(/totals finished/);
    expect(await command.get('/v1/features/totals/bob')).toMatchObject({ features: { total: 7 } });
    await command.kill('SIGINT');
  });

  it('that are not given are named, with code 2', async () => {
    const { code, stderr } = await headwater(['validate', space.file('totals.sql', FILTERED)]);
    expect(code).toBe(2);
    expect(stderr).toContain('TOPIC');
    expect(stderr).not.toContain('FROM');
    const given = await headwater(['validate', space.file('totals.sql', FILTERED)], { TOPIC: 'orders' });
    expect(given).toMatchObject({ code: 0, stdout: 'valid: 1 INSERT, 0 SELECT\n' });
  });
});
