import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobOptions } from '../../src/runtime/job.ts';
import type { Platform } from '../../src/runtime/platform.ts';
import type { JsonValue } from '../harness/json-values.ts';
import { openTestPlatform, planTest, testJobOptions, until } from '../harness/test-platform.ts';
import type { ValuesControl } from '../harness/values-connector.ts';

const ROWS = 4000;
const KEYS = 37;

let stateDir = '';
let control: ValuesControl;
let platform: Platform;

const rows = (count: number, value: (i: number) => number): JsonValue[][] =>
  Array.from({ length: count }, (_, i) => [`k${i % KEYS}`, value(i)]);

beforeEach(() => open(2));

function open(splits: number): void {
  stateDir = mkdtempSync(join(tmpdir(), 'headwater-jobs-'));
  control = {
    tables: {
      steady: rows(ROWS, (i) => i),
      zero: rows(ROWS, (i) => ROWS / 2 - i),
      many: Array.from({ length: 50_000 }, (_, i): JsonValue[] => [`key-${i}`, i]),
    },
    splits,
    limit: Infinity,
    read: 0,
    wake: new Set(),
  };
  platform = openTestPlatform(control, stateDir).platform;
}

async function close(): Promise<void> {
  await platform.shutdown();
  rmSync(stateDir, { recursive: true, force: true });
}
afterEach(close);

function start(name: string, source: string, select: string, change: Partial<JobOptions> = {}): Promise<Job> {
  const sql = `CREATE TABLE ${source} (k STRING, v INT) WITH ('connector' = 'values');
    CREATE TABLE ${name} (k STRING, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
    INSERT INTO ${name} ${select}`;
  return platform.submit(planTest(sql, platform, name), testJobOptions({ maxRows: 7, ...change }));
}

const SUM = (source: string, expr = 'SUM(CAST(v AS BIGINT))'): string => `SELECT k, ${expr} FROM ${source} GROUP BY k`;

async function features(table: string): Promise<Map<string, bigint>> {
  const image = platform.tables.get(table)?.image;
  await image?.settled();
  return new Map([...(image?.allRows() ?? [])].map((row) => [String(row[0]), BigInt(String(row[1]))]));
}

/** Sum of the values of each key over the first `count` rows. */
function sums(count: number): Map<string, bigint> {
  const out = new Map<string, bigint>();
  for (let i = 0; i < count; i++) out.set(`k${i % KEYS}`, (out.get(`k${i % KEYS}`) ?? 0n) + BigInt(i));
  return out;
}

/** Lets the sources read up to `limit` rows in all. */
function allow(limit: number): void {
  control.limit = limit;
  for (const wake of control.wake) wake();
  control.wake.clear();
}

