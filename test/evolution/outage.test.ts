import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import { jobTotals } from '../../src/runtime/job-totals.ts';
import { until } from '../harness/test-platform.ts';
import { Door } from '../services/door.ts';
import { type RegistryService, requireServices, startApicurio } from '../services/index.ts';
import { jobText, recordSchema, World } from './world.ts';

const OLD = recordSchema([{ name: 'v', type: 'int' }]);
const NEW = recordSchema([{ name: 'v', type: 'long' }]);
const ready = await requireServices('apicurio');

describe.skipIf(!ready)('a real registry that goes away', { timeout: 60_000 }, () => {
  let registry: RegistryService;
  let ids: readonly [number, number];
  beforeAll(async () => {
    registry = await startApicurio();
    ids = [
      await registerSchema(registry.url, 'outage-value', OLD, '/nowhere'),
      await registerSchema(registry.url, 'outage-value', NEW, '/nowhere'),
    ];
  }, 120_000);
  afterAll(() => registry.stop());

  let world: World;
  let door: Door;
  let delay = 0;
  beforeEach(async () => {
    delay = 0;
    world = new World();
    door = await Door.before(Number(new URL(registry.url).port), { delay: () => delay });
    await door.open();
  });
  afterEach(async () => {
    await door.close();
    await world.remove();
  });

  const address = (): string => `http://127.0.0.1:${door.port}${new URL(registry.url).pathname}`;
  const text = (): string => jobText('v BIGINT', [['BIGINT', 'SUM(v)']], { 'avro-confluent.url': address() });
  const old = (v: number) => [ids[0], OLD, { k: 'a', v }] as const;
  const next = (v: bigint) => [ids[1], NEW, { k: 'a', v }] as const;

  it('while a job runs: known ids decode, an unknown one waits with an alarm, and goes on when it is back', async () => {
    world.append([old(1)]);
    const job = await world.submit(text());
    await until(() => job.counters[0]?.rowsIn === 1, 'the first record');
    await door.close();
    world.append([old(2)]);
    await until(() => jobTotals(job).rowsIn === 2, 'a record of a known id');
    world.append([next(4n), old(8)]);
    await until(() =>
      world.logged.some(
        (line) => line.startsWith('warn: ') && line.includes(`the schema registry at ${address()} does not answer`),
      ),
    );
    expect(job.status).toBe('running');
    // The barrier that carries the metric is none that waits for the schema.
    job.checkpoint();
    await until(() => jobTotals(job).registryRetries > 0, 'the metric');
    expect(await world.rows()).toEqual(['["a","2","3"]']);
    await door.open();
    expect(await world.stopAfter(job, 4)).toEqual(['["a","4","15"]']);
    expect(world.logged.at(-1)).toContain(`the schema registry at ${address()} answers again`);
  });

  it('a restart meanwhile works from the schemas of the checkpoint, of both writers', async () => {
    world.append([old(1), next(2n)]);
    expect(await world.stopAfter(await world.submit(text()), 2)).toEqual(['["a","2","3"]']);
    await door.close();
    world.append([next(4n), old(8)]);
    const job = await world.submit(text());
    expect(world.logged.join('\n')).toMatch(/warn: .*going on with the writer schemas of the checkpoint/);
    expect(await world.stopAfter(job, 2)).toEqual(['["a","4","15"]']);
  });

  it('a start without a checkpoint fails within ten seconds, naming the address', async () => {
    await door.close();
    const began = Date.now();
    await expect(world.submit(text())).rejects.toMatchObject({
      code: 'registry-unreachable',
      message: expect.stringContaining(address()),
    });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it('a slow registry is waited for, and every schema asked for once', async () => {
    world.append([old(1), next(2n), old(4), next(8n)]);
    delay = 1500;
    const job = await world.submit(text());
    expect(await world.stopAfter(job, 4)).toEqual(['["a","4","15"]']);
    expect(world.logged.join('\n')).not.toContain('registry');
    // Its list of subjects at the start, and two schemas.
    expect(door.requests).toBe(3);
  });

  it('an id that it does not know: the job stops with place, id and address', async () => {
    world.append([old(1), [4711, OLD, { k: 'a', v: 2 }]]);
    const job = await world.submit(text());
    expect(await job.done).toMatchObject({
      status: 'failed',
      error: {
        code: 'unknown-schema-id',
        message: expect.stringMatching(/^topic events, partition 0, offset 1: .*127\.0\.0\.1.*schema id 4711/),
      },
    });
  });

  it('killed for good (SIGKILL): what is known goes on', async () => {
    world.append([old(1), next(2n)]);
    const job = await world.submit(text());
    await until(() => job.counters[0]?.rowsIn === 2, 'both schemas');
    await registry.stop();
    world.append([old(4), next(8n)]);
    expect(await world.stopAfter(job, 4)).toEqual(['["a","4","15"]']);
  });
});
