import { afterAll, describe, expect, test } from 'vitest';
import { requireServices, type RedisService, startRedis } from './index.ts';

const ready = await requireServices('redis');

describe.skipIf(!ready)('a real Redis', () => {
  let redis: RedisService | undefined;
  afterAll(() => redis?.stop());

  test('starts on a free port, comes back on the same one after a kill', async () => {
    redis = await startRedis();
    await redis.kill();
    await redis.start();
    expect(redis.url).toBe(`redis://127.0.0.1:${redis.port}`);
  });
});
