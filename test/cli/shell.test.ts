import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { complete } from '../../src/cli/shell/complete.ts';
import { LiveRows } from '../../src/cli/shell/live-rows.ts';
import { type Outcome, Session } from '../../src/cli/shell/session.ts';
import { splitInput } from '../../src/cli/shell/split-input.ts';
import { liveText, redraw } from '../../src/cli/shell/terminal.ts';
import { builtinConnectors } from '../../src/runtime/builtin-connectors.ts';
import { headwater, Workspace } from './command.ts';

describe('what was typed is cut into statements', () => {
  test.each<[typed: string, statements: string[], rest: string]>([
    ['SELECT 1;', ['SELECT 1'], ''],
    ['SELECT 1', [], 'SELECT 1'],
    ['SELECT 1; SELECT\n 2', ['SELECT 1'], 'SELECT\n 2'],
    ["SELECT ';'; SELECT `;`;", ["SELECT ';'", 'SELECT `;`'], ''],
    ["SELECT 'a;", [], "SELECT 'a;"],
    ['SELECT 1 /* ; ', [], 'SELECT 1 /* ; '],
    ['-- nothing;\n', [], ''],
    ['EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1;', [], 'EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1;'],
    [
      'EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; END;',
      ['EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; END'],
      '',
    ],
    ['SELECT # 1;', ['SELECT # 1'], ''],
    ['SELECT # 1', [], 'SELECT # 1'],
    [';;', [], ''],
  ])('%j', (typed, statements, rest) => expect(splitInput(typed)).toEqual({ statements, rest }));
});

describe('the last word is completed', () => {
  const names = {
    tables: ['orders', 'other'],
    columns: ['amount', 'order_id'],
    functions: ['SUM', 'SUBSTRING'],
    settings: ['table.exec.state.ttl', 'pipeline.name'],
  };
  test.each<[line: string, word: string, completions: string[]]>([
    ['SELECT * FROM o', 'o', ['orders', 'other']],
    ['select * from ', '', ['orders', 'other']],
    ['DESCRIBE OT', 'OT', ['other']],
    ['SELECT su', 'su', ['sum(', 'substring(', 'substring']],
    ['SELECT SUM', 'SUM', ['SUM(']],
    ['SELECT am', 'am', ['amount']],
    ['SELECT o.', '', ['amount', 'order_id']],
    ['SELEC', 'SELEC', ['SELECT']],
    ["SET 'table.", 'table.', ['table.exec.state.ttl']],
    ["RESET 'p", 'p', ['pipeline.name']],
    ['SELECT 1 + ', '', []],
  ])('%j', (line, word, completions) => expect(complete(line, names)).toEqual([completions, word]));
});

describe('a session', () => {
  const session = new Session(builtinConnectors().registry, new Map([['ROWS', '3']]));
  const rows = (outcome: Outcome): unknown => (outcome.kind === 'table' ? outcome.rows : outcome);
  const text = (message: string): Outcome => ({ kind: 'text', text: message });
  // In this order: each sees what those before it have left.
  test.each<[sql: string, outcome: unknown]>([
    [
      "CREATE TABLE t (a INT, b AS a * 2) WITH ('connector' = 'datagen', 'number-of-rows' = '${ROWS}')",
      text('table t created'),
    ],
    ['CREATE TABLE IF NOT EXISTS t (x INT)', text('table t is there already')],
    ['CREATE VIEW `v w` AS SELECT a FROM t', text('view v w created')],
    ['SHOW TABLES', [['t'], ['v w']]],
    ["SHOW TABLES NOT LIKE 'v%'", [['t']]],
    ['SHOW VIEWS', [['v w']]],
    ["SHOW FUNCTIONS LIKE 'JSON\\_O%'", []],
    ["SHOW FUNCTIONS LIKE 'sha2_4'", [['SHA224']]],
    ['SHOW CREATE VIEW `v w`', text('CREATE VIEW `v w` AS SELECT a FROM t;')],
    [
      'DESCRIBE t',
      [
        ['a', 'INT', 'TRUE', '', '', ''],
        ['b', 'INT', 'TRUE', '', 'AS a * 2', ''],
      ],
    ],
    ['DESC EXTENDED `v w`', [['a', 'INT', 'TRUE', '', '', '']]],
    ["SHOW COLUMNS IN t LIKE 'b'", [['b', 'INT', 'TRUE', '', 'AS a * 2', '']]],
    ["SET 'table.exec.state.ttl' = '1 d'", text('table.exec.state.ttl = 1 d')],
    ['SET', [['table.exec.state.ttl', '1 d']]],
    ["RESET 'table.exec.state.ttl'", text('table.exec.state.ttl reset')],
    ['RESET', text('all settings reset')],
    ['SET', []],
    ['SELECT b FROM `v w`', /unknown-column at 1:8: .*\n {2}SELECT b FROM/],
    ['SELECT\n  a FROM tt', /unknown-table at 2:10: .*'t'/],
    ['SELEC a', /did you mean SELECT/],
    ["SET 'x' = '1'", /unknown-setting/],
    ['DESCRIBE tt', /Did you mean 't'/],
    ['DESCRIBE CATALOG c', /unsupported at 1:1: DESCRIBE is not supported yet/],
    ['ALTER TABLE t RENAME TO u', /unsupported at 1:1: ALTER TABLE/],
    ['DROP VIEW t', /'t' is a table: expected DROP TABLE/],
    ['DROP TABLE IF EXISTS nothing', text('there is no table nothing')],
    ['DROP TABLE t', text('table t dropped')],
    ['SHOW TABLES', [['v w']]],
  ])('%s', (sql, expected) => {
    if (expected instanceof RegExp) expect(() => session.run(sql)).toThrow(expected);
    else expect(rows(session.run(sql))).toEqual(expected);
  });

  it('an INSERT comes with all that it needs as one script', () => {
    const other = new Session(builtinConnectors().registry, new Map());
    for (const sql of ["SET 'pipeline.name' = 'mine'", "CREATE TABLE p (a INT) WITH ('connector' = 'print')"])
      other.run(sql);
    expect(other.run('INSERT INTO p VALUES (1)')).toMatchObject({
      kind: 'insert',
      plan: { jobName: 'mine' },
      script:
        "SET 'pipeline.name' = 'mine';\nCREATE TABLE p (a INT) WITH ('connector' = 'print');\nINSERT INTO p VALUES (1);\n",
    });
  });
});

