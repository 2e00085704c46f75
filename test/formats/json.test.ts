import { describe, expect, it } from 'vitest';
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  notNull,
  type Schema,
  type SqlType,
  STRING,
  timestamp,
  timestampLtz,
  TINYINT,
} from '../../src/data/types.ts';
import { DecodeError, type DecoderSpec } from '../../src/formats/contracts.ts';
import { createDecoder, formatDescriptors } from '../../src/formats/index.ts';
import { framesOf, rowsOf } from './frames.ts';
import { Random } from './random.ts';

function decode(schema: Schema, texts: readonly (string | Uint8Array | null)[], spec: Partial<DecoderSpec> = {}) {
  const columns = spec.columns ?? schema.map((_, i) => i);
  const decoder = createDecoder('json', { schema, columns, filter: undefined, options: {}, onError: 'fail', ...spec });
  const values = texts.map((text) => (typeof text === 'string' ? Buffer.from(text) : text));
  const rows = rowsOf(
    decoder.decode(framesOf(values, 0x20), 0, values.length),
    columns.map((c) => schema[c]),
  );
  return { rows, skipped: decoder.skipped };
}

const one = (type: SqlType, json: string, spec: Partial<DecoderSpec> = {}) =>
  decode([{ name: 'x', type }], [`{"x": ${json}}`], spec).rows[0]?.[0];

function reasonOf(schema: Schema, text: string, spec: Partial<DecoderSpec> = {}): string {
  try {
    decode(schema, [text], spec);
  } catch (error) {
    if (error instanceof DecodeError) return error.reason;
    throw error;
  }
  return 'decoded';
}

