import { describe, expect, test } from 'vitest';
import { HeadwaterError } from '../../src/data/errors.ts';
import { formatSqlError, parseExpression, parseQuery, parseScript } from '../../src/sql/index.ts';
import { SqlParser } from '../../src/sql/parser/statements.ts';
import { RESERVED_WORDS } from '../../src/sql/reserved-words.ts';
import { withoutPositions } from './helpers.ts';

describe('the grammar', () => {
  test('has no ambiguity that chevrotain can find', () => {
    expect(() => new SqlParser(true)).not.toThrow();
  });

  test('every reserved word is refused as a bare column and taken in back-ticks', () => {
    const callable =
      /^(CURRENT_(CATALOG|DATE|TIME|TIMESTAMP|USER)|LOCALTIME(STAMP)?|(SESSION_|SYSTEM_)?USER|TRUE|FALSE|UNKNOWN|NULL)$/;
    for (const word of RESERVED_WORDS) {
      expect(() => parseScript(`SELECT t.${word} FROM t`), word).toThrow(/sql-reserved-word at 1:10/);
      expect(parseExpression(`\`${word}\``)).toMatchObject({ kind: 'column', parts: [word] });
      if (!callable.test(word)) expect(() => parseExpression(word), word).toThrow(/^sql-/);
    }
  });

  test.each([
    'name',
    'key',
    'type',
    'state',
    'version',
    'data',
    'id',
    'status',
    'source',
    'metadata',
    'model',
    'option',
  ])('%s is a name without quotes', (word) =>
    expect(parseExpression(word)).toMatchObject({ kind: 'column', parts: [word] }),
  );

  test.each([
    'zone',
    'path',
    'plan',
    'first',
    'last',
    'week',
    'quarter',
    'session',
    'tumble',
    'hop',
    'desc',
    'view',
    'map',
  ])('%s is the name of a table, a column and an alias without quotes', (word) => {
    const query = parseQuery(`SELECT ${word} AS ${word} FROM ${word} AS ${word}`);
    expect(query).toMatchObject({ items: [{ alias: word }], from: { name: { parts: [word] }, alias: { name: word } } });
  });
});

describe('trees', () => {
  test('a select', () => {
    const query = parseQuery("SELECT k, SUM(v) FILTER (WHERE v > 1.50) AS s\nFROM `my db`.t WHERE k = 'a' GROUP BY k");
    expect(query).toEqual({
      kind: 'select',
      distinct: false,
      items: [
        { kind: 'expression', expr: column('k', 1, 8), alias: undefined, position: at(1, 8, 1) },
        {
          kind: 'expression',
          alias: 's',
          expr: {
            kind: 'function',
            name: 'SUM',
            args: [column('v', 1, 15)],
            star: false,
            distinct: false,
            over: false,
            filter: {
              kind: 'binary',
              op: '>',
              left: column('v', 1, 32),
              right: { kind: 'literal', type: 'number', text: '1.50', position: at(1, 36, 4) },
              position: at(1, 32, 1),
            },
            position: at(1, 11, 3),
          },
          position: at(1, 11, 3),
        },
      ],
      from: {
        kind: 'table',
        name: { kind: 'identifier', parts: ['my db', 't'], position: at(2, 6, 7) },
        hints: [],
        alias: undefined,
        position: at(2, 6, 7),
      },
      where: {
        kind: 'binary',
        op: '=',
        left: column('k', 2, 22),
        right: { kind: 'literal', type: 'string', text: 'a', position: at(2, 26, 3) },
        position: at(2, 22, 1),
      },
      groupBy: [column('k', 2, 39)],
      having: undefined,
      position: at(1, 1, 6),
    });
  });

  test('a window table function, named arguments in their places', () => {
    const query = parseQuery(
      "SELECT * FROM TABLE(HOP(SIZE => INTERVAL '10' SECOND, SLIDE => INTERVAL '5' SECOND, DATA => TABLE t, TIMECOL => DESCRIPTOR(ts)))",
    );
    expect(withoutPositions(query)).toMatchObject({
      from: {
        kind: 'window-table',
        function: 'HOP',
        input: { kind: 'table', name: { parts: ['t'] } },
        timeColumn: { parts: ['ts'] },
        args: [{ text: '5' }, { text: '10' }],
      },
    });
  });

  test('types', () => {
    const cast = parseExpression(
      'CAST(a AS ROW<a VARCHAR(3) NOT NULL, b DECIMAL, c TIMESTAMP(3) WITH LOCAL TIME ZONE> NOT NULL)',
    );
    expect(cast).toMatchObject({
      type: {
        kind: 'ROW',
        nullable: false,
        fields: [
          { name: 'a', type: { kind: 'VARCHAR', length: 3, nullable: false } },
          { name: 'b', type: { kind: 'DECIMAL', precision: 10, scale: 0, nullable: true } },
          { name: 'c', type: { kind: 'TIMESTAMP_LTZ', precision: 3 } },
        ],
      },
    });
  });

  test('keys and watermarks of CREATE TABLE', () => {
    const [table] = parseScript(
      "CREATE TABLE t (id INT, ts TIMESTAMP(3), PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)",
    );
    expect(table).toMatchObject({
      primaryKey: { columns: [{ parts: ['id'] }], enforced: false, position: at(1, 42, 7) },
      watermark: { column: { parts: ['ts'] }, position: at(1, 73, 9) },
    });
    expect(parseScript('CREATE TABLE t (id INT PRIMARY KEY)')).toMatchObject([{ primaryKey: { enforced: true } }]);
  });

  test('statements that are known and not executed are named', () => {
    const script =
      'SHOW TABLES; USE CATALOG c; DROP TEMPORARY TABLE t; ALTER TABLE t ADD x INT; CREATE DATABASE d; RESET';
    expect(parseScript(script).map((one) => one.kind === 'other' && one.feature)).toEqual([
      'SHOW',
      'USE CATALOG',
      'DROP TEMPORARY TABLE',
      'ALTER TABLE',
      'CREATE DATABASE',
      'RESET',
    ]);
  });
});