test('a changelog adds up to rows, which a terminal shows in place', () => {
  const live = new LiveRows((row) => row.values.map(String));
  live.apply([
    { op: '+I', values: ['a', 1] },
    { op: '+I', values: ['b', 1] },
    { op: '+I', values: ['b', 1] },
    { op: '-U', values: ['a', 1] },
    { op: '+U', values: ['a', 2] },
    { op: '-D', values: ['b', 1] },
  ]);
  expect([live.size, live.last(9)]).toEqual([
    2,
    [
      ['b', '1'],
      ['a', '2'],
    ],
  ]);
  const shown = liveText({ columns: ['k', 'n'], rows: live.last(1), total: 2, seconds: 1.25, width: 40 });
  expect(shown).toBe('+---+---+\n| k | n |\n+---+---+\n| a | 2 |\n+---+---+\n2 rows, the last 1 shown, 1.3 s; q or Ct');
  expect(redraw(6, 'x')).toBe('\x1b[6A\r\x1b[Jx\n');
});

test('of a result that only grows the newest rows are kept, and all are counted', () => {
  const live = new LiveRows((row) => row.values.map(String), 2);
  live.apply([1, 2, 3].map((value) => ({ op: '+I', values: [value] })));
  expect([live.size, live.last(9)]).toEqual([3, [['2'], ['3']]]);
});

describe('headwater sql over a pipe', () => {
  let space: Workspace;
  beforeAll(() => void (space = new Workspace()));
  afterAll(() => space.remove());
  const pipe = (input: string) => headwater(['sql', '--data-dir', space.dataDir], {}, input);

  it('runs statement by statement; an error does not end it, and shows in the exit code', async () => {
    const { code, stdout, stderr } = await pipe(
      "CREATE TABLE n (id INT) WITH ('connector' = 'datagen', 'number-of-rows' = '3',\n" +
        "  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '3');\n" +
        'SELECT idd FROM n;\nSELECT COUNT(*) AS c, SUM(id) AS s FROM n;\nquit\nSELECT 1;',
    );
    expect(stdout.replace(/in \d+\.\d\d s/, 'in 0.1 s')).toBe(
      "table n created\nerror unknown-column at 1:8: Column 'idd' not found in any table. Did you mean 'id'?\n" +
        '  SELECT idd FROM n\n         ^^^\n' +
        '+---+---+\n| c | s |\n+---+---+\n| 3 | 6 |\n+---+---+\n1 row in 0.1 s\n',
    );
    expect([code, stderr]).toEqual([2, 'error [statements-failed] 1 of 4 statements failed\n']);
  });

  it('without an error the code is 0', async () => {
    expect(await pipe('help')).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('SHOW COLUMNS') as string,
    });
  });
});
