import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimal,
  DOUBLE,
  FLOAT,
  INT,
  nullable,
  notNull,
  SMALLINT,
  type SqlType,
  STRING,
  timestamp,
  timestampLtz,
  TINYINT,
} from '../../src/data/types.ts';
import type { Random } from './random.ts';

/** Thrown by `convert`: the record must be found undecodable. */
export class Rejected extends Error {}

/** A writer's type for a column: its schema, values as avsc has them, and what the column must then hold. */
export interface Writer {
  readonly json: unknown;
  /** How avsc calls it as a branch of a union. */
  readonly branch: string;
  make(): unknown;
  convert(value: unknown): unknown;
}

export interface RecordWriter extends Writer {
  /** The same as `convert`, of one column. */
  convertField(value: unknown, column: number): unknown;
}

export function randomType(random: Random, depth: number): SqlType {
  const type = bareType(random, depth);
  return random.chance(0.6) ? nullable(type) : notNull(type);
}

function bareType(random: Random, depth: number): SqlType {
  const n = random.below(depth > 0 ? 22 : 17);
  switch (n) {
    case 0:
      return BOOLEAN;
    case 1:
      return TINYINT;
    case 2:
      return SMALLINT;
    case 3:
    case 4:
      return INT;
    case 5:
    case 6:
      return BIGINT;
    case 7:
      return FLOAT;
    case 8:
      return DOUBLE;
    case 9:
    case 10:
      return STRING;
    case 11:
      return BYTES;
    case 12: {
      const precision = 1 + random.below(38);
      return decimal(precision, random.below(precision + 1));
    }
    case 13:
      return DATE;
    case 14:
      return { kind: 'TIME', precision: 3, nullable: true };
    case 15:
      return timestamp(random.pick([0, 3, 4, 6, 9]));
    case 16:
      return timestampLtz(random.pick([3, 6]));
    case 17:
    case 18:
      return { kind: 'ARRAY', element: randomType(random, depth - 1), nullable: true };
    case 19:
      return { kind: 'MAP', key: notNull(STRING), value: randomType(random, depth - 1), nullable: true };
    case 20:
      return { kind: 'MULTISET', element: notNull(STRING), nullable: true };
    default:
      return {
        kind: 'ROW',
        nullable: true,
        fields: Array.from({ length: 1 + random.below(3) }, (_, i) => ({
          name: `g${i}`,
          type: randomType(random, depth - 1),
        })),
      };
  }
}

let names = 0;

/** A random writer's type that the column can read, perhaps in a union, some of whose branches it cannot. */
export function randomWriter(random: Random, type: SqlType): Writer {
  if (type.nullable && random.chance(0.03))
    return { json: 'null', branch: 'null', make: () => null, convert: () => null };
  if (!type.nullable && random.chance(0.8)) return bareWriter(random, type);
  if (random.chance(0.2)) return bareWriter(random, type);
  const branches: Writer[] = [bareWriter(random, type)];
  for (let i = random.below(3); i > 0; i--) addBranch(branches, bareWriter(random, type));
  if (random.chance(0.3)) addBranch(branches, unreadable(random, type));
  if (random.chance(0.85)) {
    addBranch(branches, { json: 'null', branch: 'null', make: () => null, convert: () => nullOf(type) });
  }
  return union(random, random.shuffle(branches));
}

function nullOf(type: SqlType): null {
  if (!type.nullable) throw new Rejected();
  return null;
}

function addBranch(branches: Writer[], branch: Writer): void {
  if (!branches.some((other) => other.branch === branch.branch)) branches.push(branch);
}

/** A branch that the column cannot take. */
function unreadable(random: Random, type: SqlType): Writer {
  if (type.kind === 'VARBINARY') return rejecting('boolean', () => random.chance(0.5));
  const name = `N${names++}`;
  return {
    ...rejecting({ type: 'fixed', name, size: 3 }, () => Buffer.alloc(3, random.below(256))),
    branch: name,
  };
}

