import { describe, expect, it } from 'vitest';
import { columnFromValues } from '../../src/data/builder.ts';
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
  STRING,
  timestamp,
  timestampLtz,
  TINYINT,
} from '../../src/data/types.ts';
import { compileAvroEncoder, createDecoder, deriveAvroSchema } from '../../src/formats/index.ts';
import { referenceType } from './avro-reference.ts';
import { framesOf, rowsOf } from './frames.ts';

const SCHEMA: Schema = [
  { name: 'b', type: BOOLEAN },
  { name: 't', type: TINYINT },
  { name: 'i', type: notNull(INT) },
  { name: 'l', type: BIGINT },
  { name: 'f', type: FLOAT },
  { name: 'd', type: DOUBLE },
  { name: 's', type: notNull(STRING) },
  { name: 'y', type: BYTES },
  { name: 'small', type: decimal(10, 2) },
  { name: 'large', type: decimal(38, 4) },
  { name: 'day', type: DATE },
  { name: 'clock', type: { kind: 'TIME', precision: 3, nullable: true } },
  { name: 'ts', type: timestamp(3) },
  { name: 'list', type: { kind: 'ARRAY', element: BIGINT, nullable: true } },
  { name: 'map', type: { kind: 'MAP', key: notNull(STRING), value: notNull(INT), nullable: true } },
  { name: 'row', type: { kind: 'ROW', nullable: true, fields: [{ name: 'x', type: INT }] } },
];

const ROWS: readonly (readonly unknown[])[] = [
  [
    true,
    -5,
    2147483647,
    -9223372036854775808n,
    0.5,
    Math.PI,
    'grüße',
    Uint8Array.of(1, 2),
    -12345n,
    10n ** 37n,
    19000,
    1,
    { ms: 1760000000123, nanos: 0 },
    [1n, null],
    [['k', 1]],
    [7],
  ],
  [null, null, -2147483648, null, null, null, '', null, null, null, null, null, null, null, null, null],
  [
    false,
    127,
    0,
    9223372036854775807n,
    -0,
    -0,
    'x'.repeat(3000),
    new Uint8Array(0),
    0n,
    -(10n ** 37n),
    -1,
    86399999,
    { ms: -1, nanos: 0 },
    [],
    [],
    [null],
  ],
];

describe('the Avro encoder', () => {
  it('writes what the decoder and avsc read', () => {
    const encoder = compileAvroEncoder(SCHEMA);
    const type = referenceType(encoder.schemaText);
    const values = ROWS.map((row) => Uint8Array.from(encoder.encode(3, row)));
    const columns = SCHEMA.map((field, i) =>
      columnFromValues(
        field.type,
        ROWS.map((row) => row[i]),
      ),
    );
    const fromColumns = ROWS.map((_, row) => Uint8Array.from(encoder.encodeColumns(3, columns, row)));
    expect(fromColumns).toEqual(values);
    for (const value of values) expect(() => type.fromBuffer(Buffer.from(value.subarray(5)))).not.toThrow();
    const decoder = createDecoder('avro-confluent', {
      schema: SCHEMA,
      columns: SCHEMA.map((_, i) => i),
      filter: undefined,
      options: {},
      onError: 'fail',
    });
    decoder.addSchema?.(3, encoder.schemaText);
    expect(rowsOf(decoder.decode(framesOf(values), 0, 3), SCHEMA)).toEqual(ROWS);
  });

  it('encodes every size of long', () => {
    const schema: Schema = [{ name: 'l', type: notNull(BIGINT) }];
    const encoder = compileAvroEncoder(schema);
    const longs = Array.from({ length: 63 }, (_, k) => [
      1n << BigInt(k),
      (1n << BigInt(k)) - 1n,
      -(1n << BigInt(k)),
    ]).flat();
    const decoder = createDecoder('avro-confluent', {
      schema,
      columns: [0],
      filter: undefined,
      options: {},
      onError: 'fail',
    });
    decoder.addSchema?.(1, encoder.schemaText);
    const frames = framesOf(longs.map((l) => Uint8Array.from(encoder.encode(1, [l]))));
    expect(rowsOf(decoder.decode(frames, 0, frames.count), schema)).toEqual(longs.map((l) => [l]));
    const numbers = longs.filter((l) => BigInt(Number(l)) === l).map(Number);
    const again = framesOf(numbers.map((l) => Uint8Array.from(encoder.encode(1, [l]))));
    expect(rowsOf(decoder.decode(again, 0, again.count), schema)).toEqual(numbers.map((l) => [BigInt(l)]));
  });

  it('refuses NULL for NOT NULL', () => {
    const encoder = compileAvroEncoder([{ name: 'i', type: notNull(INT) }]);
    expect(() => encoder.encode(1, [null])).toThrow("column 'i' is INT NOT NULL and was given NULL");
  });
});

describe('the derived Avro schema', () => {
  it('is the one that Flink derives', () => {
    const row = {
      kind: 'ROW',
      nullable: true,
      fields: [{ name: 'd', type: { kind: 'ROW', nullable: false, fields: [{ name: 'e', type: INT }] } }],
    } as const;
    expect(
      JSON.parse(
        deriveAvroSchema([
          { name: 'a', type: notNull(BIGINT) },
          { name: 'c', type: row },
          { name: 't', type: timestamp(3) },
        ]),
      ),
    ).toEqual({
      type: 'record',
      name: 'record',
      namespace: 'org.apache.flink.avro.generated',
      fields: [
        { name: 'a', type: 'long' },
        {
          name: 'c',
          type: [
            'null',
            {
              type: 'record',
              name: 'record_c',
              fields: [
                {
                  name: 'd',
                  type: {
                    type: 'record',
                    name: 'record_c_d',
                    fields: [{ name: 'e', type: ['null', 'int'], default: null }],
                  },
                },
              ],
            },
          ],
          default: null,
        },
        { name: 't', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }], default: null },
      ],
    });
  });

  it.each([
    [timestampLtz(3), 'Unsupported to derive Schema for type: TIMESTAMP_LTZ(3)'],
    [timestamp(6), 'Avro does not support TIMESTAMP type with precision: 6, it only supports precision less than 3.'],
    [
      { kind: 'MAP', key: INT, value: INT, nullable: true } as const,
      "Avro format doesn't support non-string as key type of map.",
    ],
  ])('refuses %j', (type, message) => {
    expect(() => deriveAvroSchema([{ name: 'x', type }])).toThrow(message);
  });
});
