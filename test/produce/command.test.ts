import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { zipfSampler } from '../../src/cli/produce/zipf.ts';
import { type Ended, headwater, Workspace } from '../cli/command.ts';
import { seeded } from '../kafka/support.ts';

let space: Workspace;
beforeEach(() => (space = new Workspace()));
afterEach(() => space.remove());

const produce = (...args: readonly string[]) => headwater(['produce', ...args, '--data-dir', space.dataDir, '--json']);

interface Totals {
  readonly events: number;
  readonly acknowledged: number;
  readonly partitions: readonly number[];
  readonly lateEvents: number;
  readonly schemaIds: readonly number[];
}

function totals({ code, stdout, stderr }: Ended): Totals {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Totals;
}

/** Rows of a bounded query over a topic of the embedded log; the last one of an aggregate is the whole. */
async function lastRow(topic: string, columns: string, select: string, format = 'avro-confluent'): Promise<unknown> {
  const url = format === 'json' ? '' : `'avro-confluent.url' = 'embedded',`;
  const sql = `CREATE TABLE t (${columns}) WITH ('connector' = 'kafka', 'topic' = '${topic}', ${url}
    'properties.bootstrap.servers' = 'embedded', 'scan.startup.mode' = 'earliest-offset',
    'scan.bounded.mode' = 'latest-offset', 'format' = '${format}'); ${select}`;
  const args = ['sql', '-f', space.file('q.sql', sql), '--data-dir', space.dataDir, '--output', 'changelog'];
  const { code, stdout, stderr } = await headwater(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { row: unknown }).row;
}

describe('headwater produce', { timeout: 60_000 }, () => {
  test('made-up events are the same for the same seed; some are late; the schema changes in mid-stream', async () => {
    const options = ['--rate', '100000', '--count', '4000', '--late', '0.25', '--start', '2026-01-01T00:00:00Z'];
    const first = totals(await produce('user-activity', ...options, '--schema-version', '2'));
    expect(first).toMatchObject({ events: 4000, acknowledged: 4000, schemaIds: [1, 2] });
    expect(first.lateEvents).toBeGreaterThan(800);
    expect(first.partitions.length).toBe(4);
    const again = totals(await produce('user-activity', ...options, '--topic', 'again', '--format', 'json'));
    expect(again.partitions).toEqual(first.partitions);
    const columns = 'user_id STRING, price DOUBLE, quantity INT, referrer STRING, ts TIMESTAMP(3)';
    const select =
      'SELECT COUNT(*), COUNT(DISTINCT user_id), SUM(quantity), MIN(ts), MAX(ts), COUNT(referrer) > 100 FROM t';
    const avro = (await lastRow('user-activity', columns, select)) as unknown[];
    const json = (await lastRow('again', columns, select, 'json')) as unknown[];
    expect(avro.slice(0, 5)).toEqual(json.slice(0, 5));
    // Columns of version 2 are in the second half only, and only there.
    expect([avro[0], avro[5], json[5]]).toEqual(['4000', true, false]);
  });

  test('a csv and a json file with an event-time column become typed records', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ id: `k${i % 7}`, at: 1_700_000_000 + i, n: i * 3, x: i / 4 }));
    const csv = space.file(
      'some rows.csv',
      ['id,at,n,x', ...rows.map((row) => Object.values(row).join(','))].join('\n'),
    );
    const json = space.file('rows.json', rows.map((row) => JSON.stringify(row)).join('\n'));
    const columns = 'id STRING, `at` TIMESTAMP(3), n INT, x DOUBLE';
    const select = 'SELECT COUNT(*), COUNT(DISTINCT id), MIN(`at`), MAX(`at`), SUM(n), SUM(x) FROM t';
    const expected = ['50', '7', '2023-11-14T22:13:20.000', '2023-11-14T22:14:09.000', 3675, 306.25];
    for (const [file, topic] of [
      [csv, 'some-rows'],
      [json, 'rows'],
    ]) {
      expect(totals(await produce(file, '--event-time', 'at', '--key', 'id', '--partitions', '2')).events).toBe(50);
      expect(await lastRow(topic, columns, select)).toEqual(expected);
    }
    // 49 s of event time, a hundred times as fast.
    const begun = Date.now();
    totals(await produce(csv, '--event-time', 'at', '--topic', 'paced', '--speed', '100x'));
    expect(Date.now() - begun).toBeGreaterThan(490);
  });

  test('real flights, the first twenty thousand', async () => {
    expect(totals(await produce('flights', '--count', '20000', '--compression', 'zstd')).acknowledged).toBe(20_000);
    const columns = '`date` TIMESTAMP(3), delay INT, distance INT, origin STRING, destination STRING';
    const row = await lastRow('flights', columns, 'SELECT COUNT(*), MIN(`date`), COUNT(DISTINCT origin) > 100 FROM t');
    expect(row).toEqual(['20000', '2001-01-01T00:01:00.000', true]);
  });

  test.each([
    [['nonsense.xml', '--event-time', 'a'], 'data-set-missing', /nonsense\.xml/],
    [['user-activity', '--rate', 'fast'], 'bad-arguments', /--rate fast/],
    [['user-activity', '--brokers', 'localhost:1', '--count', '1'], 'kafka-unreachable', /localhost:1/],
    [['user-activity', '--brokers', 'localhost'], 'invalid-option', /--brokers has 'localhost'/],
    [['flights', '--event-time', 'when'], 'bad-arguments', /--event-time when: .*the columns date, delay/],
    [['user-activity', '--transactional', '1s'], 'bad-arguments', /--transactional needs --brokers/],
  ])('%j is refused with %s', async (args, code, message) => {
    const { stdout } = await produce(...args);
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('a row that does not fit is named by file, line and column', async () => {
    const file = space.file(
      'bad.csv',
      `id,at,n\n${'a,2026-01-01T00:00:00Z,1\n'.repeat(5000)}b,2026-01-01T00:00:01Z,x\n`,
    );
    const { code, stdout } = await produce(file, '--event-time', 'at');
    expect(code).toBe(1);
    expect(stdout).toMatch(/bad-record.*bad\.csv, line 5002, column n: \\"x\\"; expected a whole number of 32 bits/);
  });
});

test('zipf keys: the share of a rank is its weight', () => {
  const draw = zipfSampler(50, 1.1, seeded(3));
  const counts = new Float64Array(50);
  for (let i = 0; i < 200_000; i++) counts[draw()]++;
  const total = Array.from({ length: 50 }, (_, rank) => (rank + 1) ** -1.1).reduce((a, b) => a + b);
  for (const rank of [0, 1, 5, 20]) expect(counts[rank] / 200_000).toBeCloseTo((rank + 1) ** -1.1 / total, 2);
});