function rejecting(json: unknown, make: () => unknown): Writer {
  return {
    json,
    branch: String(json),
    make,
    convert: () => {
      throw new Rejected();
    },
  };
}

function union(random: Random, branches: readonly Writer[]): Writer {
  return {
    json: branches.map((branch) => branch.json),
    branch: 'union',
    make: () => {
      const branch = random.pick(branches);
      return branch.branch === 'null' ? null : { [branch.branch]: branch.make() };
    },
    convert: (value) => {
      const name = value === null ? 'null' : Object.keys(value as object)[0];
      const branch = branches.find((candidate) => candidate.branch === name);
      if (branch === undefined) throw new Error(`no branch ${name}`);
      return branch.convert(value === null ? null : (value as Record<string, unknown>)[name]);
    },
  };
}

function bareWriter(random: Random, type: SqlType): Writer {
  switch (type.kind) {
    case 'BOOLEAN':
      return primitive(
        'boolean',
        () => random.chance(0.5),
        (v) => v,
      );
    case 'TINYINT':
      return ints(random, undefined, (v) => (v << 24) >> 24);
    case 'SMALLINT':
      return ints(random, undefined, (v) => (v << 16) >> 16);
    case 'INT':
      return ints(random, random.pick([undefined, 'date', 'time-millis']), (v) => v);
    case 'DATE':
      return ints(random, random.pick([undefined, 'date']), (v) => v);
    case 'TIME': {
      const make = () => BigInt(random.below(86_400_000_000));
      if (random.chance(0.5)) return longs('time-micros', make, (v) => Number(v / 1000n));
      return ints(random, random.pick([undefined, 'time-millis']), (v) => v);
    }
    case 'BIGINT':
      if (random.chance(0.3)) return ints(random, undefined, (v) => BigInt(v));
      return longs(
        random.pick([undefined, 'timestamp-micros']),
        () => randomLong(random),
        (v) => v,
      );
    case 'FLOAT':
      if (random.chance(0.3)) return ints(random, undefined, (v) => Math.fround(v));
      if (random.chance(0.4)) return longs(undefined, () => randomLong(random), floatOf);
      return primitive(
        'float',
        () => Math.fround(randomDouble(random)),
        (v) => v,
      );
    case 'DOUBLE':
      if (random.chance(0.2)) return ints(random, undefined, (v) => v);
      if (random.chance(0.3)) return longs(undefined, () => randomLong(random), Number);
      if (random.chance(0.2))
        return primitive(
          'float',
          () => Math.fround(randomDouble(random)),
          (v) => v,
        );
      return primitive(
        'double',
        () => randomDouble(random),
        (v) => v,
      );
    case 'VARCHAR':
      if (random.chance(0.25)) return enums(random);
      if (random.chance(0.2))
        return primitive(
          'bytes',
          () => randomBytes(random),
          (v) => (v as Buffer).toString('utf8'),
        );
      return primitive(
        'string',
        () => randomText(random),
        (v) => v,
      );
    case 'VARBINARY':
      if (random.chance(0.25))
        return primitive(
          'string',
          () => randomText(random),
          (v) => plainBytes(Buffer.from(v as string)),
        );
      if (random.chance(0.3)) return fixed(random, random.below(6), plainBytes);
      return primitive(
        'bytes',
        () => randomBytes(random),
        (v) => plainBytes(v as Buffer),
      );
    case 'DECIMAL':
      return decimals(random, type.precision, type.scale, type.nullable);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return timestamps(random, type.precision);
    case 'ARRAY': {
      const element = randomWriter(random, type.element);
      return {
        json: { type: 'array', items: element.json },
        branch: 'array',
        make: () => Array.from({ length: randomLength(random) }, () => element.make()),
        convert: (value) => (value as unknown[]).map((item) => element.convert(item)),
      };
    }
    case 'MAP':
      return maps(random, randomWriter(random, type.value));
    case 'MULTISET':
      return maps(
        random,
        ints(random, undefined, (v) => v),
      );
    case 'ROW':
      return randomRecord(random, type.fields, `R${names++}`);
    default:
      throw new Error(`no writer for ${type.kind}`);
  }
}

