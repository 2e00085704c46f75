import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headwater, Workspace } from './command.ts';
import { BOUNDED, OrdersTopic, ordersTable } from './orders.ts';

let space: Workspace;
beforeAll(async () => {
  space = new Workspace();
  const topic = await OrdersTopic.create(space.dataDir);
  topic.append([
    ['ann', 5, 0],
    ['bob', 7, 1],
    ['ann', 1, 2],
  ]);
  topic.close();
});
afterAll(() => space.remove());

const SUMS = `${ordersTable(BOUNDED)}SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer`;
const sql = (text: string, output: string) =>
  headwater(['sql', '-e', text, '--output', output, '--data-dir', space.dataDir]);

describe('headwater sql', () => {
  it('--output changelog: one line per change, as the documentation has it', async () => {
    expect(await sql(SUMS, 'changelog')).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        '{"op":"+I","row":["ann",5]}',
        '{"op":"+I","row":["bob",7]}',
        '{"op":"-U","row":["ann",5]}',
        '{"op":"+U","row":["ann",6]}',
        '',
      ].join('\n'),
    });
  });

  it('--output changelog: types as text that loses nothing', async () => {
    const columns = [
      'CAST(amount AS BIGINT) AS b',
      'CAST(amount AS DECIMAL(10, 2)) AS d',
      'ts',
      'CAST(amount AS DOUBLE) / 2 AS h',
      'CASE WHEN amount > 5 THEN customer END AS n',
    ];
    const { stdout } = await sql(`${ordersTable(BOUNDED)}SELECT ${columns.join(', ')} FROM orders`, 'changelog');
    expect(stdout.split('\n')).toEqual([
      '{"op":"+I","row":["5","5.00","1970-01-01T00:00:00.000",2.5,null]}',
      '{"op":"+I","row":["7","7.00","1970-01-01T00:00:01.000",3.5,"bob"]}',
      '{"op":"+I","row":["1","1.00","1970-01-01T00:00:02.000",0.5,null]}',
      '',
    ]);
  });

  it('--output table: columns, with the kind of change in front', async () => {
    expect((await sql(SUMS, 'table')).stdout).toBe(
      [
        '+----+----------+-------+',
        '| op | customer | total |',
        '+----+----------+-------+',
        '| +I | ann      | 5     |',
        '| +I | bob      | 7     |',
        '| -U | ann      | 5     |',
        '| +U | ann      | 6     |',
        '+----+----------+-------+',
        '4 rows',
        '',
      ].join('\n'),
    );
  });

  it('--output json: the final rows of a query that updates', async () => {
    const { stdout } = await sql(SUMS, 'json');
    expect(stdout.trim().split('\n').sort()).toEqual(['{"customer":"ann","total":6}', '{"customer":"bob","total":7}']);
  });

  it('--output json: an object per row', async () => {
    const { code, stdout } = await sql(`${ordersTable(BOUNDED)}SELECT customer, amount FROM orders`, 'json');
    expect(code).toBe(0);
    expect(stdout).toBe(
      '{"customer":"ann","amount":5}\n{"customer":"bob","amount":7}\n{"customer":"ann","amount":1}\n',
    );
  });

  it('-f FILE does the same, and leaves no state behind: the second run reads everything again', async () => {
    const file = space.file('sums.sql', SUMS);
    const args = ['sql', '-f', file, '--output', 'changelog', '--data-dir', space.dataDir];
    const first = await headwater(args);
    expect(first.code).toBe(0);
    expect(first.stdout.split('\n')).toHaveLength(5);
    expect(await headwater(args)).toEqual(first);
  });

  it('a wrong query: error as a line for machines, code 2', async () => {
    const { code, stdout, stderr } = await sql(`${ordersTable(BOUNDED)}SELECT amoun FROM orders`, 'changelog');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const { error } = JSON.parse(stdout) as { error: { code: string; message: string; position: number[] } };
    expect(error.code).toBe('unknown-column');
    expect(error.position).toEqual([12, 8]);
    expect(error.message).toContain("Did you mean 'amount'?");
  });

  it('a query that fails while running: rows before it, then the error line, code 1', async () => {
    const text = `${ordersTable(BOUNDED)}SELECT 10 / (amount - 7) FROM orders`;
    const { code, stdout } = await sql(text, 'changelog');
    expect(code).toBe(1);
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { error: { code: string; message: string } };
    expect(last.error.code).toBe('division-by-zero');
    expect(last.error.message).toContain('partition 0, offset 1');
  });

  it('for people the error goes to stderr', async () => {
    const { code, stdout, stderr } = await sql('SELEC 1', 'table');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('  SELEC 1\n  ^^^^^\n');
  });
});

