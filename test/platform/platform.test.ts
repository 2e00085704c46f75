import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { alertQueries, dashboardQueries } from '../deployment/files.ts';
import { requireServices } from '../services/index.ts';
import { RunningPlatform } from './run-platform.ts';

/** `npm run platform`: the producer, Kafka, the registry, Redis, Prometheus and Headwater, all real, from end to end. */

const available = await requireServices('kafka', 'apicurio', 'redis', 'prometheus');

/** Panels that are empty on a good day: nothing was late, skipped, missed, restarted or parked. */
const QUIET = /increase|misses/;

describe.skipIf(!available)('the platform', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'headwater-platform-'));
  let running: RunningPlatform | undefined;
  afterAll(() => {
    running?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('features come within 2 s of their epoch, Prometheus has them all, a restart loses none', async () => {
    const platform = new RunningPlatform(dataDir, '--rate', '2000');
    running = platform;
    const prometheus = await platform.printed(/^Prometheus +(http\S+)/m);
    await expect.poll(() => platform.eventsCounted(), { timeout: 30_000 }).toBeGreaterThan(2000);

    for (let round = 0; round < 5; round++) {
      const epoch = await platform.epoch();
      const committed = performance.now();
      let found = await platform.lookup('user_0000001');
      while (found.as_of < epoch) found = await platform.lookup('user_0000001');
      expect(performance.now() - committed).toBeLessThan(2000);
      expect(found.source).toBe('redis');
      // And the features themselves are about now, not only the epoch's number.
      expect(Date.now() - Date.parse(`${String(found.features.last_seen)}Z`)).toBeLessThan(10_000);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }

    // Two scrapes, five seconds apart.
    await expect
      .poll(() => value(prometheus, 'rate(headwater_job_rows_total{exported_job="user_activity"}[1m])'), {
        timeout: 40_000,
      })
      .toBeGreaterThan(100);
    for (const { title, expr } of dashboardQueries()) {
      const series = await ask(prometheus, expr);
      if (!QUIET.test(expr)) expect([title, expr, series.length > 0]).toEqual([title, expr, true]);
    }
    for (const { title, expr } of alertQueries()) expect([title, await ask(prometheus, expr)]).toEqual([title, []]);

    const { acknowledged } = await platform.end();
    expect(acknowledged).toBeGreaterThan(10_000);

    const again = new RunningPlatform(dataDir, '--no-events');
    running = again;
    await again.printed(/^Headwater +(\S+)/m);
    // What the first run had not read yet is read now, and nothing twice.
    await expect.poll(() => again.eventsCounted(), { timeout: 30_000 }).toBe(acknowledged);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await again.eventsCounted()).toBe(acknowledged);
    // The registry keeps its schemas as docker-compose.yml tells it to: in Kafka.
    const registry = await again.printed(/^registry +(http\S+)/m);
    expect(await (await fetch(`${registry}/subjects`)).json()).toEqual(['user-activity-value']);
    await again.end();
    running = undefined;
  }, 240_000);
});

type Series = readonly { readonly value: readonly [number, string] }[];

async function ask(prometheus: string, query: string): Promise<Series> {
  const response = await fetch(`${prometheus}/api/v1/query?query=${encodeURIComponent(query)}`);
  const answer = (await response.json()) as { status: string; error?: string; data: { result: Series } };
  expect([query, answer.status, answer.error]).toEqual([query, 'success', undefined]);
  return answer.data.result;
}

async function value(prometheus: string, query: string): Promise<number> {
  return Number((await ask(prometheus, query))[0]?.value[1]);
}
