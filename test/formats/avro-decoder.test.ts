import { describe, expect, it } from 'vitest';
import { BIGINT, DOUBLE, INT, notNull, type Schema, STRING, timestamp } from '../../src/data/types.ts';
import type { Expr } from '../../src/expressions/typed.ts';
import { DecodeError, type DecoderSpec, NeedSchema } from '../../src/formats/contracts.ts';
import { createDecoder } from '../../src/formats/index.ts';
import { framed, referenceType } from './avro-reference.ts';
import { framesOf, rowsOf } from './frames.ts';

const ARRAY_OF_LONG: Schema = [
  { name: 'a', type: { kind: 'ARRAY', element: notNull(BIGINT), nullable: true } },
  { name: 'n', type: INT },
];

function decoderOf(schema: Schema, spec: Partial<DecoderSpec> = {}) {
  const all = schema.map((_, i) => i);
  return createDecoder('avro-confluent', {
    schema,
    columns: all,
    filter: undefined,
    options: {},
    onError: 'fail',
    ...spec,
  });
}

const record = (...fields: readonly (readonly [name: string, type: unknown])[]) =>
  JSON.stringify({ type: 'record', name: 'R', fields: fields.map(([name, type]) => ({ name, type })) });

const body = (...bytes: readonly number[]) => Uint8Array.from([0, 0, 0, 0, 1, ...bytes]);

function reasonOf(schema: Schema, writer: string, value: Uint8Array): string {
  const decoder = decoderOf(schema);
  decoder.addSchema?.(1, writer);
  try {
    decoder.decode(framesOf([value]), 0, 1);
  } catch (error) {
    if (error instanceof DecodeError) return error.reason;
    throw error;
  }
  return 'decoded';
}

