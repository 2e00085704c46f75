import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Command, Workspace } from '../cli/command.ts';
import { requireServices, startApicurio, startKafka, startRedis } from '../services/index.ts';
import { activityEvents, type ActivityRun, produceActivity } from './activity.ts';
import { activityFeatures, comparable, type Features } from './activity-oracle.ts';
import { QUERIES } from './queries.ts';

/** queries/user_activity.sql, the same file embedded and on real services, against a program that does the same. */

const NOON = Date.UTC(2026, 0, 1, 12);
/** Ten minutes and a half: the last half minute stays open. */
const RUN: ActivityRun = { events: 21_000, users: 300, seed: 11, start: NOON, step: 30 };
const EVENTS = activityEvents(RUN);
const EXPECTED = activityFeatures(EVENTS, NOON + RUN.events * RUN.step - 2000);

let space: Workspace;
beforeEach(() => (space = new Workspace()));
afterEach(() => space.remove());

function run(settings: Readonly<Record<string, string>> = {}): Command {
  return new Command(['run', QUERIES.userActivity, '--data-dir', space.dataDir, '--port', '0'], settings);
}

/** All rows of the users in a table. */
async function rowsOf(command: Command, table: string): Promise<Map<string, Features>> {
  const keys = [...new Set(EVENTS.map(({ user }) => user))];
  const response = await fetch(`${await command.url()}/v1/features/${table}`, {
    method: 'POST',
    body: JSON.stringify({ keys }),
  });
  const { rows } = (await response.json()) as { rows: ({ key: string; features: Features } | null)[] };
  return new Map(rows.flatMap((row) => (row === null ? [] : [[row.key, comparable(row.features)] as const])));
}

async function expectFeatures(command: Command): Promise<void> {
  await command.until('/v1/jobs/user_activity', (job) => job.includes(`"rows_in":${RUN.events},`));
  for (const [table, expected] of Object.entries(EXPECTED)) {
    expect(expected.size).toBeGreaterThan(200);
    await expect.poll(() => rowsOf(command, table), { timeout: 10_000 }).toEqual(expected);
  }
}

test('embedded: every feature of every user, and the same after SIGTERM and another start', async () => {
  await produceActivity(RUN, 'user-activity', ['--data-dir', space.dataDir]);
  const first = run();
  await expectFeatures(first);
  expect((await first.kill('SIGTERM')).code).toBe(0);
  const second = run();
  for (const [table, expected] of Object.entries(EXPECTED)) {
    await expect.poll(() => rowsOf(second, table), { timeout: 10_000 }).toEqual(expected);
  }
  const { code, stdout } = await second.kill('SIGTERM');
  expect([code, /read \d+ rows/.exec(stdout)?.[0]]).toEqual([0, 'read 0 rows']);
});

const available = await requireServices('kafka', 'apicurio', 'redis');
describe.skipIf(!available)('on a real Kafka, registry and Redis', () => {
  test('the same file gives the same features, over HTTP and in Redis', { timeout: 120_000 }, async () => {
    const [kafka, registry, redis] = await Promise.all([startKafka(), startApicurio(), startRedis()]);
    const client = new Redis(redis.port);
    try {
      await produceActivity(RUN, 'user-activity', ['--brokers', kafka.bootstrap, '--registry', registry.url]);
      const command = run({
        KAFKA_BROKERS: kafka.bootstrap,
        SCHEMA_REGISTRY_URL: registry.url,
        REDIS_URL: redis.url,
      });
      await expectFeatures(command);
      expect(await client.hget('user_activity:user_0000007', 'events')).toBe(
        EXPECTED.user_activity.get('user_0000007')?.events,
      );
      expect((await command.kill('SIGTERM')).code).toBe(0);
    } finally {
      client.disconnect();
      await Promise.all([kafka.stop(), registry.stop(), redis.stop()]);
    }
  });
});
