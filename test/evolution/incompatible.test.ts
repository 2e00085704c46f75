import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Field, jobText, recordSchema, World } from './world.ts';

const INT_V: Field = { name: 'v', type: 'int' };
const SKIP = { 'avro-confluent.ignore-parse-errors': 'true' };
const SUM_V = [['INT', 'SUM(v)']] as const;

interface Break {
  readonly name: string;
  readonly columns: string;
  readonly after: readonly [fields: readonly Field[], value: object];
  readonly code: string;
  /** What stands between `topic events, partition 0, offset 3: the record cannot be decoded: ` and the schema before. */
  readonly says: string;
  /** Options of the table that the job goes on with, and the feature over all five records then. */
  readonly repair: Readonly<Record<string, string>>;
  readonly sees: readonly unknown[];
}

const BREAKS: readonly Break[] = [
  {
    name: 'a type that cannot be read as the column, and its records are skipped',
    columns: 'v INT',
    after: [[{ name: 'v', type: 'string' }], { v: 'x' }],
    code: 'schema-mismatch',
    says: "writer schema 2 (shop.Event): field 'v' is string, which cannot be read as INT",
    repair: SKIP,
    sees: ['a', '4', 15],
  },
  {
    name: 'a type that is wider than the column',
    columns: 'v INT',
    after: [[{ name: 'v', type: 'long' }], { v: 8n }],
    code: 'schema-mismatch',
    says: "writer schema 2 (shop.Event): field 'v' is long, which cannot be read as INT",
    repair: SKIP,
    sees: ['a', '4', 15],
  },
  {
    name: 'no field for a NOT NULL column, and the table gets a default',
    columns: 'v INT NOT NULL',
    after: [[], {}],
    code: 'schema-mismatch',
    says: "writer schema 2 (shop.Event): there is no field 'v', and the table's column is INT NOT NULL, which has no value for it",
    repair: { 'avro-confluent.schema': recordSchema([{ ...INT_V, default: 100 }]) },
    sees: ['a', '5', 115],
  },
  {
    name: 'a field of another name, and the table gets an alias',
    columns: 'v INT NOT NULL',
    after: [[{ name: 'amount', type: 'int' }], { amount: 8 }],
    code: 'schema-mismatch',
    says: "writer schema 2 (shop.Event): there is no field 'v', and the table's column is INT NOT NULL, which has no value for it",
    repair: { 'avro-confluent.schema': recordSchema([{ ...INT_V, aliases: ['amount'] }]) },
    sees: ['a', '5', 23],
  },
];

let world: World;
beforeEach(() => (world = new World()));
afterEach(() => world.remove());

/** Two records that are in the checkpoint of a stopped job, then three of which the middle one is of the new writer. */
async function run(columns: string, ids: readonly number[], next: string, value: object): Promise<void> {
  const old = recordSchema([INT_V]);
  const record = (v: number) => [ids[0], old, { k: 'a', v }] as const;
  world.append([record(1), record(2)]);
  expect(await world.stopAfter(await world.submit(jobText(columns, SUM_V)), 2)).toEqual(['["a","2",3]']);
  world.append([record(4), [ids[1], next, { k: 'a', ...value }], record(8)]);
}