describe('avro-confluent', () => {
  const longs = record(['a', { type: 'array', items: 'long' }], ['n', 'int']);

  it('reads arrays in several blocks, with and without their size', () => {
    const decoder = decoderOf(ARRAY_OF_LONG);
    decoder.addSchema?.(1, longs);
    // Block of 2; block of 1 with its size (2 bytes); end; n = 5.
    const value = body(4, 2, 4, 1, 4, 0x80, 0x01, 0, 10);
    expect(rowsOf(decoder.decode(framesOf([value]), 0, 1), ARRAY_OF_LONG)).toEqual([[[1n, 2n, 64n], 5]]);
  });

  it('skips arrays by their size where it is given', () => {
    const decoder = decoderOf(ARRAY_OF_LONG, { columns: [1] });
    decoder.addSchema?.(1, longs);
    const value = body(4, 2, 4, 1, 4, 0x80, 0x01, 0, 10);
    expect(rowsOf(decoder.decode(framesOf([value]), 0, 1), [ARRAY_OF_LONG[1]])).toEqual([[5]]);
  });

  it('skips records that refer to themselves, and reads them as deep as the ROW goes', () => {
    const writer = JSON.stringify({
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'next', type: ['null', 'Node'] },
        { name: 'v', type: 'int' },
      ],
    });
    const inner = { kind: 'ROW', nullable: true, fields: [{ name: 'v', type: INT }] } as const;
    const schema: Schema = [
      { name: 'v', type: INT },
      { name: 'next', type: inner },
    ];
    const type = referenceType(writer);
    const chain = { v: 1, next: { Node: { v: 2, next: { Node: { v: 3, next: null } } } } };
    for (const columns of [[0, 1], [0]]) {
      const decoder = decoderOf(schema, { columns });
      decoder.addSchema?.(1, writer);
      const rows = rowsOf(
        decoder.decode(framesOf([framed(1, type, chain)]), 0, 1),
        columns.map((c) => schema[c]),
      );
      expect(rows).toEqual([columns.length === 2 ? [1, [2]] : [1]]);
    }
  });

  it('refuses a chain deeper than the stack as an undecodable record', () => {
    const writer = JSON.stringify({
      type: 'record',
      name: 'Node',
      fields: [
        { name: 'next', type: ['null', 'Node'] },
        { name: 'v', type: 'int' },
      ],
    });
    const deep = Uint8Array.from([0, 0, 0, 0, 1, ...new Uint8Array(1_000_000).fill(2)]);
    expect(reasonOf([{ name: 'v', type: INT }], writer, deep)).toMatch(/ends before/);
  });

  it('says why a record is undecodable', () => {
    const text: Schema = [{ name: 's', type: STRING }];
    const writer = record(['s', 'string']);
    expect(reasonOf(text, writer, Uint8Array.from([0, 0, 0]))).toBe('the value has 3 bytes, too few for a schema id');
    expect(reasonOf(text, writer, Uint8Array.from([1, 0, 0, 0, 1, 0]))).toBe(
      'unknown data format: the magic byte is 1; expected 0',
    );
    expect(reasonOf(text, writer, body(6, 97))).toMatch(/length reaches past the end/);
    expect(reasonOf(text, writer, body(1))).toMatch(/length reaches past the end/);
    expect(reasonOf(text, writer, body(2, 97, 0))).toMatch(/bytes follow the last field/);
    expect(reasonOf(text, writer, body())).toMatch(/length reaches past the end/);
    expect(reasonOf([{ name: 'd', type: DOUBLE }], record(['d', 'double']), body(1, 2))).toMatch(
      /ends before its last/,
    );
    expect(reasonOf(text, record(['s', ['null', 'string']]), body(4))).toMatch(/outside the union/);
    expect(reasonOf(text, record(['s', { type: 'enum', name: 'E', symbols: ['A'] }]), body(2))).toMatch(
      /outside the enum/,
    );
    expect(reasonOf([{ name: 'i', type: INT }], record(['i', 'int']), body(255, 255, 255, 255, 31))).toMatch(/32 bits/);
    expect(reasonOf([{ name: 'i', type: BIGINT }], record(['i', 'long']), body(...Array(10).fill(255)))).toMatch(
      /64 bits/,
    );
  });

  it('limits claimed counts, also of items that take no bytes', () => {
    const nulls: Schema = [{ name: 'a', type: { kind: 'ARRAY', element: STRING, nullable: true } }];
    const bomb = body(0xfe, 0xff, 0xff, 0xff, 0x0f, 0);
    expect(reasonOf(nulls, record(['a', { type: 'array', items: 'null' }]), bomb)).toMatch(/too many items/);
    expect(reasonOf(nulls, record(['a', { type: 'array', items: 'string' }]), bomb)).toMatch(/more items than/);
    const small = Array.from({ length: 2_000 }, () => [0xc0, 0x84, 0x3d]).flat();
    expect(reasonOf(nulls, record(['a', { type: 'array', items: 'null' }]), body(...small, 0))).toMatch(
      /too many items/,
    );
  });

  it('asks for unknown schemas, then decodes the same range', () => {
    const schema: Schema = [{ name: 's', type: STRING }];
    const decoder = decoderOf(schema, { onError: 'skip' });
    const text = record(['s', 'string']);
    const frames = framesOf([body(9), body(2, 97), Uint8Array.from([0, 0, 0, 0, 9, 2, 98])]);
    decoder.addSchema?.(1, text);
    expect(() => decoder.decode(frames, 0, 3)).toThrow(NeedSchema);
    expect(decoder.skipped).toBe(0);
    decoder.addSchema?.(9, text);
    expect(rowsOf(decoder.decode(frames, 0, 3), schema)).toEqual([['a'], ['b']]);
    expect(decoder.skipped).toBe(1);
  });

  it('reads one column from a string of one writer and an enum of another', () => {
    const schema: Schema = [{ name: 's', type: STRING }];
    const decoder = decoderOf(schema);
    decoder.addSchema?.(1, record(['s', { type: 'enum', name: 'E', symbols: ['VIEW', 'CLICK'] }]));
    expect(rowsOf(decoder.decode(framesOf([body(2)]), 0, 1), schema)).toEqual([['CLICK']]);
    decoder.addSchema?.(9, record(['s', 'string']));
    const mixed = framesOf([body(0), Uint8Array.from([0, 0, 0, 0, 9, 2, 98]), body(2)]);
    expect(rowsOf(decoder.decode(mixed, 0, 3), schema)).toEqual([['VIEW'], ['b'], ['CLICK']]);
  });

  it.each([
    [STRING, 'long', "field 'x' is long, which cannot be read as STRING"],
    [INT, 'long', "field 'x' is long, which cannot be read as INT"],
    [notNull(INT), ['null', 'string'], "field 'x' is string, which cannot be read as INT NOT NULL"],
    [
      timestamp(3),
      { type: 'long', logicalType: 'time-micros' },
      "field 'x' is long (time-micros), which cannot be read as TIMESTAMP(3)",
    ],
    [
      { kind: 'ROW', nullable: true, fields: [{ name: 'y', type: notNull(INT) }] } as const,
      { type: 'record', name: 'I', fields: [] },
      "no field 'x.y', and the table's column is INT NOT NULL",
    ],
  ])('refuses to read %j as %j', (type, writer, message) => {
    const decoder = decoderOf([{ name: 'x', type }]);
    expect(() => decoder.addSchema?.(1, record(['x', writer]))).toThrow(
      expect.objectContaining({ code: 'schema-mismatch', message: expect.stringContaining(message) as string }),
    );
  });

  it('refuses a missing NOT NULL column, texts that are no schemas, and writers that are no records', () => {
    const add = (text: string) => () => decoderOf([{ name: 'x', type: notNull(INT) }]).addSchema?.(1, text);
    expect(add(record(['y', 'int']))).toThrow(expect.objectContaining({ code: 'schema-mismatch' }));
    expect(add('"string"')).toThrow(expect.objectContaining({ code: 'schema-mismatch' }));
    expect(add('{')).toThrow(expect.objectContaining({ code: 'invalid-avro-schema' }));
    expect(add(record(['x', 'nonsense']))).toThrow(expect.objectContaining({ code: 'invalid-avro-schema' }));
  });

  it('takes names and symbols that would be code', () => {
    const nasty = "'];throw 1//";
    const schema: Schema = [
      { name: 'constructor', type: STRING },
      { name: nasty, type: STRING },
    ];
    const decoder = decoderOf(schema);
    decoder.addSchema?.(1, record(['constructor', { type: 'enum', name: 'prototype', symbols: ['eval'] }]));
    expect(rowsOf(decoder.decode(framesOf([body(0)]), 0, 1), schema)).toEqual([['eval', null]]);
  });

  it('applies a filter as a selection', () => {
    const schema: Schema = [
      { name: 'k', type: STRING },
      { name: 'v', type: DOUBLE },
    ];
    const filter: Expr = {
      kind: 'call',
      fn: '>',
      args: [
        { kind: 'input', index: 0, type: DOUBLE },
        { kind: 'literal', value: 1.5, type: notNull(DOUBLE) },
      ],
      type: { kind: 'BOOLEAN', nullable: true },
    };
    const writer = record(['k', 'string'], ['v', 'double']);
    const type = referenceType(writer);
    const decoder = decoderOf(schema, { columns: [1, 0], filter });
    decoder.addSchema?.(1, writer);
    const frames = framesOf([1, 2, 3].map((v) => framed(1, type, { k: `k${v}`, v })));
    const columns = [schema[1], schema[0]];
    expect(rowsOf(decoder.decode(frames, 0, 3), columns)).toEqual([
      [2, 'k2'],
      [3, 'k3'],
    ]);
    expect(decoder.decode(frames, 0, 1).selectedCount).toBe(0);
  });
});
