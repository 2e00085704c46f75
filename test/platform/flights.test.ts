import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { requireServices, startApicurio, startKafka, startRedis } from '../services/index.ts';
import type { Features } from './activity-oracle.ts';
import { QUERIES } from './queries.ts';

/**
 * queries/flights.sql, the same file embedded and on real services, Redis too, over the first flights. That the
 * answers are right for all three million is for test/flights.
 */

const FLIGHTS = '60000';
const BATCH = 1000;

const available = await requireServices('kafka', 'apicurio', 'redis');

let space: Workspace;
beforeEach(() => (space = new Workspace()));
afterEach(() => space.remove());

/** Produces flights and runs the query over them to its end; it goes on serving. */
async function answered(name: string, env: Readonly<Record<string, string>> = {}): Promise<Command> {
  const where = ['--data-dir', `${space.dataDir}-${name}`];
  expect(await headwater(['produce', 'flights', '--count', FLIGHTS, ...where], env)).toMatchObject({ code: 0 });
  const command = new Command(['run', QUERIES.flights, '--keep-serving', '--port', '0', ...where], env);
  await command.printed(new RegExp(`flights finished: read ${FLIGHTS} rows`), 60_000);
  return command;
}

async function rowsOf(command: Command, table: string, keys: readonly string[]): Promise<Map<string, Features>> {
  const found = new Map<string, Features>();
  for (let from = 0; from < keys.length; from += BATCH) {
    const body = JSON.stringify({ keys: keys.slice(from, from + BATCH) });
    const response = await fetch(`${await command.url()}/v1/features/${table}`, { method: 'POST', body });
    const { rows } = (await response.json()) as { rows: ({ key: string; features: Features } | null)[] };
    for (const row of rows) if (row !== null) found.set(row.key, row.features);
  }
  return found;
}

async function rowCount(command: Command, table: string): Promise<number> {
  const metrics = await (await fetch(`${await command.url()}/metrics`)).text();
  return Number(new RegExp(`^headwater_table_rows\\{table="${table}"\\} (\\d+)$`, 'm').exec(metrics)?.[1]);
}

describe.skipIf(!available)('flights on a real Kafka, registry and Redis', () => {
  test('give the rows that they give embedded, in Redis and over HTTP', { timeout: 120_000 }, async () => {
    const embedded = await answered('embedded');
    const [kafka, registry, redis] = await Promise.all([startKafka(), startApicurio(), startRedis()]);
    const client = new Redis(redis.port);
    try {
      const real = await answered('real', {
        KAFKA_BROKERS: kafka.bootstrap,
        SCHEMA_REGISTRY_URL: registry.url,
        REDIS_URL: redis.url,
      });
      for (const table of ['airport_hours', 'route_days']) {
        const expected = await rowCount(embedded, table);
        expect(expected).toBeGreaterThan(5000);
        // Both keys begin with an airport; the table's progress marker does not.
        const rowKeys = (): Promise<string[]> => client.keys(`${table}:[A-Z][A-Z][A-Z]:*`);
        await expect.poll(async () => (await rowKeys()).length, { timeout: 20_000 }).toBe(expected);
        const keys = (await rowKeys()).map((key) => key.slice(table.length + 1));
        const wanted = await rowsOf(embedded, table, keys);
        expect(wanted.size).toBe(expected);
        expect(await rowsOf(real, table, keys)).toEqual(wanted);
      }
      await real.kill('SIGTERM');
    } finally {
      await embedded.kill('SIGTERM');
      client.disconnect();
      await Promise.all([kafka.stop(), registry.stop(), redis.stop()]);
    }
  });
});