/** A record with the fields in any order, some more, and some nullable ones left out. */
export function randomRecord(
  random: Random,
  fields: readonly { readonly name: string; readonly type: SqlType }[],
  name: string,
): RecordWriter {
  const kept = fields.filter((field) => !field.type.nullable || random.chance(0.9));
  const extra = Array.from({ length: random.below(3) }, (_, i) => ({ name: `z${i}`, type: randomType(random, 1) }));
  const members = random.shuffle([...kept, ...extra]).map((field) => ({
    name: field.name,
    writer: randomWriter(random, field.type),
  }));
  const convertField = (value: unknown, column: number): unknown => {
    const { name: field } = fields[column];
    const member = members.find((m) => m.name === field);
    return member === undefined ? null : member.writer.convert((value as Record<string, unknown>)[field]);
  };
  return {
    json: { type: 'record', name, fields: members.map((m) => ({ name: m.name, type: m.writer.json })) },
    branch: name,
    make: () => Object.fromEntries(members.map((m) => [m.name, m.writer.make()])),
    convert: (value) => fields.map((_, column) => convertField(value, column)),
    convertField,
  };
}

function primitive(name: string, make: () => unknown, convert: (value: unknown) => unknown): Writer {
  return { json: name, branch: name, make, convert };
}

function ints(random: Random, logical: string | undefined, convert: (value: number) => unknown): Writer {
  return {
    json: logical === undefined ? 'int' : { type: 'int', logicalType: logical },
    branch: 'int',
    make: () => randomInt(random),
    convert: (value) => convert(value as number),
  };
}

function longs(logical: string | undefined, make: () => bigint, convert: (value: bigint) => unknown): Writer {
  return {
    json: logical === undefined ? 'long' : { type: 'long', logicalType: logical },
    branch: 'long',
    make,
    convert: (value) => convert(value as bigint),
  };
}

function enums(random: Random): Writer {
  const name = `E${names++}`;
  const symbols = ['VIEW', 'CLICK', 'CART', 'PURCHASE', 'OTHER_1', 'OTHER_2'].slice(random.below(4));
  return { json: { type: 'enum', name, symbols }, branch: name, make: () => random.pick(symbols), convert: (v) => v };
}

function fixed(random: Random, size: number, convert: (value: Buffer) => unknown, more: object = {}): Writer {
  const name = `F${names++}`;
  return {
    json: { type: 'fixed', name, size, ...more },
    branch: name,
    make: () => Buffer.from(Array.from({ length: size }, () => random.below(256))),
    convert: (value) => convert(value as Buffer),
  };
}

function decimals(random: Random, precision: number, scale: number, canBeNull: boolean): Writer {
  const logical = { logicalType: 'decimal', precision, scale };
  const convert = (value: Buffer) => {
    const unscaled = BigInt.asIntN(8 * value.length, BigInt(`0x${value.toString('hex')}`));
    const limit = 10n ** BigInt(precision);
    if (unscaled < limit && unscaled > -limit) return unscaled;
    if (!canBeNull) throw new Rejected();
    return null;
  };
  const make = () => {
    const limit = 10n ** BigInt(precision);
    const edge = random.pick([limit, limit - 1n, 0n, limit / 3n, -limit, 1n - limit, -1n, -limit / 7n]);
    return edge;
  };
  const bytesOf = (unscaled: bigint, size: number) =>
    Buffer.from(
      BigInt.asUintN(8 * size, unscaled)
        .toString(16)
        .padStart(2 * size, '0'),
      'hex',
    );
  // 17 bytes hold 10^38.
  if (random.chance(0.4)) return { ...fixed(random, 17, convert, logical), make: () => bytesOf(make(), 17) };
  return {
    json: { type: 'bytes', ...logical },
    branch: 'bytes',
    make: () => {
      const unscaled = make();
      let size = 1;
      while (BigInt.asIntN(8 * size, unscaled) !== unscaled) size++;
      return bytesOf(unscaled, size + random.below(2));
    },
    convert: (value) => convert(value as Buffer),
  };
}

