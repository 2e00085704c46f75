import type { Random } from '../../expressions/random.ts';

/** A random expression as a tree, so that a difference can be traced to the smallest part that shows it. */
export interface Tree {
  readonly sql: string;
  readonly parts: readonly Tree[];
}

type Kind = 'int' | 'bigint' | 'decimal' | 'double' | 'text' | 'boolean' | 'date' | 'timestamp';

/** Columns and constants of each kind. The columns are those of the table `t` of cases/tables.yaml. */
const LEAVES: Readonly<Record<Kind, readonly string[]>> = {
  int: ['i', 'si', 'ti', '0', '1', '7', '-3', '2147483647'],
  bigint: ['bi', '9223372036854775807', '-5000000000'],
  decimal: ['dc', '1.5', '-0.05', '100.25'],
  double: ['d', '2.5e0', '-1e-3'],
  text: ['s', 'vc', "''", "'abc'", "'12'", "'äö€'", "' x '"],
  boolean: ['bo', 'TRUE', 'FALSE'],
  date: ['dt', "DATE '2024-02-29'", "DATE '2000-01-01'"],
  timestamp: ['ts', "TIMESTAMP '2024-12-31 23:59:59.999'"],
};

/** Ways to make a value; `$kind` stands for an operand. Nothing that can fail for a row: it would end Flink's job. */
const FORMS: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    '$int + $int',
    '$int - $int',
    '$int * $int',
    '-($int)',
    'ABS($int)',
    '$int % 7',
    'CHAR_LENGTH($text)',
    'POSITION($text IN $text)',
    'CAST($double AS INT)',
    'CAST($decimal AS INT)',
    'CASE WHEN $boolean THEN $int ELSE $int END',
    'COALESCE($int, $int)',
    'NULLIF($int, $int)',
    'GREATEST($int, $int)',
    'TRY_CAST($text AS INT)',
    'ASCII($text)',
    'TIMESTAMPDIFF(DAY, $timestamp, $timestamp)',
    'IF($boolean, $int, $int)',
  ],
  bigint: [
    '$bigint + $int',
    '$int * $bigint',
    '$bigint - $bigint',
    'CAST($int AS BIGINT)',
    'EXTRACT(YEAR FROM $date)',
    'EXTRACT(DOY FROM $timestamp)',
    'EXTRACT(WEEK FROM $date)',
    'COALESCE($bigint, $bigint)',
    '$bigint / 3',
    'CASE WHEN $boolean THEN $bigint ELSE $int END',
    'ABS($bigint)',
  ],
  decimal: [
    '$decimal + 1',
    '$decimal - 0.5',
    '$decimal * 2',
    'ROUND($decimal, 1)',
    'ABS($decimal)',
    'CAST($int AS DECIMAL(12, 2))',
    'TRUNCATE($decimal, 1)',
    'CASE WHEN $boolean THEN $decimal ELSE 0 END',
    'FLOOR($decimal)',
    'CEIL($decimal)',
    'CAST($decimal AS DECIMAL(9, 3))',
    'TRY_CAST($text AS DECIMAL(10, 2))',
  ],
  double: [
    '$double + $double',
    '$double * $int',
    '$double / $double',
    'CAST($int AS DOUBLE)',
    'CAST($decimal AS DOUBLE)',
    'ABS($double)',
    'COALESCE($double, $double)',
    'SQRT($double)',
    'FLOOR($double)',
    'TRY_CAST($text AS DOUBLE)',
  ],
  text: [
    '$text || $text',
    'UPPER($text)',
    'LOWER($text)',
    'TRIM($text)',
    'SUBSTRING($text, $small)',
    'LEFT($text, $small)',
    'REPLACE($text, $text, $text)',
    'REVERSE($text)',
    'CAST($int AS STRING)',
    'CAST($decimal AS STRING)',
    'CAST($boolean AS STRING)',
    'CAST($date AS STRING)',
    'CAST($timestamp AS STRING)',
    "DATE_FORMAT($timestamp, 'yyyy-MM-dd HH:mm')",
    'CASE WHEN $boolean THEN $text ELSE $text END',
    'COALESCE($text, $text)',
    'NULLIF($text, $text)',
    'MD5($text)',
    "LPAD($text, 8, 'xy')",
    "SPLIT_INDEX($text, '1', 0)",
    'CAST($double AS STRING)',
    "REGEXP_REPLACE($text, '[a-z]+', '#')",
    'TO_BASE64($text)',
    'INITCAP($text)',
    "CONCAT_WS('-', $text, $text)",
  ],
  boolean: [
    '$int < $int',
    '$int = $bigint',
    '$decimal > $int',
    '$double <= $double',
    '$text = $text',
    '$text < $text',
    '$date >= $date',
    '$timestamp < $timestamp',
    '$boolean AND $boolean',
    '$boolean OR $boolean',
    'NOT $boolean',
    '$int IS NULL',
    '$text IS NOT NULL',
    '$boolean IS TRUE',
    '$boolean IS NOT FALSE',
    "$text LIKE '%1%'",
    '$int IN (1, 700, -3)',
    '$int BETWEEN -10 AND $int',
    '$text IS DISTINCT FROM $text',
    "REGEXP($text, '[0-9]')",
    'STARTSWITH($text, $text)',
  ],
  date: [
    'CAST($timestamp AS DATE)',
    "$date + INTERVAL '1' DAY",
    "$date - INTERVAL '1' MONTH",
    'FLOOR($date TO MONTH)',
    'COALESCE($date, $date)',
  ],
  timestamp: [
    "$timestamp + INTERVAL '90' MINUTE",
    "$timestamp - INTERVAL '1' YEAR",
    'FLOOR($timestamp TO HOUR)',
    'CEIL($timestamp TO DAY)',
    'CAST($date AS TIMESTAMP(3))',
    'CASE WHEN $boolean THEN $timestamp ELSE $timestamp END',
  ],
};
const SMALL = ['0', '1', '2', '-1', '5'];
const KINDS = Object.keys(LEAVES) as Kind[];

/** An expression of a random kind, at most `depth` calls deep. */
export function randomExpression(random: Random, depth: number): Tree {
  return ofKind(random, random.pick(KINDS), depth);
}

function ofKind(random: Random, kind: Kind, depth: number): Tree {
  if (depth === 0) return { sql: random.pick(LEAVES[kind]), parts: [] };
  const parts: Tree[] = [];
  const sql = random.pick(FORMS[kind]).replace(/\$([a-z]+)/g, (_, name: string) => {
    if (name === 'small') return random.pick(SMALL);
    const part = ofKind(random, name as Kind, random.below(depth));
    parts.push(part);
    return part.parts.length === 0 ? part.sql : `(${part.sql})`;
  });
  return { sql, parts };
}

/** The parts of an expression and their parts, smallest first. */
export function partsOf(tree: Tree): string[] {
  const all = (one: Tree): string[] => [...one.parts.flatMap(all), one.sql];
  return [...new Set(all(tree))].sort((a, b) => a.length - b.length);
}