describe('headwater explain and validate', () => {
  const insert = `CREATE TABLE out_rows (customer STRING, total INT) WITH ('connector' = 'blackhole');
    INSERT INTO out_rows SELECT customer, amount FROM orders WHERE amount > 2;`;

  it('explain shows the plan and runs nothing', async () => {
    const file = space.file('plan.sql', ordersTable(BOUNDED) + insert);
    const { code, stdout } = await headwater(['explain', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('== Job plan ==');
    expect(stdout).toMatch(/out_rows\/sink\/1.*connector: blackhole/);
    expect(stdout).toMatch(/orders\/source\/1.*connector: kafka/);
    const json = await headwater(['explain', file, '--json']);
    const { job, operators } = JSON.parse(json.stdout) as { job: string; operators: Record<string, unknown>[] };
    expect([job, operators.map(({ op }) => op)]).toEqual(['plan', ['source', 'watermark', 'calc', 'sink']]);
    expect(operators[0]).toMatchObject({
      op: 'source',
      id: 'orders/source/1',
      changelog: 'append',
      upsert_keys: [],
      inputs: [],
    });
    expect(operators[0]).toHaveProperty('details.reads');
  });

  it('validate counts what the file holds', async () => {
    const file = space.file('v.sql', `${ordersTable(BOUNDED)}${insert}\nSELECT customer FROM orders;`);
    expect(await headwater(['validate', file])).toEqual({ code: 0, stderr: '', stdout: 'valid: 1 INSERT, 1 SELECT\n' });
  });
});

describe('headwater validate with errors', () => {
  const wrong = `CREATE TABLE broken (a INTT);
    SELECT a FROM broken; SELECT amoun FROM orders; SELEC 1; CREATE VIEW v AS SELECT b FROM orders; SELECT * FROM v;`;

  it('says all of them in the order of the file, but not what only follows from another', async () => {
    const file = space.file('wrong.sql', ordersTable(BOUNDED) + wrong);
    const { code, stdout, stderr } = await headwater(['validate', file]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.match(/^error \[[-a-z]+\]|^\d errors/gm)).toEqual([
      'error [sql-type]',
      'error [unknown-column]',
      'error [sql-syntax]',
      'error [unknown-column]',
      '4 errors',
    ]);
    const json = JSON.parse((await headwater(['validate', file, '--json'])).stdout) as { errors: { code: string }[] };
    expect(json).toMatchObject({ valid: false });
    expect(json.errors.map((error) => error.code)).toEqual([
      'sql-type',
      'unknown-column',
      'sql-syntax',
      'unknown-column',
    ]);
    expect(json.errors[1]).toMatchObject({ position: [13, 34] });
  });
});

describe('the command line', () => {
  it.concurrent.each([
    [['frobnicate'], "no command 'frobnicate'"],
    [['run'], 'expects a file'],
    [['sql'], '-f FILE or -e SQL'],
    [['sql', '-e', 'SELECT 1', '--output', 'xml'], 'table, json or changelog'],
    [['run', 'x.sql', '--set', 'NAME'], '--set NAME=VALUE'],
    [['run', 'x.sql', '--threads', '0'], 'an integer of at least 1'],
    [['run', 'x.sql', '--duration', 'soon'], 'soon'],
    [['run', 'x.sql', '--port', '70000'], '70000'],
    [['run', 'x.sql', '--nonsense'], '--nonsense'],
    [['explain', '/nowhere/x.sql'], '/nowhere/x.sql'],
  ])('%j is refused with code 2', async (args, message) => {
    const { code, stderr } = await headwater([...args]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('help, with no command too', async () => {
    const { code, stdout } = await headwater([]);
    expect(code).toBe(0);
    expect(stdout).toContain('headwater run FILE.sql');
  });
});
