import type { Platform } from '../../src/runtime/platform.ts';
import { submit } from '../platform.ts';

const COLUMNS: readonly (readonly [type: string, options: string])[] = [
  ['INT', `'fields.v.kind' = 'sequence', 'fields.v.start' = '1', 'fields.v.end' = '20000'`],
  ['BIGINT', `'fields.v.kind' = 'sequence', 'fields.v.start' = '1', 'fields.v.end' = '20000'`],
  ['DOUBLE', ''],
  ['STRING', `'fields.v.length' = '9'`],
  ['SMALLINT', ''],
  ['BOOLEAN', ''],
];
const SELECTS: readonly string[] = [
  'SELECT v, COUNT(*), MAX(k), MIN(k), AVG(k) FROM input GROUP BY v',
  'SELECT CAST(v AS STRING), k + 1 FROM input WHERE k > 100',
  'SELECT k, COUNT(*), SUM(k), MIN(v), MAX(v) FROM input GROUP BY k',
  'SELECT v, k * 2 - 1 FROM input WHERE k IN (1, 2, 3, 5, 8) OR v IS NULL',
  `SELECT CASE WHEN k > 500 THEN 'high' ELSE 'low' END, COUNT(v) FROM input GROUP BY CASE WHEN k > 500 THEN 'high' ELSE 'low' END`,
];

/** So many of them run before a figure is taken again. */
export const OTHER_QUERIES = 30;

/** Small jobs with other types, by their names: what they leave behind in V8 must not slow the pipeline down. */
export function otherScripts(count: number): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const [type, options] = COLUMNS[i % COLUMNS.length];
    const select = SELECTS[Math.floor(i / COLUMNS.length) % SELECTS.length];
    scripts.set(`other-${i}`, otherSql(type, options, select));
  }
  return scripts;
}

/** Runs them one after the other. */
export async function runOtherQueries(platform: Platform, count: number): Promise<void> {
  for (const [name, sql] of otherScripts(count)) {
    const job = await submit(platform, sql, name, 1);
    const end = await job.done;
    if (end.error !== undefined) throw end.error;
  }
}

function otherSql(type: string, options: string, select: string): string {
  const width = select.slice(0, select.indexOf(' FROM ')).split(/,(?![^(]*\))/).length;
  const sink = Array.from({ length: width }, (_, i) => `c${i}`);
  return `
CREATE TABLE input (k INT, v ${type}) WITH (
  'connector' = 'datagen', 'number-of-rows' = '20000', 'rows-per-second' = '10000000', 'fields.k.min' = '0', 'fields.k.max' = '1000'${options === '' ? '' : `, ${options}`}
);
CREATE TABLE output (${sink.map((name) => `${name} STRING`).join(', ')}) WITH ('connector' = 'blackhole');
INSERT INTO output SELECT ${sink.map((name) => `CAST(${name} AS STRING)`).join(', ')}
FROM (${select}) AS t (${sink.join(', ')});`;
}