describe('scripts', () => {
  test('are cut at semicolons that are not inside strings, names, comments and sets', () => {
    const script =
      "SELECT ';' ; -- ;\n /* ; */ SELECT `;`;; BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END; SELECT 2";
    expect(parseScript(script).map((one) => one.kind)).toEqual(['select', 'select', 'statement-set', 'select']);
    expect(parseScript(' ; -- nothing\n;')).toEqual([]);
  });

  test('an error has its position in the whole script', () => {
    expect(() => parseScript('SELECT 1;\n\nSELECT a\nFROM t WHERE ;\nSELECT 2')).toThrow(
      /^sql-syntax at 4:14: .* ends too early/,
    );
  });

  // Processor time, and compared with one another: a machine that does other work is no slow parser.
  test('parsing is linear: 5,000 lines take about five times as long as 1,000', () => {
    const view = (i: number): string =>
      `CREATE VIEW v${i} AS\nSELECT k,\n  COUNT(*) AS n,\n  SUM(CASE WHEN x > ${i} THEN y ELSE 0 END) AS s\nFROM TABLE(\n` +
      "  TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND))\nWHERE a IS NOT NULL AND b IN (1, 2, 3)\n  OR c LIKE 'abc%'\n" +
      'GROUP BY k, window_start, window_end\n;\n';
    const script = (views: number): string => Array.from({ length: views }, (_, i) => view(i)).join('');
    const timed = (text: string, views: number): number => {
      const start = process.cpuUsage();
      expect(parseScript(text)).toHaveLength(views);
      return process.cpuUsage(start).user;
    };
    const [short, long] = [script(100), script(500)];
    timed(short, 100);
    const shortest = Math.min(...Array.from({ length: 5 }, () => timed(short, 100)));
    const longest = Math.min(...Array.from({ length: 3 }, () => timed(long, 500)));
    expect(longest / shortest).toBeLessThan(20);
  });

  test.each([
    ['parentheses', (n: number) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)}`],
    ['NOT', (n: number) => `SELECT ${'NOT '.repeat(n)}a`],
    ['signs', (n: number) => `SELECT ${'- '.repeat(n)}a`],
    ['subqueries', (n: number) => `SELECT * FROM ${'('.repeat(n)}SELECT 1${')'.repeat(n)}`],
    ['types', (n: number) => `SELECT CAST(a AS ${'ARRAY<'.repeat(n)}INT${'>'.repeat(n)})`],
    ['CASE', (n: number) => `SELECT ${'CASE WHEN '.repeat(n)}a${' THEN 1 END'.repeat(n)}`],
    ['calls', (n: number) => `SELECT ${'f('.repeat(n)}a${')'.repeat(n)}`],
    ['element access', (n: number) => `SELECT ${'a['.repeat(n)}1${']'.repeat(n)}`],
    ['raw text', (n: number) => `SELECT * FROM LATERAL ${'('.repeat(n)}x${')'.repeat(n)}`],
    ['sums', (n: number) => `SELECT a${' + a'.repeat(n)}`],
    ['unions', (n: number) => `SELECT 1${' UNION ALL SELECT 1'.repeat(n)}`],
    ['joins', (n: number) => `SELECT * FROM t${' CROSS JOIN t'.repeat(n)}`],
  ])('%s nested 90 deep parse, 1,000 and 20,000 are an error', (_, nest) => {
    expect(parseScript(nest(90))).toHaveLength(1);
    expect(() => parseScript(nest(1000))).toThrow(/^sql-too-deep at 1:/);
    expect(() => parseScript(nest(20_000))).toThrow(/^sql-too-deep at 1:/);
    expect(parseScript('SELECT 1')).toHaveLength(1);
  });
});

describe('formatSqlError', () => {
  test('shows where an error of a later stage is', () => {
    const error = new HeadwaterError('unknown-column', "no column 'b'", { position: at(2, 10, 3) });
    expect(formatSqlError(error, 'SELECT 1;\n\tSELECT `bé`, 1')).toBe(
      "unknown-column at 2:10: no column 'b'\n  \tSELECT `bé`, 1\n  \t        ^^^",
    );
  });

  test('cuts a long line around the place', () => {
    const error = new HeadwaterError('x', 'y', { position: at(1, 301, 2) });
    const [, line, carets] = formatSqlError(error, `${'a'.repeat(300)}BC${'d'.repeat(300)}`).split('\n');
    expect(line).toBe(`  ...${'a'.repeat(80)}BC${'d'.repeat(58)}...`);
    expect(carets).toBe(`  ${' '.repeat(83)}^^`);
  });

  test('an error without a position is one line', () => {
    expect(formatSqlError(new HeadwaterError('x', 'y'), 'SELECT')).toBe('x: y');
  });
});

function at(line: number, columnNumber: number, length: number) {
  return { line, column: columnNumber, length };
}

function column(name: string, line: number, columnNumber: number) {
  return { kind: 'column', parts: [name], position: at(line, columnNumber, name.length) };
}
