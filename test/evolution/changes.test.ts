import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Field, jobText, recordSchema, World } from './world.ts';

interface Change {
  readonly name: string;
  /** Columns of the table after `k STRING`. */
  readonly columns: string;
  /** Fields of both writers, and a value of each. */
  readonly before: readonly [fields: readonly Field[], value: object];
  readonly after: readonly [fields: readonly Field[], value: object];
  /** Fields that the options give the reader; its schema has `k` too. */
  readonly reader?: readonly Field[];
  /** Type and expression, and the value over one record of each writer: as if both were of the newer one. */
  readonly sees: readonly (readonly [type: string, expression: string, value: unknown])[];
}

const INT_V: Field = { name: 'v', type: 'int' };
const LONG_BASED = (logicalType: string): unknown => ({ type: 'long', logicalType });
const DECIMAL = (precision: number): unknown => ({ type: 'bytes', logicalType: 'decimal', precision, scale: 2 });
const ENUM = (...symbols: string[]): unknown => ({ type: 'enum', name: 'Kind', symbols });
const ADDRESS = (...fields: Field[]): Field => ({ name: 'a', type: { type: 'record', name: 'Address', fields } });
const CITY: Field = { name: 'city', type: 'string' };
const ZIP: Field = { name: 'zip', type: 'int' };
const NAMES = ['STRING', "LISTAGG(COALESCE(s, '-'))"] as const;
const SUM = (type = 'INT'): readonly [string, string] => [type, 'SUM(v)'];

