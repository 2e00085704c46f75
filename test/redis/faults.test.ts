import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisService, requireServices, startRedis } from '../services/index.ts';
import { buildDriver, killDrivers } from './driver-process.ts';
import { KILL_POINTS, killedAt, SCENARIOS, type Stage } from './scenarios.ts';

const available = await requireServices('redis');

/** Which scenario notices which mistake. */
const MISTAKES: readonly (readonly [wrong: string, scenario: string])[] = [
  ['marker before data', 'a key of another type'],
  ['no fence', 'a stopped process wakes'],
  ['no look at the position before', 'a key of another type'],
  ['a key that cannot be written is skipped', 'a key of another type'],
  ['time to live instead of a time', 'keys expire'],
  ['expiry from the time of writing', 'keys expire'],
  ['fields that became NULL stay', 'killed at part-sent'],
  ['deleted rows stay', 'killed at part-sent'],
  ['a begun chunk counts as applied', 'killed at part-sent'],
  ['a rebuild that writes nothing', 'FLUSHALL'],
  ['a rebuild that leaves other keys', 'the fence is lost'],
  ['the log is taken to be complete', 'the log was folded'],
  ['any history will do', 'started afresh'],
  ['synchronous = NORMAL', 'the power fails'],
];

describe.skipIf(!available)('a table in Redis, whatever fails', () => {
  let redis: RedisService;
  let client: Redis;
  beforeAll(async () => {
    await buildDriver();
    redis = await startRedis(['--appendonly', 'yes']);
    client = new Redis(redis.port, { retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.stop();
  });

  async function play(scenario: (stage: Stage) => Promise<void>, wrong?: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-redis-'));
    try {
      await client.config('SET', 'maxmemory', '0');
      await client.flushall();
      await scenario({ redis, client, folder, wrong });
    } finally {
      await killDrivers();
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it.each(KILL_POINTS)('killed at %s (%i): the next start puts everything right', async (point, nth) => {
    await play((stage) => killedAt(stage, point, nth));
  });

  it.each(Object.entries(SCENARIOS))('%s', { timeout: 60_000 }, async (_name, scenario) => {
    await play(scenario);
  });

  it.each(MISTAKES)('a protocol with a mistake is noticed: %s', { timeout: 60_000 }, async (wrong, where) => {
    const scenario =
      where === 'killed at part-sent'
        ? (stage: Stage) => killedAt(stage, 'part-sent', 6)
        : Object.entries(SCENARIOS).find(([name]) => name.startsWith(where))?.[1];
    if (scenario === undefined) throw new Error(`there is no scenario '${where}'`);
    // A key that is not as it has to be, or an alarm that is missing or has no reason.
    await expect(play(scenario, wrong)).rejects.toThrow(/key f:|come to alarm|refused/);
  });
});
