import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { readValue } from '../../src/data/read.ts';
import { INT, type SqlType, STRING } from '../../src/data/types.ts';
import { compileCalc, NO_CONTEXT } from '../../src/expressions/index.ts';
import { bindExpression } from '../../src/planner/bind-expression.ts';
import { parseScript } from '../../src/sql/index.ts';

/** Functions that work on UTF-8 bytes, against models over arrays of characters. */

const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));

type Model = (...args: never[]) => unknown;
const chars = (value: string): string[] => [...value];

const MODELS: Readonly<Record<string, readonly [types: string, model: Model]>> = {
  'CHAR_LENGTH(a)': ['s', (a: string) => chars(a).length],
  'REVERSE(a)': ['s', (a: string) => chars(a).reverse().join('')],
  'UPPER(a)': ['s', (a: string) => a.toUpperCase()],
  'LOWER(a)': ['s', (a: string) => a.toLowerCase()],
  'a || b': ['ss', (a: string, b: string) => a + b],
  "CONCAT_WS(a, b, 'x')": ['ss', (a: string, b: string) => `${b}${a}x`],
  'LEFT(a, b)': ['sn', (a: string, n: number) => chars(a).slice(0, Math.max(0, n)).join('')],
  'RIGHT(a, b)': ['sn', (a: string, n: number) => (n <= 0 ? '' : chars(a).slice(-n).join(''))],
  'REPEAT(a, b)': ['sn', (a: string, n: number) => a.repeat(Math.max(0, n))],
  'SUBSTRING(a, b)': ['sn', (a: string, from: number) => substring(a, from, Infinity)],
  'SUBSTRING(a, b, c)': ['snn', substring],
  'POSITION(b IN a)': ['ss', (a: string, b: string) => (b === '' ? 1 : indexOf(chars(a), chars(b), 0) + 1)],
  'INSTR(a, b, 1, 2)': [
    'ss',
    (a: string, b: string) => {
      const first = indexOf(chars(a), chars(b), 0);
      return b === '' ? 1 : first < 0 ? 0 : indexOf(chars(a), chars(b), first + 1) + 1;
    },
  ],
  'STARTSWITH(a, b)': ['ss', (a: string, b: string) => a.startsWith(b)],
  'ENDSWITH(a, b)': ['ss', (a: string, b: string) => a.endsWith(b)],
  'REPLACE(a, b, c)': [
    'sss',
    (a: string, b: string, c: string) =>
      b === ''
        ? c +
          chars(a)
            .map((char) => char + c)
            .join('')
        : a.replaceAll(b, () => c),
  ],
  'LTRIM(a, b)': ['ss', (a: string, b: string) => trimLeft(chars(a), b).join('')],
  'RTRIM(a, b)': ['ss', (a: string, b: string) => trimLeft(chars(a).reverse(), b).reverse().join('')],
  'TRIM(BOTH b FROM a)': [
    'ss',
    (a: string, b: string) =>
      trimLeft(trimLeft(chars(a), b).reverse(), b)
        .reverse()
        .join(''),
  ],
  'TRANSLATE(a, b, c)': [
    'sss',
    (a: string, b: string, c: string) =>
      chars(a)
        .map((char) => (b.includes(char) ? (chars(c)[chars(b).indexOf(char)] ?? '') : char))
        .join(''),
  ],
  'a LIKE b': ['ss', like],
};

function substring(a: string, from: number, length: number): string | null {
  if (length < 0) return null;
  const all = chars(a);
  const start = from > 0 ? from - 1 : from < 0 ? all.length + from : 0;
  return start < 0 ? '' : all.slice(start, start + length).join('');
}

function indexOf(all: readonly string[], part: readonly string[], from: number): number {
  for (let i = from; i + part.length <= all.length; i++) if (part.every((char, j) => all[i + j] === char)) return i;
  return -1;
}

function trimLeft(all: readonly string[], set: string): string[] {
  const keep = all.findIndex((char) => !chars(set).includes(char));
  return keep < 0 ? [] : all.slice(keep);
}

function like(a: string, pattern: string): boolean {
  const source = chars(pattern)
    .map((char) => (char === '%' ? '[\\s\\S]*' : char === '_' ? '[^\\n\\r\\u0085\\u2028\\u2029]' : escaped(char)))
    .join('');
  return new RegExp(`^${source}$`, 'u').test(a);
}

function escaped(char: string): string {
  return `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Few characters of every width, so that parts occur; `%` and `_` for patterns, line ends for `_`. */
const word = fc
  .array(fc.constantFrom('a', 'b', 'B', ' ', '%', '_', 'ñ', '\n', '\u2028', '語', '😀'), { maxLength: 12 })
  .map((list) => list.join(''));

describe(`string functions against models, seed ${SEED}`, () => {
  for (const [sql, [types, model]] of Object.entries(MODELS)) {
    it(sql, () => {
      const columnTypes = [...types].map((type): SqlType => (type === 's' ? STRING : INT));
      const run = evaluator(sql, columnTypes);
      const row = fc.tuple(...[...types].map((type) => (type === 's' ? word : fc.integer({ min: -8, max: 8 }))));
      fc.assert(
        fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), (rows) => {
          const withNull = [...rows, columnTypes.map(() => null)];
          const expected = [...rows.map((values) => model(...(values as never[]))), null];
          expect(run(withNull)).toEqual(expected);
        }),
        { numRuns: 60, seed: SEED },
      );
    });
  }
});

/** The expression over rows of the columns a, b, c. */
function evaluator(sql: string, types: readonly SqlType[]): (rows: readonly (readonly unknown[])[]) => unknown[] {
  const [statement] = parseScript(`SELECT ${sql}`);
  if (statement.kind !== 'select' || statement.items[0].kind !== 'expression') throw new Error(`no expression: ${sql}`);
  const expr = bindExpression(statement.items[0].expr, {
    clause: 'SELECT',
    column: ([name]) => {
      const index = ['a', 'b', 'c'].indexOf(name);
      return { kind: 'input', index, type: types[index] };
    },
  });
  const calc = compileCalc(undefined, [expr], NO_CONTEXT);
  return (rows) => {
    const columns = types.map((type, i) =>
      columnFromValues(
        type,
        rows.map((row) => row[i]),
      ),
    );
    const result = calc.run(makeBatch(columns, rows.length));
    return rows.map((_row, i) => (result === undefined ? undefined : readValue(expr.type, result.columns[0], i)));
  };
}
