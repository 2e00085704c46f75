import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SinkNode } from '../../src/planner/physical.ts';
import { decodeCollected } from '../../src/runtime/collected-rows.ts';
import { openTestPlatform, planTest, testJobOptions, until } from '../harness/test-platform.ts';
import type { ValuesControl } from '../harness/values-connector.ts';

const SQL = `
CREATE TABLE clicks (k STRING, v INT, p AS PROCTIME()) WITH ('connector' = 'values');
SELECT k, SUM(v) FROM TABLE(TUMBLE(TABLE clicks, DESCRIPTOR(p), INTERVAL '0.2' SECOND)) GROUP BY k, window_start, window_end;`;

for (const parallelism of [1, 2]) {
  it(`windows by the wall clock go out while no rows come, also after a restart, parallelism ${parallelism}`, async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'headwater-test-'));
    try {
      const rows: unknown[][] = [];
      // The last row is never read, so the source waits and does not end.
      const control = (limit: number): ValuesControl => ({
        tables: {
          clicks: [
            ['a', 1],
            ['a', 2],
            ['b', 3],
            ['c', 4],
          ],
        },
        splits: 1,
        limit,
        read: 0,
        wake: new Set(),
      });
      const open = async (limit: number) => {
        const { platform, kill } = openTestPlatform(control(limit), stateDir);
        const plan = planTest(SQL, platform);
        const sink = plan.nodes.find((node): node is SinkNode => node.op === 'sink');
        if (sink === undefined) throw new Error('the query has a sink');
        platform.events.on('committed', (_job, _commit, snapshots) => {
          for (const part of snapshots.flatMap((snapshot) => snapshot.collected))
            for (const row of decodeCollected(sink.schema, part.bytes)) rows.push([...row.values]);
        });
        return { platform, kill, job: await platform.submit(plan, testJobOptions({ parallelism, maxRows: 1 })) };
      };
      const sums = (): Record<string, number> => {
        const total: Record<string, number> = {};
        for (const [k, v] of rows) total[String(k)] = (total[String(k)] ?? 0) + Number(v);
        return total;
      };
      const first = await open(2);
      await until(() => sums().a === 3);
      const committed = first.job.committedEpoch;
      first.job.checkpoint();
      await until(() => first.job.committedEpoch > committed);
      first.kill();
      const second = await open(1);
      await until(() => sums().b === 3);
      await second.platform.shutdown();
      expect(sums()).toEqual({ a: 3, b: 3 });
    } finally {
      rmSync(stateDir, { recursive: true, force: true });
    }
  });
}