describe('jobs of one process', () => {
  it('one divides by zero, one exhausts its memory: the third and its lookups stay untouched', async () => {
    const before = await start('settled_before', 'steady', SUM('steady'));
    await before.done;
    const expected = sums(ROWS);
    expect(await features('settled_before')).toEqual(expected);

    let lookups = 0;
    const looking = setInterval(() => {
      const [[key, value]] = [...(platform.tables.get('settled_before')?.image.allRows() ?? [])].map((row) => [
        String(row[0]),
        BigInt(String(row[1])),
      ]) as [string, bigint][];
      if (expected.get(key) === value) lookups += 1;
    }, 5);
    const [steady, zero, many] = await Promise.all([
      start('steady_sums', 'steady', SUM('steady'), { parallelism: 2 }),
      start('divided', 'zero', SUM('zero', 'SUM(CAST(100 / v AS BIGINT))')),
      start('many_keys', 'many', SUM('many'), { memoryLimit: 300_000, maxRows: 100 }),
    ]);
    const [steadyEnd, zeroEnd, manyEnd] = await Promise.all([steady.done, zero.done, many.done]);
    clearInterval(looking);

    expect(zeroEnd).toMatchObject({ status: 'failed', error: { code: 'division-by-zero', kind: 'runtime' } });
    expect(zeroEnd.error?.message).toContain('of zero');
    expect(manyEnd).toMatchObject({ status: 'failed', error: { code: 'memory-limit', kind: 'runtime' } });
    expect(manyEnd.error?.message).toContain('many_keys/group-aggregate/1');
    expect(manyEnd.error?.message).toContain('300000');
    expect(steadyEnd).toEqual({ status: 'finished', error: undefined });
    expect(await features('steady_sums')).toEqual(expected);
    expect(await features('settled_before')).toEqual(expected);
    expect(lookups).toBeGreaterThan(10);
  });

  it('sources wait for a disk that is slower than they are', async () => {
    const { store } = platform.options.threads;
    const commit = store.commit.bind(store);
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    store.commit = async (...given) => {
      await held;
      return commit(...given);
    };
    const sql = `CREATE TABLE many (k STRING, v INT) WITH ('connector' = 'values');
      CREATE TABLE wide (k STRING, pad STRING, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
      INSERT INTO wide SELECT k, RPAD(k, 4000, 'x') FROM many`;
    const job = await platform.submit(planTest(sql, platform, 'wide'), testJobOptions({ maxRows: 100 }));
    let read = -1;
    while (read !== control.read || read < 1000) {
      read = control.read;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    go();
    expect(read * 4000).toBeGreaterThan(40e6);
    expect(read * 4000).toBeLessThan(70e6);
    expect(await job.done).toEqual({ status: 'finished', error: undefined });
    await platform.tables.get('wide')?.image.settled();
    expect(platform.tables.get('wide')?.image.size).toBe(50_000);
  });

  it('cancel ends at the last committed epoch, stop with one more', async () => {
    await close();
    // One split, so that what was read is what comes first.
    open(1);
    allow(100);
    const job = await start('sums', 'steady', SUM('steady'), {
      policy: { interval: 60_000, minPause: 60_000, maxStagedBytes: 1 << 30 },
    });
    await until(() => control.read === 100);
    job.checkpoint();
    await until(() => job.committedEpoch === 1);
    allow(200);
    await until(() => control.read === 200);
    expect(await job.cancel()).toEqual({ status: 'cancelled', error: undefined });
    expect(job.committedEpoch).toBe(1);
    expect(await features('sums')).toEqual(sums(100));

    control.read = 100;
    const again = await start('sums', 'steady', SUM('steady'), {
      policy: { interval: 60_000, minPause: 60_000, maxStagedBytes: 1 << 30 },
    });
    expect(again.recovery).toMatchObject({ action: 'resume', epoch: 1 });
    await until(() => control.read === 200);
    expect(await again.stop()).toEqual({ status: 'stopped', error: undefined });
    expect(await features('sums')).toEqual(sums(200));
  });

  it('restores at parallelism 1, 2 and 1 again', async () => {
    for (const [parallelism, limit] of [
      [1, 500],
      [2, 1500],
    ] as const) {
      allow(limit);
      const job = await start('sums', 'steady', SUM('steady'), { parallelism });
      await until(() => control.read === limit);
      await job.stop();
      expect((await features('sums')).size).toBe(KEYS);
    }
    allow(Infinity);
    const last = await start('sums', 'steady', SUM('steady'), { parallelism: 1 });
    expect(last.recovery).toMatchObject({ action: 'resume', rescaled: true });
    await last.done;
    expect(control.read).toBe(ROWS);
    expect(await features('sums')).toEqual(sums(ROWS));
  });

  it('refuses a changed query, unless its state is dropped or everything is', async () => {
    allow(370);
    await (await start('sums', 'steady', SUM('steady'))).stop();
    control.read = 0;
    const changed = SUM('steady', 'COUNT(*)');
    const refusal = await start('sums', 'steady', changed).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'changed-state', kind: 'input' });
    expect(String(refusal)).toContain('sums/group-aggregate/1');

    const list = /^ {2}(\S+):/gm;
    const ids = [...String(refusal).matchAll(list)].map((match) => match[1]);
    allow(Infinity);
    const accepted = await start('sums', 'steady', changed, { acceptChangedState: ids });
    expect((await accepted.done).status).toBe('finished');

    const fresh = await start('sums', 'steady', changed, { fresh: true });
    expect(fresh.recovery).toEqual({ action: 'start-fresh', discard: true });
    await fresh.done;
    const counts = new Map([...sums(ROWS).keys()].map((key) => [key, 0n]));
    for (let i = 0; i < ROWS; i++) counts.set(`k${i % KEYS}`, (counts.get(`k${i % KEYS}`) ?? 0n) + 1n);
    expect(await features('sums')).toEqual(counts);
  });

  it('one table has one writing job, one name one running job', async () => {
    allow(10);
    const job = await start('sums', 'steady', SUM('steady'));
    const sql = `CREATE TABLE steady (k STRING, v INT) WITH ('connector' = 'values');
      CREATE TABLE sums (k STRING, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
      INSERT INTO sums ${SUM('steady')}`;
    await expect(platform.submit(planTest(sql, platform, 'other'), testJobOptions({}))).rejects.toMatchObject({
      code: 'table-has-writer',
    });
    await expect(start('sums', 'steady', SUM('steady'))).rejects.toMatchObject({ code: 'job-exists' });
    expect(job.status).toBe('running');
    await expect(start('wide', 'steady', SUM('steady'), { parallelism: 3 })).rejects.toMatchObject({
      code: 'invalid-option',
    });
  });
});
