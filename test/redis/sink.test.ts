import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable } from '../cli/orders.ts';
import { type RedisService, requireServices, startRedis } from '../services/index.ts';

const available = await requireServices('redis');

function totals(url: string, options: Readonly<Record<string, string>> = {}): string {
  const list = Object.entries({ connector: 'redis', url, ...options }).map(([key, value]) => `'${key}' = '${value}'`);
  return `CREATE TABLE totals (customer STRING, total INT, orders BIGINT, average DOUBLE,
  PRIMARY KEY (customer) NOT ENFORCED) WITH (${list.join(', ')});
INSERT INTO totals SELECT customer, SUM(amount), COUNT(*), CAST(SUM(amount) AS DOUBLE) / COUNT(*) FROM orders GROUP BY customer;\n`;
}

describe.skipIf(!available)('headwater run with a table in Redis', { timeout: 90_000 }, () => {
  let redis: RedisService;
  let client: Redis;
  let space: Workspace;
  let topic: OrdersTopic;
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.port);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });
  beforeEach(async () => {
    await client.flushall();
    space = new Workspace();
    topic = await OrdersTopic.create(space.dataDir, 1);
    topic.append([
      ['ann', 5, 0],
      ['bob', 7, 1],
      ['ann', 2, 2],
      ['c:d', 1, 2],
    ]);
  });
  afterEach(() => {
    topic.close();
    space.remove();
  });
  const run = (text: string, ...more: string[]): string[] => [
    'run',
    space.file('totals.sql', text),
    ...['--data-dir', space.dataDir, '--port', '0', ...more],
  ];

  it('writes hashes by the key contract, and serves them over HTTP', async () => {
    const command = new Command(run(ordersTable() + totals(redis.url)));
    await command.until('/v1/features/totals/ann', (answer) => answer.includes('"total":7'));
    expect(await client.hgetall('totals:ann')).toEqual({ customer: 'ann', total: '7', orders: '2', average: '3.5' });
    expect(await client.hgetall('totals:c%3Ad')).toMatchObject({ customer: 'c:d', total: '1' });
    const url = `${await command.url()}/v1/features/totals`;
    const post = async (body: object): Promise<unknown> =>
      (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json();
    expect(await post({ keys: ['ann', 'nobody', 'c%3Ad'], columns: ['total', 'average'] })).toMatchObject({
      source: 'redis',
      rows: [{ key: 'ann', features: { total: 7, average: 3.5 } }, null, { features: { total: 1, average: 1 } }],
    });
    expect(await post({ keys: ['ann'], source: 'image' })).toMatchObject({
      rows: [{ features: { total: 7 }, epoch: 1 }],
    });
    topic.append([['ann', 10, 3]]);
    await command.until('/v1/features/totals/ann', (answer) => answer.includes('"total":17'));
    await client.del('totals:ann');
    expect(await command.get('/v1/features/totals/ann')).toMatchObject({ error: { code: 'feature-not-found' } });
    expect(await command.get('/v1/features/totals/ann?source=image')).toMatchObject({ features: { total: 17 } });
    const metrics = await (await fetch(`${await command.url()}/metrics`)).text();
    expect(metrics).toContain('headwater_sink_lag_epochs{table="totals",job="totals"} 0');
    const { stdout, stderr } = await command.kill('SIGINT');
    expect(stdout).toContain(`sink totals: redis at ${redis.url}/0\n`);
    expect(stderr).not.toContain('error');
  });

  it('fills an emptied Redis again, while it runs and at the next start', async () => {
    const command = new Command(run(ordersTable() + totals(redis.url)));
    const complete = (answer: string): boolean => answer.includes('"total":7');
    await command.until('/v1/features/totals/ann', complete);
    await client.flushall();
    await command.printed(/rebuilt from the image/);
    await command.until('/v1/features/totals/ann', complete);
    await command.kill('SIGKILL');
    await client.flushall();
    await client.hset('totals:stale', 'total', '1');
    const again = new Command(run(ordersTable() + totals(redis.url)));
    await again.until('/v1/features/totals/ann', complete);
    expect((await client.keys('*')).sort()).toEqual(['totals:ann', 'totals:bob', 'totals:c%3Ad', 'totals:{fence}']);
    await again.kill('SIGINT');
  });

  it('JSON mode, prefix, template, ttl and database', async () => {
    const options = { mode: 'json', 'key.prefix': 'p:', 'key.template': 'f/{customer}/v1', ttl: '1 h', db: '3' };
    const ended = await headwater(run(ordersTable(BOUNDED) + totals(redis.url, options)));
    expect(ended).toMatchObject({ code: 0 });
    await client.select(3);
    try {
      expect(JSON.parse((await client.get('p:f/c%3Ad/v1')) ?? '')).toEqual({
        customer: 'c:d',
        total: 1,
        orders: '1',
        average: 1,
      });
      const ttl = await client.pttl('p:f/ann/v1');
      expect(ttl).toBeGreaterThan(3_500_000);
      expect(ttl).toBeLessThanOrEqual(3_600_000);
    } finally {
      await client.select(0);
    }
  });

  it('embedded: the image alone', async () => {
    const command = new Command(run(ordersTable() + totals('embedded')));
    await command.until('/v1/features/totals/ann', (answer) => answer.includes('"total":7'));
    await command.kill('SIGINT');
  });
});
