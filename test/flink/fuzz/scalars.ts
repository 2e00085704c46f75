import type { Random } from '../../expressions/random.ts';
import type { FuzzColumn, Item, Kind } from './query-tree.ts';

/** Constants of each kind, for conditions. */
const CONSTANTS: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  tiny: ['0', '1', '-3'],
  small: ['0', '70'],
  int: ['0', '1', '2', '7'],
  bigint: ['0', '1', '7000000000'],
  decimal: ['0', '1.25', '10.5'],
  float: ['0', '1.5e0'],
  double: ['0', '1.5e0', '2.5'],
  text: ["'x'", "''", "'Hello'"],
  date: ["DATE '2024-01-01'"],
  time: ["TIME '12:00:00'"],
  timestamp: ["TIMESTAMP '2024-01-01 12:00:05'", "TIMESTAMP '2024-01-01 12:00:10.999'"],
  instant: ["CAST(TIMESTAMP '2024-01-01 12:00:07' AS TIMESTAMP_LTZ(3))"],
};

/** Ways to make a value of a column; `$c` is the column. Nothing that can fail for a row: it would end the job. */
const FORMS: Readonly<Partial<Record<Kind, readonly (readonly [string, Kind])[]>>> = {
  tiny: [['CAST($c AS INT) + 1', 'int']],
  small: [['COALESCE($c, 0)', 'int']],
  int: [
    ['$c + 1', 'int'],
    ['$c % 3', 'int'],
    ['COALESCE($c, 5)', 'int'],
    ['CASE WHEN $c > 1 THEN $c END', 'int'],
    ['NULLIF($c, 1)', 'int'],
    ['CAST($c AS BIGINT) * 2', 'bigint'],
    ['$c > 1', 'boolean'],
    ['CAST($c AS STRING)', 'text'],
  ],
  bigint: [
    ['$c - 1', 'bigint'],
    ['$c % 4', 'bigint'],
    ['COALESCE($c, 0)', 'bigint'],
  ],
  decimal: [['COALESCE($c, 0.5)', 'decimal']],
  float: [['CAST($c AS DOUBLE)', 'double']],
  double: [
    ['$c * 2', 'double'],
    ['CASE WHEN $c > 0 THEN $c ELSE 0 END', 'double'],
  ],
  text: [
    ['UPPER($c)', 'text'],
    ["$c || 'x'", 'text'],
    ['CHAR_LENGTH($c)', 'int'],
    ["COALESCE($c, '?')", 'text'],
    ["$c = 'x'", 'boolean'],
  ],
  boolean: [
    ['NOT $c', 'boolean'],
    ['$c IS TRUE', 'boolean'],
    ['CASE WHEN $c THEN 1 ELSE 0 END', 'int'],
  ],
  date: [
    ['EXTRACT(YEAR FROM $c)', 'bigint'],
    ["$c + INTERVAL '1' DAY", 'date'],
  ],
  timestamp: [
    ['CAST($c AS DATE)', 'date'],
    ['EXTRACT(MINUTE FROM $c)', 'bigint'],
    ['FLOOR($c TO MINUTE)', 'other'],
  ],
  ints: [['CARDINALITY($c)', 'int']],
  entries: [["$c['x']", 'int']],
};

/** A column or something computed from one. */
export function randomScalar(random: Random, columns: readonly FuzzColumn[], name: string): Item {
  const column = random.pick(columns);
  const forms = FORMS[column.kind];
  if (forms === undefined || random.below(3) > 0) return { ...column, sql: column.name };
  const [form, kind] = random.pick(forms);
  return { name, kind, sql: form.replaceAll('$c', column.name) };
}

/** A condition over the columns; undefined where none can be made. */
export function randomCondition(random: Random, columns: readonly FuzzColumn[]): string | undefined {
  const column = random.pick(columns);
  const { name, kind } = column;
  // Of what is NOT NULL Flink folds it, and a global aggregate over nothing is then one row (docs/flink-differences.md).
  const mayBeNull = /^[a-z]+$/.test(name) && name !== 'n';
  if (mayBeNull && random.below(5) === 0) return `${name} IS ${random.pick(['', 'NOT '])}NULL`;
  if (kind === 'boolean') return random.pick([name, `NOT ${name}`, `${name} IS NOT TRUE`]);
  const others = columns.filter((other) => other.kind === kind && other.name !== name);
  const constants = CONSTANTS[kind];
  if (constants === undefined) return undefined;
  if (others.length > 0 && random.below(4) === 0)
    return `${name} ${random.pick(['<', '<=', '=', '<>'])} ${random.pick(others).name}`;
  const constant = random.pick(constants);
  return random.pick([
    `${name} > ${constant}`,
    `${name} <= ${constant}`,
    `${name} = ${constant}`,
    `${name} <> ${constant}`,
    `(${name} < ${constant} OR ${name} IS NULL)`,
    `${name} IN (${constants.join(', ')})`,
  ]);
}