describe('json', () => {
  it.each<[SqlType, string, unknown]>([
    [BOOLEAN, 'true', true],
    [BOOLEAN, '"yes"', false],
    [BOOLEAN, '"TRUE"', true],
    [BOOLEAN, '1', false],
    [INT, '1.7', 1],
    [INT, '" 7 "', 7],
    [INT, '-0', 0],
    [INT, '1e3', 1000],
    [TINYINT, '-128', -128],
    [BIGINT, '9223372036854775807', 9223372036854775807n],
    [BIGINT, '-9007199254740993', -9007199254740993n],
    [BIGINT, '"9007199254740993"', 9007199254740993n],
    [FLOAT, '0.1', Math.fround(0.1)],
    [DOUBLE, '"1e5"', 100000],
    [DOUBLE, '"NaN"', NaN],
    [decimal(10, 2), '1.005', 101n],
    [decimal(10, 2), '-1.005', -101n],
    [decimal(10, 2), '"1E+2"', 10000n],
    [decimal(3, 2), '12.3', null],
    [decimal(3, 2), '9.999', null],
    [decimal(38, 0), '99999999999999999999999999999999999999', 10n ** 38n - 1n],
    [decimal(38, 0), '1e999999999', null],
    [decimal(38, 2), '1e-999999999', 0n],
    [STRING, '"a\\u00e9\\n\\ud83d\\ude00"', 'aé\n😀'],
    [STRING, '1.10', '1.10'],
    [STRING, 'true', 'true'],
    [STRING, '{"a" : [1, 2.50, "x\\ty"], "b": {}}', '{"a":[1,2.50,"x\\ty"],"b":{}}'],
    [BYTES, '"AQI="', Uint8Array.of(1, 2)],
    [DATE, '"2024-02-29"', 19782],
    [DATE, '"1969-12-31"', -1],
    [DATE, '"-0001-01-01"', -719893],
    [DATE, '"0000-03-01"', -719468],
    [{ kind: 'TIME', precision: 0, nullable: true }, '"12:34:56.789"', 45296000],
    [timestamp(3), '"2024-02-29 12:34:56.789"', { ms: Date.UTC(2024, 1, 29, 12, 34, 56, 789), nanos: 0 }],
    [timestamp(9), '"1969-12-31 23:59:59.123456789"', { ms: -877, nanos: 456789 }],
    [timestampLtz(3), '"2024-02-29 12:34:56Z"', { ms: Date.UTC(2024, 1, 29, 12, 34, 56), nanos: 0 }],
    [{ kind: 'ARRAY', element: INT, nullable: true }, '[1, null, "3"]', [1, null, 3]],
    [
      { kind: 'MAP', key: notNull(STRING), value: INT, nullable: true },
      '{"a": 1, "b": null}',
      [
        ['a', 1],
        ['b', null],
      ],
    ],
    [{ kind: 'MULTISET', element: notNull(STRING), nullable: true }, '{"a": 2}', [['a', 2]]],
    [
      {
        kind: 'ROW',
        nullable: true,
        fields: [
          { name: 'p', type: INT },
          { name: 'q', type: STRING },
        ],
      },
      '{"q": "z", "r": 1}',
      [null, 'z'],
    ],
    [STRING, 'null', null],
  ])('reads %j from %s', (type, json, expected) => {
    expect(one(type, json)).toEqual(expected);
  });

  it.each<[SqlType, string]>([
    [INT, '2147483648'],
    [INT, '"1.5"'],
    [INT, '{}'],
    [TINYINT, '200'],
    [BIGINT, '9223372036854775808'],
    [DATE, '"2023-02-29"'],
    [DATE, '19782'],
    [DATE, '"2024-1x-01"'],
    [DATE, '"2024-13-01"'],
    [timestamp(3), '"2024-02-29 12:34:56.1234567890"'],
    [timestamp(3), '"2024-02-29 24:00:00"'],
    [timestamp(3), '"2024-02-29 12:34:5"'],
    [timestamp(3), '1760000000000'],
    [timestamp(3), '"2024-02-29T12:34:56"'],
    [timestampLtz(3), '"2024-02-29 12:34:56"'],
    [BYTES, '"*"'],
    [{ kind: 'ARRAY', element: INT, nullable: true }, '[1, "x"]'],
    [notNull(INT), 'null'],
  ])('refuses %j from %s, or makes it NULL when errors are ignored', (type, json) => {
    const text = `{"x": ${json}, "y": 1}`;
    const schema: Schema = [
      { name: 'x', type },
      { name: 'y', type: INT },
    ];
    expect(reasonOf(schema, text)).toContain(`Failed to deserialize JSON '${text}'. Fail to deserialize at field: x.`);
    const ignoring = decode(schema, [text], { onError: 'skip', options: { 'json.ignore-parse-errors': 'true' } });
    if (!type.nullable) expect(ignoring).toEqual({ rows: [], skipped: 1 });
    else expect(ignoring).toEqual({ rows: [[type.kind === 'ARRAY' ? [1, null] : null, 1]], skipped: 0 });
  });

  const pair: Schema = [
    { name: 'a', type: INT },
    { name: 'b', type: STRING },
  ];

  it('takes arrays of objects, tombstones, empty records and what follows the first value', () => {
    const texts = ['[{"a":1},{"b":"x"}]', null, '', ' \n', '{"a":3}{"a":4}', '[]'];
    expect(decode(pair, texts).rows).toEqual([
      [1, null],
      [null, 'x'],
      [3, null],
    ]);
  });

  it('makes more rows than records where arrays hold them', () => {
    const many = `[${Array.from({ length: 1000 }, (_, i) => `{"a":${i},"b":"v${i}"}`).join(',')}]`;
    const { rows } = decode(pair, [many, many]);
    expect(rows.length).toBe(2000);
    expect(rows[1999]).toEqual([999, 'v999']);
  });

  it('knows names exactly, escaped too; a field that comes twice counts with its last value', () => {
    const lists: Schema = [
      { name: 'a', type: { kind: 'ARRAY', element: STRING, nullable: true } },
      { name: 'B', type: INT },
      { name: 'c', type: INT },
    ];
    const texts = ['{"a":["x",null],"a":["y"],"b":1}', '{"\\u0061":["z"],"a":null}', '{"a":null,"a":["w"]}'];
    expect(decode(lists, texts).rows).toEqual([
      [['y'], null, null],
      [null, null, null],
      [['w'], null, null],
    ]);
  });

  it('does not look at fields that are not used', () => {
    expect(decode(pair, ['{"a":"bad","b":"x"}'], { columns: [1] }).rows).toEqual([['x']]);
  });

  it.each([
    '{"a":1',
    '{"a":01}',
    '{"a":1,}',
    '{a:1}',
    '{"a":tru}',
    '"x"',
    '5',
    '[1]',
    '{"b":"\u0001"}',
    '{"b":"\\x"}',
    `{"b":${'['.repeat(2000)}`,
    '{"a":-}',
    '{"a":1.}',
  ])('refuses %s', (text) => {
    expect(reasonOf(pair, text)).toContain('Failed to deserialize JSON');
    const good = '{"a":1,"b":"ok"}';
    expect(decode(pair, [good, text, good], { onError: 'skip' })).toEqual({
      rows: [
        [1, 'ok'],
        [1, 'ok'],
      ],
      skipped: 1,
    });
  });

  it('refuses text that is not UTF-8', () => {
    expect(() => decode(pair, [Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)])).toThrow(DecodeError);
  });

  it('has the options that its descriptor lists', () => {
    expect(reasonOf(pair, '{"a":1}', { options: { 'json.fail-on-missing-field': 'true' } })).toContain(
      'Some field is missing in the JSON data.',
    );
    expect(
      one(timestamp(3), '"2024-02-29T12:34:56"', { options: { 'json.timestamp-format.standard': 'ISO-8601' } }),
    ).toEqual({ ms: Date.UTC(2024, 1, 29, 12, 34, 56), nanos: 0 });
    const both = { 'json.fail-on-missing-field': 'true', 'json.ignore-parse-errors': 'true' };
    expect(() => decode(pair, [], { options: both })).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    const validate = formatDescriptors.get('json')?.options['timestamp-format.standard'].validate;
    expect(() => validate?.('RFC')).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() =>
      createDecoder('xml', { schema: pair, columns: [0], filter: undefined, options: {}, onError: 'fail' }),
    ).toThrow(expect.objectContaining({ code: 'unknown-format' }));
  });

  const SEED = 4711;
  it(`accepts exactly what JSON.parse accepts, mutated or not (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const schema: Schema = [{ name: 'a', type: STRING }];
    const alphabet = '{}[]":,\\u0eE+-.1a tfnl\n';
    let valid = 0;
    for (let i = 0; i < 20_000; i++) {
      const base = random.pick([
        '{"a":[1,-2.5e+3,{"b":"x\\u0041"}]}',
        '{"a":{"t":true,"n":null},"z":0.1}',
        '{"a":"\\"\\\\","y":[]}',
      ]);
      const at = random.below(base.length);
      const text = random.chance(0.1)
        ? base
        : base.slice(0, at) + random.pick([...alphabet]) + base.slice(at + random.below(2));
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        // What follows the first value does not count, so a good prefix may pass.
        continue;
      }
      // Of a field that comes twice, Flink's parser takes the first once it has seen enough.
      if (text.split('"a":').length > 2) continue;
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) continue;
      valid++;
      const a = (parsed as { a?: unknown }).a ?? null;
      const got = decode(schema, [text]).rows[0][0];
      if (a === null) expect(got).toBe(null);
      else if (typeof a === 'object') expect(JSON.parse(got as string), text).toEqual(a);
      else if (typeof a === 'string') expect(got).toBe(a);
    }
    expect(valid).toBeGreaterThan(2_000);
  });
});