const CHANGES: readonly Change[] = [
  {
    name: 'a field is added: NULL before, as the derived reader has it',
    columns: 'v INT, s STRING',
    before: [[INT_V], { v: 1 }],
    after: [[INT_V, { name: 's', type: 'string', default: 'x' }], { v: 2, s: 'new' }],
    sees: [
      [...SUM(), 3],
      [...NAMES, '-,new'],
    ],
  },
  {
    name: "a field is added: the default of the reader's schema before",
    columns: 'v INT, s STRING NOT NULL, w BIGINT, d DOUBLE, b BOOLEAN',
    before: [[INT_V], { v: 1 }],
    after: [
      [
        INT_V,
        { name: 's', type: 'string' },
        { name: 'w', type: 'long' },
        { name: 'd', type: 'double' },
        { name: 'b', type: 'boolean' },
      ],
      { v: 2, s: 'new', w: 5n, d: 0.25, b: false },
    ],
    reader: [
      INT_V,
      { name: 's', type: 'string', default: 'dëfault' },
      { name: 'w', type: 'long', default: -7_000_000_000 },
      { name: 'd', type: 'double', default: 1.5 },
      { name: 'b', type: 'boolean', default: true },
    ],
    sees: [
      [...NAMES, 'dëfault,new'],
      ['BIGINT', 'SUM(w)', '-6999999995'],
      ['DOUBLE', 'SUM(d)', 1.75],
      ['BIGINT', 'COUNT(*) FILTER (WHERE b)', '1'],
    ],
  },
  {
    name: 'defaults of logical types, nested records and empty arrays',
    columns: 'v INT, t TIMESTAMP(3), p DECIMAL(10, 2), a ROW<city STRING, zip INT>, l ARRAY<INT>',
    before: [[INT_V], { v: 1 }],
    after: [
      [
        INT_V,
        { name: 't', type: LONG_BASED('timestamp-millis') },
        { name: 'p', type: DECIMAL(10) },
        ADDRESS(CITY, ZIP),
      ],
      { v: 2, t: 2000n, p: Buffer.from([1, 0]), a: { city: 'Rome', zip: 5 } },
    ],
    reader: [
      INT_V,
      { name: 't', type: LONG_BASED('timestamp-micros'), default: 1_000_000 },
      { name: 'p', type: DECIMAL(10), default: '\u00ff\u0001' },
      { ...ADDRESS(CITY, { ...ZIP, default: 7 }), default: { city: 'Oslo' } },
      { name: 'l', type: { type: 'array', items: 'int' }, default: [] },
    ],
    sees: [
      ['STRING', 'LISTAGG(CAST(t AS STRING))', '1970-01-01 00:00:01.000,1970-01-01 00:00:02.000'],
      ['DECIMAL(38, 2)', 'SUM(p)', '1'],
      ['STRING', 'LISTAGG(a.city)', 'Oslo,Rome'],
      ['INT', 'SUM(a.zip)', 12],
      ['INT', 'SUM(CARDINALITY(l))', 0],
    ],
  },
  {
    name: 'a field is removed: NULL after',
    columns: 'v INT, s STRING',
    before: [[INT_V, { name: 's', type: 'string' }], { v: 1, s: 'old' }],
    after: [[INT_V], { v: 2 }],
    sees: [
      [...SUM(), 3],
      [...NAMES, 'old,-'],
    ],
  },
  {
    name: 'a field that no column reads is removed',
    columns: 'v INT',
    before: [[{ name: 'gone', type: { type: 'array', items: 'string' } }, INT_V], { gone: ['a', 'b'], v: 1 }],
    after: [[INT_V], { v: 2 }],
    sees: [[...SUM(), 3]],
  },
  ...(
    [
      ['int', 'long', 'BIGINT', 3n, '4'],
      ['int', 'float', 'FLOAT', 3.5, 4.5],
      ['int', 'double', 'DOUBLE', 3.25, 4.25],
      ['long', 'float', 'FLOAT', 0.5, 1.5],
      ['long', 'double', 'DOUBLE', 0.25, 1.25],
      ['float', 'double', 'DOUBLE', 0.1, 1.1],
    ] as const
  ).map(([from, to, type, value, sum]): Change => ({
    name: `${from} is widened to ${to}`,
    columns: `v ${type}`,
    before: [[{ name: 'v', type: from }], { v: from === 'long' ? 1n : 1 }],
    after: [[{ name: 'v', type: to }], { v: value }],
    sees: [[...SUM(type), sum]],
  })),
  {
    name: 'fields change places',
    columns: 'v INT, s STRING, w INT',
    before: [[INT_V, { name: 's', type: 'string' }, { name: 'w', type: 'int' }], { v: 1, s: 'a', w: 10 }],
    after: [[{ name: 'w', type: 'int' }, { name: 's', type: 'string' }, INT_V], { v: 2, s: 'b', w: 20 }],
    sees: [
      [...SUM(), 3],
      [...NAMES, 'a,b'],
      ['INT', 'SUM(w)', 30],
    ],
  },
  {
    name: 'an enum gets a symbol in front of the others',
    columns: 's STRING',
    before: [[{ name: 's', type: ENUM('VIEW', 'BUY') }], { s: 'BUY' }],
    after: [[{ name: 's', type: ENUM('SEARCH', 'VIEW', 'BUY') }], { s: 'SEARCH' }],
    sees: [[...NAMES, 'BUY,SEARCH']],
  },
  {
    name: 'an enum becomes a string',
    columns: 's STRING',
    before: [[{ name: 's', type: ENUM('VIEW', 'BUY') }], { s: 'BUY' }],
    after: [[{ name: 's', type: 'string' }], { s: 'anything' }],
    sees: [[...NAMES, 'BUY,anything']],
  },
  {
    name: 'a field is renamed, and the new writer names the old one as an alias',
    columns: 's STRING',
    before: [[{ name: 's', type: 'string' }], { s: 'old' }],
    after: [[{ name: 'title', type: 'string', aliases: ['s'] }], { title: 'new' }],
    sees: [[...NAMES, 'old,new']],
  },
  {
    name: "a field is renamed, the table has the new name and the reader's schema the old one as an alias",
    columns: 's STRING',
    before: [[{ name: 'old_name', type: 'string' }], { old_name: 'old' }],
    after: [[{ name: 's', type: 'string' }], { s: 'new' }],
    reader: [{ name: 's', type: 'string', aliases: ['old_name'] }],
    sees: [[...NAMES, 'old,new']],
  },
  {
    name: 'a field that is another column is not taken for its alias',
    columns: 's STRING, title STRING',
    before: [[{ name: 's', type: 'string' }], { s: 'old' }],
    after: [[{ name: 'title', type: 'string', aliases: ['s'] }], { title: 'new' }],
    sees: [[...NAMES, 'old,-']],
  },
  {
    name: 'a field becomes nullable',
    columns: 's STRING, v INT',
    before: [[{ name: 's', type: 'string' }, INT_V], { s: 'a', v: 1 }],
    after: [
      [
        { name: 's', type: ['null', 'string'], default: null },
        { name: 'v', type: ['null', 'int'] },
      ],
      { s: null, v: { int: 2 } },
    ],
    sees: [
      [...NAMES, 'a,-'],
      [...SUM(), 3],
    ],
  },
  {
    name: 'a field is not nullable any more',
    columns: 's STRING',
    before: [[{ name: 's', type: ['null', 'string'] }], { s: null }],
    after: [[{ name: 's', type: 'string' }], { s: 'b' }],
    sees: [[...NAMES, '-,b']],
  },
  {
    name: 'the order of a union changes',
    columns: 's STRING',
    before: [[{ name: 's', type: ['null', 'string'] }], { s: { string: 'a' } }],
    after: [[{ name: 's', type: ['string', 'null'] }], { s: { string: 'b' } }],
    sees: [[...NAMES, 'a,b']],
  },
  {
    name: 'a nested record gets fields, loses some and changes their order',
    columns: 'a ROW<city STRING, zip INT, country STRING>',
    before: [[ADDRESS(ZIP, { name: 'street', type: 'string' }, CITY)], { a: { zip: 1, street: 'x', city: 'Oslo' } }],
    after: [[ADDRESS(CITY, { name: 'country', type: 'string' }, ZIP)], { a: { city: 'Rome', country: 'IT', zip: 2 } }],
    sees: [
      ['STRING', 'LISTAGG(a.city)', 'Oslo,Rome'],
      ['INT', 'SUM(a.zip)', 3],
      ['STRING', "LISTAGG(COALESCE(a.country, '-'))", '-,IT'],
    ],
  },
  {
    name: 'a nested field is renamed with an alias and widened',
    columns: 'a ROW<city STRING, zip BIGINT>',
    before: [[ADDRESS(CITY, ZIP)], { a: { city: 'Oslo', zip: 1 } }],
    after: [
      [ADDRESS({ name: 'town', type: 'string', aliases: ['city'] }, { name: 'zip', type: 'long' })],
      { a: { town: 'Rome', zip: 2n } },
    ],
    sees: [
      ['STRING', 'LISTAGG(a.city)', 'Oslo,Rome'],
      ['BIGINT', 'SUM(a.zip)', '3'],
    ],
  },
  {
    name: 'milliseconds become microseconds',
    columns: 't TIMESTAMP(3)',
    before: [[{ name: 't', type: LONG_BASED('timestamp-millis') }], { t: 1000n }],
    after: [[{ name: 't', type: LONG_BASED('timestamp-micros') }], { t: 2_000_000n }],
    sees: [['STRING', 'LISTAGG(CAST(t AS STRING))', '1970-01-01 00:00:01.000,1970-01-01 00:00:02.000']],
  },
  {
    name: 'a plain int becomes a date',
    columns: 'd DATE',
    before: [[{ name: 'd', type: 'int' }], { d: 1 }],
    after: [[{ name: 'd', type: { type: 'int', logicalType: 'date' } }], { d: 2 }],
    sees: [['STRING', 'LISTAGG(CAST(d AS STRING))', '1970-01-02,1970-01-03']],
  },
  {
    name: 'a decimal gets more digits, and becomes fixed',
    columns: 'p DECIMAL(10, 2)',
    before: [[{ name: 'p', type: DECIMAL(6) }], { p: Buffer.from([1]) }],
    after: [
      [{ name: 'p', type: { type: 'fixed', name: 'Price', size: 5, logicalType: 'decimal', precision: 10, scale: 2 } }],
      { p: Buffer.from([0, 0, 0, 1, 0]) },
    ],
    sees: [['DECIMAL(38, 2)', 'SUM(p)', '257']],
  },
  {
    name: 'a string becomes bytes',
    columns: 's STRING',
    before: [[{ name: 's', type: 'string' }], { s: 'a' }],
    after: [[{ name: 's', type: 'bytes' }], { s: Buffer.from('ü') }],
    sees: [[...NAMES, 'a,ü']],
  },
  {
    name: 'bytes become a string',
    columns: 's STRING',
    before: [[{ name: 's', type: 'bytes' }], { s: Buffer.from('ü') }],
    after: [[{ name: 's', type: 'string' }], { s: 'b' }],
    sees: [[...NAMES, 'ü,b']],
  },
];

