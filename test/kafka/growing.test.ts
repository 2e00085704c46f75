import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KafkaService, poll, requireServices, startKafka } from '../services/index.ts';
import { embeddedTopics, kafkaTopics, type Topics, World } from './growing-world.ts';

const available = await requireServices('kafka');

describe.each(['embedded', 'kafka'] as const)('topics that grow and groups that are told, %s', (kind) => {
  let kafka: KafkaService | undefined;
  let world: World;
  let topics: Topics;
  let prefix = '';
  let tests = 0;
  beforeAll(async () => {
    if (kind === 'kafka' && available) kafka = await startKafka();
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
  }, 30_000);
  beforeEach((context) => {
    if (kind === 'kafka' && kafka === undefined) context.skip();
    world = new World();
    topics = kafka === undefined ? embeddedTopics(world.dir) : kafkaTopics(kafka);
    prefix = `t${++tests}`;
  });
  afterEach(async () => {
    await world?.remove();
  });

  const table = (name: string, options: Readonly<Record<string, string>>): string => {
    const all = {
      connector: 'kafka',
      'properties.bootstrap.servers': topics.servers,
      format: 'json',
      ...(options['properties.group.id'] === undefined ? { 'scan.startup.mode': 'earliest-offset' } : {}),
      'scan.topic-partition-discovery.interval': '100 ms',
      ...options,
    };
    const clause = Object.entries(all).map(([key, value]) => `'${key}' = '${value}'`);
    return `CREATE TABLE ${name} (k STRING, v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${clause.join(', ')});\n`;
  };
  const SUMS = `CREATE TABLE sums (k STRING, n BIGINT, s BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
    INSERT INTO sums SELECT k, COUNT(*), SUM(v) FROM src GROUP BY k;`;
  /** Rows `from` to `to`, of key `k`, at that many seconds. */
  const rows = (k: string, from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, i) => {
      const v = from + i;
      return JSON.stringify({ k, v, ts: new Date(v * 1000).toISOString().replace('T', ' ').replace('Z', '') });
    });
  const sumOf = (from: number, to: number): bigint => BigInt(((to - from) * (from + to - 1)) / 2);
  const seen = async (name: string, expected: unknown[][]): Promise<void> => {
    const sorted = (list: unknown[][]): string[] => list.map((row) => row.map(String).join(' ')).sort();
    const wanted = sorted(expected).join('\n');
    let last = '';
    await poll(`${name} to be\n${wanted}`, 15_000, async () => {
      last = sorted(await world.rows(name)).join('\n');
      return last === wanted;
    }).catch(() => undefined);
    expect(last).toBe(wanted);
  };

  it('reads partitions that are added while it runs or while it is away, each row once', async () => {
    await topics.create(prefix, 2);
    await topics.append(prefix, 0, rows('a', 0, 30));
    await topics.append(prefix, 1, rows('b', 0, 30));
    const sql = table('src', { topic: prefix }) + SUMS;
    await world.start(sql, 2);
    await seen('sums', [
      ['a', 30, sumOf(0, 30)],
      ['b', 30, sumOf(0, 30)],
    ]);
    await topics.grow(prefix, 5);
    for (const partition of [2, 3, 4]) await topics.append(prefix, partition, rows(`p${partition}`, 0, 20));
    const grown = [2, 3, 4].map((partition) => [`p${partition}`, 20, sumOf(0, 20)]);
    await seen('sums', [['a', 30, sumOf(0, 30)], ['b', 30, sumOf(0, 30)], ...grown]);
    world.reopen();
    await topics.grow(prefix, 6);
    await topics.append(prefix, 5, rows('late', 0, 10));
    await topics.append(prefix, 3, rows('p3', 20, 40));
    await world.start(sql, 2);
    await seen('sums', [
      ['a', 30, sumOf(0, 30)],
      ['b', 30, sumOf(0, 30)],
      ['late', 10, sumOf(0, 10)],
      ['p2', 20, sumOf(0, 20)],
      ['p3', 40, sumOf(0, 40)],
      ['p4', 20, sumOf(0, 20)],
    ]);
  }, 60_000);

  it('reads topics that appear for a pattern, from none on, at their beginning', async () => {
    await topics.create(`${prefix}-other`, 1);
    await topics.append(`${prefix}-other`, 0, rows('no', 0, 5));
    const latest = { 'scan.startup.mode': 'latest-offset' };
    const sql = table('src', { 'topic-pattern': `${prefix}-\\d+`, ...latest }) + SUMS;
    await world.start(sql, 2);
    expect(world.logged.join()).toContain(`there are no topics like ${prefix}-\\d+ yet`);
    await topics.create(`${prefix}-1`, 2);
    await topics.append(`${prefix}-1`, 1, rows('one', 0, 12));
    await seen('sums', [['one', 12, sumOf(0, 12)]]);
    world.reopen();
    await topics.create(`${prefix}-22`, 1);
    await topics.append(`${prefix}-22`, 0, rows('two', 0, 9));
    await world.start(sql, 2);
    await topics.append(`${prefix}-1`, 0, rows('one', 12, 20));
    await seen('sums', [
      ['one', 20, sumOf(0, 20)],
      ['two', 9, sumOf(0, 9)],
    ]);
  }, 60_000);

  it.skipIf(kind === 'kafka')(
    'a new partition holds the watermark back from then on',
    async () => {
      await topics.create(prefix, 1);
      const counts = `CREATE TABLE counts (s STRING, n BIGINT, PRIMARY KEY (s) NOT ENFORCED) WITH ('connector' = 'feature');
      INSERT INTO counts SELECT DATE_FORMAT(window_start, 'mm:ss'), COUNT(*) FROM TUMBLE(TABLE src, DESCRIPTOR(ts), INTERVAL '10' SECOND)
      GROUP BY window_start, window_end;`;
      await topics.append(prefix, 0, rows('a', 0, 15));
      await world.start(table('src', { topic: prefix }) + counts);
      await seen('counts', [['00:00', 10]]);
      await topics.grow(prefix, 2);
      await poll('the partition to be found', 10_000, async () => world.logged.join().includes('partition 1 is new'));
      await topics.append(prefix, 0, rows('a', 15, 60));
      await topics.append(prefix, 1, rows('b', 15, 32));
      await seen('counts', [
        ['00:00', 10],
        ['00:10', 15],
        ['00:20', 20],
      ]);
      await topics.append(prefix, 1, rows('b', 32, 41));
      await seen('counts', [
        ['00:00', 10],
        ['00:10', 15],
        ['00:20', 20],
        ['00:30', 20],
      ]);
    },
    60_000,
  );

  it('begins and ends where a group says, and tells it how far it came', async () => {
    await topics.create(prefix, 2);
    const group = { topic: prefix, 'properties.group.id': `${prefix}-g` };
    for (const partition of [0, 1]) await topics.append(prefix, partition, rows(`p${partition}`, 0, 20));
    await expect(world.start(table('src', group) + SUMS)).rejects.toMatchObject({
      code: 'no-group-offset',
      message: expect.stringContaining(`group ${prefix}-g has committed no offset`),
    });
    await topics.commit(`${prefix}-g`, prefix, [5, 12]);
    const job = await world.start(table('src', group) + SUMS);
    await seen('sums', [
      ['p0', 15, sumOf(5, 20)],
      ['p1', 8, sumOf(12, 20)],
    ]);
    await topics.append(prefix, 1, rows('p1', 20, 25));
    await poll('the group to be told while it runs', 10_000, async () => {
      return String(await topics.committed(`${prefix}-g`, prefix, 2)) === '20,25';
    });
    await topics.append(prefix, 0, rows('p0', 20, 22));
    await seen('sums', [
      ['p0', 17, sumOf(5, 22)],
      ['p1', 13, sumOf(12, 25)],
    ]);
    await job.stop();
    expect(await topics.committed(`${prefix}-g`, prefix, 2)).toEqual([22, 25]);
    await topics.append(prefix, 0, rows('p0', 22, 30));
    const bounded = { ...group, 'scan.startup.mode': 'earliest-offset', 'scan.bounded.mode': 'group-offsets' };
    const whole = SUMS.replaceAll('sums', 'ended');
    await (
      await world.start(`SET 'pipeline.name' = 'ended';\n${table('src', bounded)}${whole}`)
    ).done;
    await seen('ended', [
      ['p0', 22, sumOf(0, 22)],
      ['p1', 25, sumOf(0, 25)],
    ]);
  }, 60_000);

  it('where a group has no offset, auto.offset.reset says where to begin; commits can be switched off', async () => {
    await topics.create(prefix, 1);
    await topics.append(prefix, 0, rows('a', 0, 8));
    for (const [reset, expected] of [
      ['earliest', [['a', 10, sumOf(0, 10)]]],
      ['latest', [['a', 2, sumOf(8, 10)]]],
    ] as const) {
      const options = {
        topic: prefix,
        'properties.group.id': `${prefix}-${reset}`,
        'properties.auto.offset.reset': reset,
        'properties.commit.offsets.on.checkpoint': 'false',
      };
      const into = SUMS.replaceAll('sums', reset);
      await world.start(`SET 'pipeline.name' = '${reset}';\n${table('src', options)}${into}`);
      if (reset === 'latest') await topics.append(prefix, 0, rows('a', 8, 10));
      else await seen(reset, [['a', 8, sumOf(0, 8)]]);
      if (reset === 'latest')
        await seen(
          reset,
          expected.map((row) => [...row]),
        );
    }
    await seen('earliest', [['a', 10, sumOf(0, 10)]]);
    expect(await topics.committed(`${prefix}-earliest`, prefix, 1)).toEqual([undefined]);
  }, 60_000);

  it('two topics in one table are the union of both', async () => {
    for (const [name, partitions] of [
      ['x', 1],
      ['y', 3],
    ] as const) {
      await topics.create(`${prefix}-${name}`, partitions);
      for (let p = 0; p < partitions; p++) await topics.append(`${prefix}-${name}`, p, rows(`${name}${p}`, 0, 50));
    }
    const ends = { 'scan.bounded.mode': 'latest-offset' };
    const both = table('src', { topic: `${prefix}-x;${prefix}-y`, ...ends });
    await (
      await world.start(`SET 'pipeline.name' = 'both';\n${both}${SUMS}`, 2)
    ).done;
    const each = table('a', { topic: `${prefix}-x`, ...ends }) + table('b', { topic: `${prefix}-y`, ...ends });
    const union = `${each}${SUMS.replaceAll('sums', 'each_one').replace('FROM src', 'FROM (SELECT k, v FROM a UNION ALL SELECT k, v FROM b)')}`;
    await (
      await world.start(`SET 'pipeline.name' = 'each_one';\n${union}`)
    ).done;
    const whole = await world.rows('each_one');
    expect(whole.length).toBe(4);
    await seen('sums', whole);
  }, 60_000);
});
