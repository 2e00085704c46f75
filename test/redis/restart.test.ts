import { Redis } from 'ioredis';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import { Platform } from '../../src/runtime/platform.ts';
import { DEFAULT_RESTART_POLICY } from '../../src/runtime/restart-policy.ts';
import type { WorkerThread } from '../../src/runtime/threads.ts';
import { submitText, tableRows } from '../bad-input/engine.ts';
import { OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';
import { until } from '../harness/test-platform.ts';
import { killableThreads } from '../runtime/killable-threads.ts';
import { requireServices, startRedis } from '../services/index.ts';
import { poll } from '../services/poll.ts';

const available = await requireServices('redis');

it.skipIf(!available)(
  'a job whose thread dies while Redis is away goes on without it',
  { timeout: 90_000 },
  async () => {
    const redis = await startRedis();
    const dataDir = mkdtempSync(join(tmpdir(), 'headwater-restart-'));
    const topic = await OrdersTopic.create(dataDir, 1);
    const engines: WorkerThread[] = [];
    const platform = new Platform({
      dataDir,
      connectors: builtinConnectors(),
      threads: killableThreads(engines),
      now: () => Date.now(),
      monotonic: () => performance.now(),
      log: () => undefined,
      // One failure more, and it is quarantined.
      restartPolicy: { ...DEFAULT_RESTART_POLICY, firstDelay: 20, maxFailures: 2 },
    });
    const totals = (customer: string): string | undefined => tableRows(platform, 'totals').get(customer);
    try {
      topic.append([['ann', 5, 0]]);
      const text =
        ordersTable() + TOTALS.replace("'connector' = 'feature'", `'connector' = 'redis', 'url' = '${redis.url}'`);
      const job = await submitText(platform, text, {
        policy: { interval: 100, minPause: 20, maxStagedBytes: 1 << 20 },
      });
      await until(() => totals('ann') !== undefined, 'the first total');
      await redis.kill();
      engines[0].kill();
      await until(() => job.status === 'running' && job.restarts === 1, 'the job to run again');
      topic.append([['bob', 7, 1]]);
      await until(() => totals('bob') !== undefined, 'a total of the time without Redis');
      expect(job).toMatchObject({ status: 'running', restarts: 1, error: undefined });
      await redis.start();
      const client = new Redis(redis.port);
      try {
        await poll(
          'both totals to be in Redis',
          30_000,
          async () => (await client.exists('totals:ann', 'totals:bob')) === 2,
        );
      } finally {
        client.disconnect();
      }
    } finally {
      await platform.shutdown();
      topic.close();
      await redis.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);