function timestamps(random: Random, precision: number): Writer {
  const [logical, perMilli] = random.pick([
    [undefined, 1n],
    ['timestamp-millis', 1n],
    ['local-timestamp-millis', 1n],
    ['timestamp-micros', 1000n],
    ['local-timestamp-micros', 1000n],
    ['timestamp-nanos', 1000000n],
  ] as const);
  const make = () =>
    random.chance(0.3)
      ? randomLong(random)
      : BigInt(1_760_000_000_000 + random.below(1e9)) * perMilli + BigInt(random.below(1000));
  return longs(logical, make, (value) => {
    const rest = ((value % perMilli) + perMilli) % perMilli;
    const ms = (value - rest) / perMilli;
    if (ms > BigInt(Number.MAX_SAFE_INTEGER) || ms < -BigInt(Number.MAX_SAFE_INTEGER)) throw new Rejected();
    const nanos = Number(rest * (1_000_000n / perMilli));
    return { ms: Number(ms), nanos: precision <= 3 ? 0 : nanos - (nanos % 10 ** (9 - precision)) };
  });
}

function maps(random: Random, values: Writer): Writer {
  return {
    json: { type: 'map', values: values.json },
    branch: 'map',
    make: () => Object.fromEntries(Array.from({ length: randomLength(random) }, (_, i) => [`k${i}é`, values.make()])),
    convert: (value) => Object.entries(value as object).map(([key, item]) => [key, values.convert(item)]),
  };
}

function randomLength(random: Random): number {
  return random.pick([0, 0, 1, 2, 3, random.chance(0.05) ? 100 : 4]);
}

function randomInt(random: Random): number {
  if (random.chance(0.5)) return random.below(200) - 100;
  return (2 ** random.below(32) * random.pick([1, -1]) + random.pick([-1, 0, 1])) | 0;
}

function randomLong(random: Random): bigint {
  if (random.chance(0.3)) return BigInt(random.below(200) - 100);
  // Around the middle of two FLOATs.
  if (random.chance(0.2)) {
    const middle = BigInt(2 ** 23 + random.below(2 ** 23)) * 2n + 1n;
    const near = (middle << BigInt(5 + random.below(33))) + random.pick([-1n, 0n, 1n]);
    return random.chance(0.5) ? near : -near;
  }
  const power = 1n << BigInt(random.below(64));
  const noise = random.chance(0.5) ? BigInt(random.below(2 ** 32)) : random.pick([-1n, 0n, 1n]);
  return BigInt.asIntN(64, (random.chance(0.5) ? power : -power) + noise);
}

function randomDouble(random: Random): number {
  return random.pick([
    0,
    -0,
    1.5,
    -2.25,
    NaN,
    Infinity,
    -Infinity,
    random.next() * 1e6,
    -random.next() * 1e-300,
    1e308,
  ]);
}

function randomText(random: Random): string {
  if (random.chance(0.02)) return 'long '.repeat(50 + random.below(4000));
  return random.pick(['', 'a', 'user_0000042', 'grüße', '日本', '😀x', 'x'.repeat(random.below(200))]);
}

function randomBytes(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.below(9) }, () => random.below(256)));
}

const plainBytes = (value: Buffer): Uint8Array => Uint8Array.from(value);

/** The nearest FLOAT, ties to even. */
function floatOf(value: bigint): number {
  const size = value < 0n ? -value : value;
  const extra = size.toString(2).length - 24;
  if (extra <= 0) return Number(value);
  const shift = BigInt(extra);
  const kept = size >> shift;
  const rest = size - (kept << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (kept & 1n) === 1n) ? 1n : 0n;
  return Number((kept + up) << shift) * (value < 0n ? -1 : 1);
}
