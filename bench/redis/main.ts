import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EpochStore } from '../../src/checkpoint/epoch-store.ts';
import { parseRedisOptions } from '../../src/connectors/redis/options.ts';
import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { BIGINT, DOUBLE, notNull, type Schema, STRING, timestamp } from '../../src/data/types.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';
import { requireServices, startRedis } from '../../test/services/index.ts';
import { Logs } from '../pipeline/logs.ts';
import { pipelineSql } from '../pipeline/query.ts';
import { formatRow, machine, type Row } from '../pipeline/report.ts';
import { openBenchPlatform, submit } from '../platform.ts';

const TABLE = 'user_stats';
const SCHEMA: Schema = [
  { name: 'user_id', type: notNull(STRING) },
  { name: 'events', type: BIGINT },
  { name: 'spent', type: DOUBLE },
  { name: 'mean', type: DOUBLE },
  { name: 'top', type: DOUBLE },
  { name: 'window_end', type: timestamp(3) },
];
const KEYS = 100_000;
const UPDATES_PER_EPOCH = 50_000;

/** Commits epochs whose changes nobody follows yet. */
function fillLog(store: EpochStore, epochs: number): void {
  const buffer = new ChangeBuffer(SCHEMA, [0]);
  const last = store.summary()?.epoch ?? 0;
  for (let epoch = last + 1; epoch <= last + epochs; epoch++) {
    const rows = Array.from({ length: UPDATES_PER_EPOCH }, (_, i) => (epoch * UPDATES_PER_EPOCH + i * 7) % KEYS);
    const columns = [
      rows.map((key) => `user-${key}`),
      rows.map((key) => BigInt(key + epoch)),
      rows.map((key) => key * 1.37 + epoch),
      rows.map((key) => (key * 1.37) / (epoch + 1)),
      rows.map((key) => key / 3),
      rows.map(() => ({ ms: 1_764_000_000_000 + epoch * 10_000, nanos: 0 })),
    ].map((values, c) => columnFromValues(SCHEMA[c].type, values));
    buffer.add(makeBatch(columns, rows.length));
    const outputs = buffer.take(epoch).map((bytes, index) => ({ table: TABLE, index, bytes }));
    store.commit(
      {
        epoch,
        generation: store.generation,
        watermark: epoch,
        parallelism: 1,
        finished: false,
        full: true,
        state: [],
        splits: [],
        schemas: [],
        outputs,
      },
      [],
    );
  }
}

/** `npm run bench -- redis [--epochs 40]`: how fast a follower replays the log into a real Redis, alone and beside the engine. */
async function main(args: readonly string[]): Promise<void> {
  if (!(await requireServices('redis'))) return;
  const at = args.indexOf('--epochs');
  const epochs = at < 0 ? 40 : Number(args[at + 1]);
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const redis = await startRedis(['--appendonly', 'yes']);
  const { platform, close } = openBenchPlatform(1);
  const { followers } = platform.options.threads;
  const store = new EpochStore(join(folder, 'state.db'), () => Date.now());
  const say = (row: Row): void => void process.stdout.write(formatRow(row));
  process.stdout.write(
    `headwater bench redis, ${new Date().toISOString()}\n${machine()}\nload ${load()} at the start\n\n`,
  );
  const options = parseRedisOptions({
    name: TABLE,
    columns: SCHEMA,
    primaryKey: ['user_id'],
    options: { url: redis.url },
  });
  if (options.address === undefined) throw new Error('the bench needs a Redis');
  const spec = {
    job: 'bench',
    table: TABLE,
    path: join(folder, 'state.db'),
    schema: SCHEMA,
    primaryKey: [0],
    address: options.address,
    options,
    generation: store.generation,
    force: false,
  };
  const follow = (): Promise<void> => followers.follow(spec);

  /** Commits the log, then lets the follower apply it; updates per second until Redis has acknowledged the last. */
  async function replay(what: string, goal: number, beside: () => string): Promise<void> {
    await follow();
    await followers.leave('bench');
    fillLog(store, epochs);
    const begun = performance.now();
    await follow();
    await followers.drained('bench', store.summary()?.epoch ?? 0, 600_000);
    const seconds = (performance.now() - begun) / 1000;
    const status = followers.status('bench', TABLE);
    await followers.leave('bench');
    if (status === undefined || status.rows < epochs * UPDATES_PER_EPOCH) throw new Error('not all was applied');
    const rate = status.rows / seconds;
    say({
      figure: 'redis',
      what,
      value: `${(rate / 1000).toFixed(0)} k updates/s, ${status.rows} rows in ${seconds.toFixed(1)} s, ${status.parts} calls${beside()}, load ${load()}`,
      goal: `>= ${goal / 1000} k/s`,
      met: rate >= goal,
    });
  }

  try {
    await replay('warm-up, the engine idle', 100_000, () => '');
    await replay('the engine idle', 100_000, () => '');
    const log = new Logs(folder).get(10_000);
    const query = { windowSeconds: 10, lagMs: 1000, intervalMs: 1000, minPauseMs: 1000 };
    const source = { type: 'memory', path: log.path, splits: 1 } as const;
    const job = await submit(platform, pipelineSql({ ...query, source, sink: 'blackhole' }), 'pipeline', 1);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const events = (): number => job.counters[0]?.rowsIn ?? 0;
    const before = { events: events(), at: performance.now() };
    await replay('beside the engine at full speed', 50_000, () => {
      const rate = (events() - before.events) / (performance.now() - before.at) / 1000;
      return ` beside ${rate.toFixed(2)} M events/s`;
    });
    await job.cancel();
  } finally {
    store.close();
    await close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function load(): string {
  return loadavg()[0].toFixed(1);
}

await main(process.argv.slice(2));
process.exit(0);