describe('a writer schema that cannot be read with', () => {
  it.each(BREAKS)('$name: stops naming the place and both sides, goes on after the repair', async (one) => {
    const next = recordSchema(one.after[0]);
    const ids = [await world.register(recordSchema([INT_V])), await world.register(next)];
    await run(one.columns, ids, next, one.after[1]);

    const failed = await (await world.submit(jobText(one.columns, SUM_V))).done;
    expect(failed.status).toBe('failed');
    expect(failed.error?.code).toBe(one.code);
    expect(failed.error?.message).toBe(
      `topic events, partition 0, offset 3: the record cannot be decoded: ${one.says}; records before it have writer ` +
        "schema 1, where 'v' is int",
    );
    await world.shutdown();

    const job = await world.submit(jobText(one.columns, SUM_V, one.repair));
    expect(await world.stopAfter(job, Number(one.sees[1]) - 2)).toEqual([JSON.stringify(one.sees)]);
  });

  it('nothing of the checkpoint is lost by failing again and again', async () => {
    const next = recordSchema([{ name: 'v', type: 'string' }]);
    const ids = [await world.register(recordSchema([INT_V])), await world.register(next)];
    await run('v INT', ids, next, { v: 'x' });
    for (let i = 0; i < 3; i++) {
      const job = await world.submit(jobText('v INT', SUM_V));
      expect(await job.done).toMatchObject({ status: 'failed', error: { code: 'schema-mismatch' } });
      await world.shutdown();
    }
    const job = await world.submit(jobText('v INT', SUM_V, SKIP));
    expect(await world.stopAfter(job, 2)).toEqual(['["a","4",15]']);
  });

  it('a wider column reads everything anew', async () => {
    const next = recordSchema([{ name: 'v', type: 'long' }]);
    const ids = [await world.register(recordSchema([INT_V])), await world.register(next)];
    await run('v INT', ids, next, { v: 1n << 40n });
    const text = jobText('v BIGINT', [['BIGINT', 'SUM(v)']]);
    await expect(world.submit(text)).rejects.toMatchObject({ code: 'changed-state' });
    await world.shutdown();
    expect(await world.stopAfter(await world.submit(text, { fresh: true }), 5)).toEqual(['["a","5","1099511627791"]']);
  });
});

describe('records', () => {
  it('of an id that the registry does not know: stop naming place and id, go on once it is registered', async () => {
    const next = recordSchema([
      { name: 'v', type: 'int' },
      { name: 'w', type: 'int', default: 0 },
    ]);
    const first = await world.register(recordSchema([INT_V]));
    await run('v INT', [first, first + 1], next, { v: 16, w: 0 });
    const failed = await (await world.submit(jobText('v INT', SUM_V))).done;
    expect(failed.error).toMatchObject({
      code: 'unknown-schema-id',
      message: expect.stringMatching(/^topic events, partition 0, offset 3: .*schema id 2 is not in/),
    });
    await world.shutdown();
    expect(await world.register(next)).toBe(first + 1);
    expect(await world.stopAfter(await world.submit(jobText('v INT', SUM_V)), 3)).toEqual(['["a","5",31]']);
  });

  it('of an id that nobody knows are skipped and counted where the table says so', async () => {
    const first = await world.register(recordSchema([INT_V]));
    await run('v INT', [first, 4711], recordSchema([INT_V]), { v: 16 });
    const job = await world.submit(jobText('v INT', SUM_V, SKIP));
    expect(await world.stopAfter(job, 2)).toEqual(['["a","4",15]']);
    expect(job.counters.flatMap((task) => Object.entries(task?.named ?? {}))).toContainEqual([
      expect.stringMatching(/\/records_skipped$/),
      1,
    ]);
  });

  it('with a null in a NOT NULL column: named with place and column', async () => {
    const next = recordSchema([{ name: 'v', type: ['null', 'int'] }]);
    const ids = [await world.register(recordSchema([INT_V])), await world.register(next)];
    await run('v INT NOT NULL', ids, next, { v: null });
    const failed = await (await world.submit(jobText('v INT NOT NULL', SUM_V))).done;
    expect(failed.error).toMatchObject({
      code: 'undecodable-record',
      message:
        'topic events, partition 0, offset 3: the record cannot be decoded: ' +
        "field 'v' is null, and the table's column is INT NOT NULL",
    });
  });
});

describe("a reader's schema that does not fit is refused while planning", () => {
  it.each([
    ['no JSON', '{', 'the Avro schema is not JSON'],
    ['no record', '"string"', 'it is string; expected a record'],
    ['no field for a column', recordSchema([]), "it has no field for the column 'v'"],
    ['another type', recordSchema([{ name: 'v', type: 'string' }]), "field 'v' is string, which cannot be read as INT"],
    [
      'a default that cannot be stored',
      recordSchema([INT_V], { name: 'k', type: { type: 'map', values: 'int' }, default: { a: 1 } }),
      "field 'k' is map<int>, which cannot be read as STRING",
    ],
  ])('%s', async (_name, schema, message) => {
    const submitted = world.submit(jobText('v INT', SUM_V, { 'avro-confluent.schema': schema }));
    await expect(submitted).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(`'avro-confluent.schema' does not fit the table: ${message}`),
    });
  });
});
