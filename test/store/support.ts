import {
  type Batch,
  DELETE,
  INSERT,
  makeBatch,
  UPDATE_AFTER,
  UPDATE_BEFORE,
  withSelection,
} from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import type { Column } from '../../src/data/column.ts';
import { formatChangelogValue } from '../../src/data/json-value.ts';
import { readValue } from '../../src/data/read.ts';
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
  SMALLINT,
  type SqlType,
  STRING,
  timestamp,
  timestampLtz,
  TINYINT,
} from '../../src/data/types.ts';

/** Every layout, nullable and not; the key has two columns, not the first ones. */
export const WIDE: Schema = [
  { name: 'flag', type: BOOLEAN },
  { name: 'user', type: notNull(STRING) },
  { name: 'tiny', type: TINYINT },
  { name: 'small', type: SMALLINT },
  { name: 'number', type: notNull(BIGINT) },
  { name: 'count', type: INT },
  { name: 'total', type: BIGINT },
  { name: 'ratio', type: FLOAT },
  { name: 'mean', type: notNull(DOUBLE) },
  { name: 'day', type: DATE },
  { name: 'text', type: STRING },
  { name: 'raw', type: BYTES },
  { name: 'price', type: decimal(10, 2) },
  { name: 'wide', type: decimal(30, 5) },
  { name: 'at', type: timestamp(3) },
  { name: 'exact', type: timestampLtz(9) },
  { name: 'tags', type: { kind: 'ARRAY', element: STRING, nullable: true } },
  { name: 'counts', type: { kind: 'MAP', key: notNull(STRING), value: INT, nullable: true } },
  {
    name: 'pair',
    type: {
      kind: 'ROW',
      fields: [
        { name: 'a', type: INT },
        { name: 'b', type: STRING },
      ],
      nullable: true,
    },
  },
];
export const WIDE_KEY = [1, 4];

export type Random = () => number;

/** mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const WORDS = [
  '',
  'a',
  'café',
  'x:y',
  '100%',
  'snow \u2603',
  '\u{1f600}',
  'a somewhat longer text, over sixty-four bytes of it, to leave the short path',
];

/** A plain value (data/read.ts); NULL one time in five where the type allows it. */
export function randomValue(random: Random, type: SqlType): unknown {
  if (type.nullable && random() < 0.2) return null;
  switch (type.kind) {
    case 'BOOLEAN':
      return random() < 0.5;
    case 'TINYINT':
      return below(random, 256) - 128;
    case 'SMALLINT':
      return below(random, 65536) - 32768;
    case 'INT':
      return below(random, 2 ** 32) - 2 ** 31;
    case 'DATE':
      return below(random, 40000) - 10000;
    case 'BIGINT':
      return BigInt.asIntN(64, (BigInt(below(random, 2 ** 32)) << 32n) | BigInt(below(random, 2 ** 32)));
    case 'FLOAT':
      return Math.fround(random() * 1e6);
    case 'DOUBLE':
      return [random(), -random() * 1e300, NaN, Infinity, 0][below(random, 5)];
    case 'DECIMAL':
      return BigInt(below(random, 2 ** 31)) * (type.precision > 18 ? 10n ** 15n : 1n) - 10n;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { ms: below(random, 4e12) - 1e12, nanos: type.precision > 3 ? below(random, 1e6) : 0 };
    case 'VARCHAR':
      return WORDS[below(random, WORDS.length)];
    case 'VARBINARY':
      return Uint8Array.from({ length: below(random, 9) }, () => below(random, 256));
    case 'ARRAY':
      return Array.from({ length: below(random, 4) }, () => randomValue(random, type.element));
    case 'MAP':
      return WORDS.slice(0, below(random, 4)).map((word) => [word, randomValue(random, type.value)]);
    case 'ROW':
      return type.fields.map((field) => randomValue(random, field.type));
    default:
      throw new Error(`no random ${type.kind}`);
  }
}

export type PlainRow = readonly unknown[];

/** A row whose key is one of `keys` (of WIDE). */
export function randomRow(random: Random, keys: number): PlainRow {
  const key = below(random, keys);
  return WIDE.map(({ type }, i) => {
    if (i === 1) return `${WORDS[key % WORDS.length]}${key >> 3}`;
    return i === 4 ? BigInt(key) : randomValue(random, type);
  });
}

export function columnsOf(schema: Schema, rows: readonly PlainRow[]): Column[] {
  return schema.map(({ type }, i) =>
    columnFromValues(
      type,
      rows.map((row) => row[i]),
    ),
  );
}

export interface Change {
  readonly kind: number;
  readonly row: PlainRow;
}

/** A batch of changes, with dead rows in between that a selection skips when `sparse`. */
export function changeBatch(schema: Schema, changes: readonly Change[], sparse: boolean): Batch {
  const spread = sparse ? changes.flatMap((change) => [change, { ...change, kind: DELETE }]) : changes;
  const kinds = Uint8Array.from(spread, (change) => change.kind);
  const allInserts = changes.every((change) => change.kind === INSERT);
  const batch = makeBatch(
    columnsOf(
      schema,
      spread.map((change) => change.row),
    ),
    spread.length,
    allInserts ? undefined : kinds,
  );
  if (!sparse) return batch;
  return withSelection(
    batch,
    Int32Array.from(changes, (_change, i) => 2 * i),
    changes.length,
  );
}

export function randomChange(random: Random, keys: number): Change {
  const kind = [INSERT, INSERT, UPDATE_BEFORE, UPDATE_AFTER, DELETE][below(random, 5)];
  return { kind, row: randomRow(random, keys) };
}

/** The JSON form of a row, for comparisons. */
export function jsonRow(schema: Schema, row: PlainRow): string {
  return JSON.stringify(schema.map(({ type }, i) => formatChangelogValue(type, row[i])));
}

export function jsonColumns(schema: Schema, columns: readonly Column[], row: number): string {
  return jsonRow(
    schema,
    schema.map(({ type }, i) => readValue(type, columns[i], row)),
  );
}

/** What identifies a row of WIDE in a model. */
export const modelKey = (row: PlainRow): string => `${String(row[1])}|${String(row[4])}`;
