import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Redis } from 'ioredis';
import type { RedisService } from '../services/index.ts';
import type { DriverTask } from './driver.ts';
import { Driver } from './driver-process.ts';
import { oracle, TABLE } from './history.ts';

/** What a scenario works with; Redis is empty, the folder too. */
export interface Stage {
  readonly redis: RedisService;
  readonly client: Redis;
  readonly folder: string;
  readonly wrong: string | undefined;
}

const SEED = Number(process.env.HEADWATER_TEST_SEED ?? 1);
const OTHER = SEED + 1;
const FENCE = `${TABLE}:{fence}`;

const task = (stage: Stage, upTo: number, more: Partial<DriverTask> = {}): DriverTask => ({
  path: join(stage.folder, 'state.db'),
  options: { url: stage.redis.url },
  seed: SEED,
  upTo,
  ...(stage.wrong === undefined ? {} : { wrong: stage.wrong }),
  ...more,
});

/** Runs a driver to its end; it has to end well. */
async function run(stage: Stage, upTo: number, more: Partial<DriverTask> = {}): Promise<Driver> {
  const driver = new Driver(task(stage, upTo, more));
  const code = await within(30_000, driver.ended);
  if (code !== 0) throw new Error(`the driver ended with ${code}: ${JSON.stringify(driver.said)} ${driver.errors}`);
  return driver;
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${ms} ms passed`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Every key is as it has to be, and there is no other. Throws with the first difference. */
async function expectRedis(stage: Stage, seed: number, epoch: number, ttlMs?: number): Promise<void> {
  const expected = oracle(seed, epoch);
  const { client } = stage;
  const names = (await client.keys('*')).filter((key) => key !== FENCE);
  for (const name of names) if (!expected.has(name)) throw new Error(`key ${name} should not be there`);
  const wanted = [...expected];
  const pipeline = client.pipeline();
  for (const [key] of wanted) pipeline.hgetall(key).call('PEXPIRETIME', key);
  const replies = (await pipeline.exec()) ?? [];
  const times = ttlMs === undefined ? undefined : epochTimes(stage);
  wanted.forEach(([key, { fields, epoch: changed }], i) => {
    const found = replies[i * 2][1] as Record<string, string>;
    const text = (of: Record<string, string>): string => JSON.stringify(Object.entries(of).sort());
    if (text(found) !== text(fields)) throw new Error(`key ${key} is ${text(found)}, expected ${text(fields)}`);
    const expires = ttlMs === undefined ? -1 : (times?.get(changed) ?? 0) + ttlMs;
    if (replies[i * 2 + 1][1] !== expires) {
      throw new Error(`key ${key} expires at ${String(replies[i * 2 + 1][1])}, expected ${expires}`);
    }
  });
  const fence = await client.hgetall(FENCE);
  if (fence.state !== 'following' || Number(fence.epoch) !== epoch) throw new Error(`fence ${JSON.stringify(fence)}`);
}

function epochTimes(stage: Stage): Map<number, number> {
  const db = new Database(join(stage.folder, 'state.db'), { readonly: true });
  const rows = db.prepare<[], { epoch: number; at: number }>('SELECT epoch, committed_at at FROM epoch_time').all();
  db.close();
  return new Map(rows.map((row) => [row.epoch, row.at]));
}

/** A kill at a named point of the protocol, then a start that has to put everything right. */
export const KILL_POINTS = [
  ['generation-taken', 1],
  ['epoch-committed', 3],
  ['connected', 1],
  ['acquired', 1],
  ['decided', 1],
  ['chunk-read', 3],
  ['part-sent', 6],
  ['part-acknowledged', 5],
  ['epoch-acknowledged', 2],
  ['idle', 2],
  ['rebuild-begins', 1],
  ['rebuild-part', 3],
  ['rebuild-done', 1],
] as const;

export async function killedAt(stage: Stage, point: string, nth: number): Promise<void> {
  await run(stage, 3);
  if (point.startsWith('rebuild')) await stage.client.del(FENCE);
  // Committed, and Redis knows nothing of it yet.
  await run(stage, 5, { withoutRedis: true });
  const killed = new Driver(task(stage, 8, { signal: { point, nth, name: 'SIGKILL' } }));
  const how = await within(30_000, killed.ended);
  if (how !== 'SIGKILL') throw new Error(`it was not killed at ${point}: ${how} ${JSON.stringify(killed.said)}`);
  await run(stage, 9);
  await expectRedis(stage, SEED, 9);
}

export const SCENARIOS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'Redis is killed again and again while epochs come (everysec)': (stage) => redisKilled(stage, 'everysec'),
  'Redis is killed again and again while epochs come (always)': (stage) => redisKilled(stage, 'always'),

  'Redis comes back empty': async (stage) => {
    const driver = new Driver(task(stage, 30, { stay: true }));
    await reached(stage, 8);
    await stage.redis.kill();
    stage.redis.wipe();
    await stage.redis.start();
    await driver.done();
    await expectRedis(stage, SEED, 30);
    await driver.signal('SIGKILL');
  },

  'FLUSHALL while epochs come, and while nothing happens': async (stage) => {
    const driver = new Driver(task(stage, 30, { stay: true }));
    await reached(stage, 8);
    await stage.client.flushall();
    await driver.done();
    await expectRedis(stage, SEED, 30);
    await stage.client.flushall();
    await until(() => expectRedis(stage, SEED, 30));
    await driver.signal('SIGKILL');
  },

  'a key of another type is in the way: the table waits, loudly, and nothing is skipped': async (stage) => {
    await run(stage, 1);
    const next = [...oracle(SEED, 2)].find(([, { epoch }]) => epoch === 2)?.[0] ?? '';
    await stage.client.del(next);
    await stage.client.sadd(next, 'in the way');
    const driver = new Driver(task(stage, 4, { ahead: true, stay: true }));
    await driver.alarm('redis-poison');
    if (!JSON.stringify(driver.said).includes(`'${next}'`)) throw new Error('the alarm does not name the key');
    await stage.client.del(next);
    await driver.done();
    await expectRedis(stage, SEED, 4);
    await driver.signal('SIGKILL');
  },

  'no memory left: the table waits, loudly': async (stage) => {
    await run(stage, 2);
    // Buffers of the driver that has ended count until Redis has seen it go: what is theirs would be room for all rows.
    while (!/connected_clients:1\b/.test(await stage.client.info('clients'))) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const used = Number(/used_memory:(\d+)/.exec(await stage.client.info('memory'))?.[1]);
    await stage.client.config('SET', 'maxmemory', String(used + 50_000));
    const driver = new Driver(task(stage, 12, { ahead: true, stay: true }));
    try {
      await driver.alarm('redis-out-of-memory');
    } finally {
      await stage.client.config('SET', 'maxmemory', '0');
    }
    await driver.done();
    await expectRedis(stage, SEED, 12);
    await driver.signal('SIGKILL');
  },

  'a process that was stopped wakes when another one has taken over': async (stage) => {
    await run(stage, 2);
    const zombie = new Driver(task(stage, 6, { signal: { point: 'part-sent', nth: 3, name: 'SIGSTOP' } }));
    await zombie.stopped();
    await run(stage, 9);
    await zombie.signal('SIGCONT');
    await fenced(zombie);
    await expectRedis(stage, SEED, 9);
  },

  'a stopped process wakes when the job was started afresh, with a part in its hands that would fit': async (stage) => {
    await run(stage, 2);
    const zombie = new Driver(task(stage, 6, { signal: { point: 'part-sent', nth: 1, name: 'SIGSTOP' } }));
    await zombie.stopped();
    const fresh = new Driver(task(stage, 2, { fresh: true, seed: OTHER, stay: true }));
    await fresh.done();
    await zombie.signal('SIGCONT');
    await fenced(zombie);
    await expectRedis(stage, OTHER, 2);
    await fresh.signal('SIGKILL');
  },

  'started afresh: what the old history left is replaced': async (stage) => {
    await run(stage, 5);
    await run(stage, 3, { fresh: true, seed: OTHER });
    await expectRedis(stage, OTHER, 3);
  },

  'the fence is lost, and keys of the table that no row has lie about': async (stage) => {
    await run(stage, 4);
    await stage.client.del(FENCE);
    await stage.client.hset(`${TABLE}:k1:2`, 'not', 'ours');
    await stage.client.hset(`${TABLE}:stale`, 'n', '1');
    await run(stage, 5);
    if ((await stage.client.exists(`${TABLE}:k1:2`)) !== 1)
      throw new Error("a key that is not the table's was removed");
    await stage.client.del(`${TABLE}:k1:2`);
    await expectRedis(stage, SEED, 5);
  },

  'the log was folded beyond what Redis has': async (stage) => {
    await run(stage, 3);
    await run(stage, 7, { withoutRedis: true, foldAfter: 6 });
    await run(stage, 8);
    await expectRedis(stage, SEED, 8);
  },

  'keys expire at times that a replay does not change': async (stage) => {
    const options = { url: stage.redis.url, ttl: '1 h' };
    await run(stage, 3, { options });
    await run(stage, 5, { options, withoutRedis: true });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await run(stage, 6, { options });
    await expectRedis(stage, SEED, 6, 3_600_000);
    await stage.client.flushall();
    await run(stage, 7, { options, foldAfter: 7 });
    await expectRedis(stage, SEED, 7, 3_600_000);
  },

  'the power fails': async (stage) => {
    const wal = join(stage.folder, 'state.db-wal');
    const before = join(stage.folder, 'before');
    const first = new Driver(task(stage, 3, { stay: true }));
    await first.done();
    copyFileSync(wal, before);
    await first.signal('SIGKILL');
    const second = new Driver(task(stage, 6, { stay: true }));
    await second.done();
    await second.signal('SIGKILL');
    // Commits that were not synced are gone; with synchronous=FULL there are none.
    if (!second.said.some((line) => line.synchronous === 'synchronous = FULL')) {
      rmSync(`${stage.folder}/state.db-shm`, { force: true });
      copyFileSync(before, wal);
    }
    await run(stage, 8);
    await expectRedis(stage, SEED, 8);
  },

  'the job file was restored from a copy: refused until somebody decides': async (stage) => {
    await run(stage, 3);
    const copy = join(stage.folder, 'copy.db');
    copyFileSync(join(stage.folder, 'state.db'), copy);
    await run(stage, 6);
    copyFileSync(copy, join(stage.folder, 'state.db'));
    await refused(stage, 3, 'fenced');
    // The generation alone would not tell: it may have been counted up by starts without this Redis.
    sql(stage, "UPDATE meta SET value = '100' WHERE key = 'generation'");
    await refused(stage, 3, 'sink-ahead');
    await run(stage, 7, { withoutRedis: true, seed: OTHER });
    await refused(stage, 7, 'sink-diverged');
    await expectRedis(stage, SEED, 6);
    await run(stage, 7, { force: true });
    const now = await stage.client.hgetall(FENCE);
    if (now.state !== 'following' || now.epoch !== '7') throw new Error(JSON.stringify(now));
  },

  'another job writes the same keys: refused': async (stage) => {
    await run(stage, 3);
    const other = join(stage.folder, 'other');
    mkdirSync(other);
    const driver = new Driver({ ...task(stage, 3), path: join(other, 'state.db'), seed: OTHER });
    await within(30_000, driver.ended);
    if (driver.said.at(-1)?.refused !== 'sink-diverged') throw new Error(JSON.stringify(driver.said));
    // A copy of the whole job that runs at the same time.
    cpSync(join(stage.folder, 'state.db'), join(other, 'copy.db'));
    const first = new Driver(task(stage, 4, { stay: true }));
    await first.done();
    const second = new Driver({ ...task(stage, 5), path: join(other, 'copy.db') });
    await within(30_000, second.ended);
    if (second.said.at(-1)?.refused !== 'fenced') throw new Error(JSON.stringify(second.said));
    await expectRedis(stage, SEED, 4);
    await first.signal('SIGKILL');
  },
};

async function redisKilled(stage: Stage, fsync: string): Promise<void> {
  await stage.client.config('SET', 'appendonly', 'yes');
  await stage.client.config('SET', 'appendfsync', fsync);
  await stage.client.config('REWRITE').catch(() => undefined);
  const driver = new Driver(task(stage, 40, { stay: true }));
  for (const epoch of [5, 13, 22]) {
    await reached(stage, epoch);
    await stage.redis.kill();
    await stage.redis.start();
  }
  await driver.done(30_000);
  await until(() => expectRedis(stage, SEED, 40));
  await driver.signal('SIGKILL');
}

async function refused(stage: Stage, upTo: number, code: string): Promise<void> {
  const driver = new Driver(task(stage, upTo));
  await within(30_000, driver.ended);
  const last = driver.said.at(-1);
  if (last?.refused !== code) throw new Error(`expected it to be refused with ${code}: ${JSON.stringify(driver.said)}`);
}

async function fenced(zombie: Driver): Promise<void> {
  await within(10_000, zombie.ended);
  if (!zombie.said.some((line) => line.failed === 'fenced')) {
    throw new Error(`the old process did not notice: ${JSON.stringify(zombie.said)}`);
  }
}

function sql(stage: Stage, statement: string): void {
  const db = new Database(join(stage.folder, 'state.db'));
  db.exec(statement);
  db.close();
}

/** Waits until Redis has an epoch. */
async function reached(stage: Stage, epoch: number): Promise<void> {
  await until(async () => {
    const found = Number(await stage.client.hget(FENCE, 'epoch'));
    if (!(found >= epoch)) throw new Error(`Redis is at epoch ${found}, expected ${epoch}`);
  }, 20_000);
}

async function until(check: () => Promise<void>, timeoutMs = 5000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