let world: World;
beforeEach(() => (world = new World()));
afterEach(() => world.remove());

function textOf({ columns, sees, reader }: Change): string {
  const options: Record<string, string> = reader === undefined ? {} : { 'avro-confluent.schema': recordSchema(reader) };
  return jobText(
    columns,
    sees.map(([type, expression]) => [type, expression]),
    options,
  );
}

describe.each(CHANGES)('$name', (change) => {
  const [old, next] = [recordSchema(change.before[0]), recordSchema(change.after[0])];
  const expected = (key: string, n: number, values: readonly unknown[]): string =>
    JSON.stringify([key, String(n), ...values]);

  it('in one record batch, and with a restart between the writers', async () => {
    const ids = [await world.register(old), await world.register(next)];
    const first = (k: string) => [ids[0], old, { k, ...change.before[1] }] as const;
    const second = (k: string) => [ids[1], next, { k, ...change.after[1] }] as const;
    // The state of `apart` goes through a checkpoint between its two records.
    world.append([first('together'), second('together'), first('apart')]);
    const before = await world.submit(textOf(change));
    await world.stopAfter(before, 3);
    expect(before.error).toBeUndefined();

    world.append([second('apart'), first('after'), second('after')]);
    const job = await world.submit(textOf(change));
    const values = change.sees.map(([, , value]) => value);
    expect(await world.stopAfter(job, 3)).toEqual(
      ['after', 'apart', 'together'].map((key) => expected(key, 2, values)),
    );
  });
});
