import { rmSync, symlinkSync } from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import type { JsonValue } from '../harness/json-values.ts';
import { until } from '../harness/test-platform.ts';
import { failureOf, Folder, runToEnd, start } from './support.ts';

let folder: Folder;
beforeEach(() => (folder = new Folder()));
afterEach(() => rmSync(folder.root, { recursive: true, force: true }));

function table(columns: string, path: string, format: string, options: Record<string, string> = {}, more = ''): string {
  const list = Object.entries({ connector: 'filesystem', path, format, ...options });
  return `CREATE TABLE t (${columns}) ${more} WITH (${list.map(([k, v]) => `'${k}' = '${v}'`).join(', ')});\n`;
}

interface TextCase {
  readonly name: string;
  readonly columns: string;
  readonly text: string;
  readonly options?: Record<string, string>;
  readonly rows?: readonly (readonly JsonValue[])[];
  readonly error?: string;
}

const ALL =
  'b BOOLEAN, i INT, l BIGINT, d DOUBLE, m DECIMAL(10, 2), s STRING, dt DATE, ts TIMESTAMP(3), z TIMESTAMP_LTZ(3)';
const ALL_ROW = [
  true,
  -7,
  '9007199254740993',
  0.5,
  '12.30',
  'é,"x"',
  '2024-02-29',
  '2024-02-29T12:00:00.250',
  '2024-02-29T12:00:00.000Z',
];

const CSV: readonly TextCase[] = [
  {
    name: 'a value of each type, quotes doubled',
    columns: ALL,
    text: 'true,-7,9007199254740993,0.5,12.3,"é,""x""",2024-02-29,2024-02-29 12:00:00.25,2024-02-29 12:00:00Z\r\n',
    rows: [ALL_ROW],
  },
  {
    name: 'no line end at the end, empty lines',
    columns: 'a INT, s STRING',
    text: '1,x\n\n2,',
    rows: [
      [1, 'x'],
      [2, ''],
    ],
  },
  {
    name: 'a line end inside quotes',
    columns: 'a INT, s STRING',
    text: '1,"x\ny"\n2,z\n',
    rows: [
      [1, 'x\ny'],
      [2, 'z'],
    ],
  },
  {
    name: 'delimiter, quote, escape, null literal, comments',
    columns: 'a INT, s STRING',
    text: "# a comment\n1;'x;y'\nn/a;p\\;q\n",
    options: {
      'csv.field-delimiter': ';',
      'csv.quote-character': "''",
      'csv.escape-character': '\\',
      'csv.null-literal': 'n/a',
      'csv.allow-comments': 'true',
    },
    error: undefined,
    rows: [
      [1, 'x;y'],
      [null, 'p;q'],
    ],
  },
  { name: 'an array', columns: 'a ARRAY<INT>', text: '1;2;3\n7\n', rows: [[[1, 2, 3]], [[7]]] },
  { name: 'a byte order mark', columns: 'a INT', text: '\ufeff1\n2\n', rows: [[1], [2]] },
  {
    name: 'a field that does not fit',
    columns: 'a INT, s STRING',
    text: '1,x\n2,y\nthree,z\n',
    error: "FILE, line 3: the row cannot be read: column a: 'three' is not INT: three,z",
  },
  {
    name: 'a field too few, after a row of two lines',
    columns: 'a INT, s STRING',
    text: '1,"x\ny"\n2\n',
    error: 'FILE, line 3: the row cannot be read: Row length mismatch. 2 fields expected but was 1: 2',
  },
  {
    name: 'a quote that is never closed',
    columns: 'a INT, s STRING',
    text: '1,x\n2,"y\n3,z\n',
    error: 'FILE, line 2: the row cannot be read: the quote of field 2 is never closed: 2,"y\n3,z\n',
  },
  {
    name: 'errors ignored: bad fields and missing ones are NULL, long rows are left out',
    columns: 'a INT, s STRING',
    text: 'x,p\n2\n3,q,r\n4,s\n',
    options: { 'csv.ignore-parse-errors': 'true' },
    rows: [
      [null, 'p'],
      [2, null],
      [4, 's'],
    ],
  },
  {
    name: 'a NULL for NOT NULL',
    columns: 'a INT NOT NULL',
    text: '1\n\\N\n',
    options: { 'csv.null-literal': '\\N' },
    error: 'FILE, line 2: the row cannot be read: column a: there is no value for a column of type INT NOT NULL: \\N',
  },
];

const JSON_LINES: readonly TextCase[] = [
  {
    name: 'objects and arrays of them, a row each',
    columns: 'a INT, s STRING',
    text: '{"a":1,"s":"x"}\n\n[{"a":2},{"a":3,"s":null}]\n{"s":"y","a":4}',
    rows: [
      [1, 'x'],
      [2, null],
      [3, null],
      [4, 'y'],
    ],
  },
  {
    name: 'a field that does not fit',
    columns: 'a INT',
    text: '{"a":1}\n{"a":"x"}\n',
    error: "FILE, line 2: the row cannot be read: .*'x' is not INT.*",
  },
  { name: 'no JSON', columns: 'a INT', text: '{"a":1}\n{"a":\n', error: 'FILE, line 2: the row cannot be read: .*' },
];

describe.each([
  ['csv', CSV],
  ['json', JSON_LINES],
])('files of %s', (format, cases) => {
  it.each(cases)('$name', async ({ columns, text, options = {}, rows, error }) => {
    const path = folder.write('f.txt', text);
    const sql = `${table(columns, path, format, options)}SELECT * FROM t`;
    for (const maxRows of [1, 1000]) {
      const dataDir = `${folder.dataDir}-${maxRows}`;
      if (error === undefined) {
        expect(await runToEnd(sql, dataDir, { maxRows })).toEqual(rows);
        continue;
      }
      const message = (await failureOf(runToEnd(sql, dataDir, { maxRows }))).replaceAll(path, 'FILE');
      if (error.includes('.*')) expect(message).toMatch(new RegExp(`^undecodable-record: ${error}`));
      else expect(message).toBe(`undecodable-record: ${error}`);
    }
  });
});

describe('files of parquet', () => {
  const write = (): string =>
    folder.write(
      'f.parquet',
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [
            { name: 'i', data: [1, 2, 3, 4], type: 'INT32' },
            { name: 's', data: ['a', null, 'c', 'd'], type: 'STRING' },
            { name: 'ts', data: [0, 1, 2, 3].map((n) => new Date(n * 1000)), type: 'TIMESTAMP' },
            { name: 'l', data: [1n, 2n, 3n, 5_000_000_000n], type: 'INT64' },
          ],
          rowGroupSize: 2,
        }),
      ),
    );
  const columns = 's STRING, ts TIMESTAMP(3), missing INT, l BIGINT';
  const expected = [
    ['a', '1970-01-01T00:00:00.000', null, '1'],
    [null, '1970-01-01T00:00:01.000', null, '2'],
    ['c', '1970-01-01T00:00:02.000', null, '3'],
    ['d', '1970-01-01T00:00:03.000', null, '5000000000'],
  ];

  it.each([1, 3, 1000])('columns by name, across row groups, batches of %d', async (maxRows) => {
    const sql = `${table(columns, write(), 'parquet')}SELECT * FROM t`;
    expect(await runToEnd(sql, folder.dataDir, { maxRows })).toEqual(expected);
  });

  it('says which value of which row group does not fit, or leaves its row out', async () => {
    const path = write();
    const sql = (options: Record<string, string>): string =>
      `${table('l INT NOT NULL, i INT', path, 'parquet', options)}SELECT * FROM t`;
    expect(await failureOf(runToEnd(sql({}), folder.dataDir))).toBe(
      `undecodable-record: ${path}, row 2 of row group 2: the row cannot be read: column l: 5000000000 is not INT NOT NULL`,
    );
    const options = { 'parquet.ignore-parse-errors': 'true' };
    expect(await runToEnd(sql(options), `${folder.dataDir}2`)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });

  it('refuses what is no parquet', async () => {
    const path = folder.write('f.parquet', 'a,b\n1,2\n');
    const sql = `${table('a INT', path, 'parquet')}SELECT * FROM t`;
    expect(await failureOf(runToEnd(sql, folder.dataDir))).toContain(`bad-record: ${path} is not a parquet file`);
  });
});

describe('folders', () => {
  it('reads files in the order of their paths, partition columns from folder names, nothing hidden', async () => {
    folder.write('dt=2024-01-02/n=__DEFAULT_PARTITION__/a.csv', '3\n');
    folder.write('dt=2024-01-01/n=7/b.csv', '2\n');
    folder.write('dt=2024-01-01/n=7/a.csv', '1\n');
    folder.write('dt=2024-01-01/n=7/.hidden.csv', 'x\n');
    folder.write('_SUCCESS', '');
    const partitioned = table('a INT, dt DATE, n INT', folder.path(''), 'csv', {}, 'PARTITIONED BY (dt, n)');
    expect(await runToEnd(`${partitioned}SELECT n, a, dt FROM t`, folder.dataDir)).toEqual([
      [7, 1, '2024-01-01'],
      [7, 2, '2024-01-01'],
      [null, 3, '2024-01-02'],
    ]);
    expect(await runToEnd(`${partitioned}SELECT dt FROM t WHERE n = 7`, `${folder.dataDir}2`)).toEqual([
      ['2024-01-01'],
      ['2024-01-01'],
    ]);
  });

  it.each([
    ['*.csv', [1, 3]],
    ['{a,b}*', [1, 2]],
    ['?[0-9].txt', [2]],
    ['**/*.csv', [1, 3, 4]],
  ])('reads the files of the pattern %s', async (pattern, expected) => {
    folder.write('a1.csv', '1\n');
    folder.write('b2.txt', '2\n');
    folder.write('c3.csv', '3\n');
    folder.write('sub/d4.csv', '4\n');
    const rows = await runToEnd(`${table('a INT', folder.path(pattern), 'csv')}SELECT * FROM t`, folder.dataDir);
    expect(rows.flat()).toEqual(expected);
  });

  it.each([
    ['nowhere', 'file-not-found: PATH does not exist'],
    ['file.csv/inside', 'file-access: PATH cannot be read: a part of the path is no folder'],
  ])('refuses the path %s', async (name, expected) => {
    folder.write('file.csv', '1\n');
    const path = folder.path(name);
    const error = await failureOf(runToEnd(`${table('a INT', path, 'csv')}SELECT * FROM t`, folder.dataDir));
    expect(error.replaceAll(path, 'PATH')).toBe(expected);
  });

  it.skipIf(process.getuid?.() === 0)('refuses a folder without permission', async () => {
    symlinkSync('/root', `${folder.root}/locked`);
    const path = `${folder.root}/locked`;
    const error = await failureOf(runToEnd(`${table('a INT', path, 'csv')}SELECT * FROM t`, folder.dataDir));
    expect(error).toBe(`file-access: ${path} may not be read by this process (EACCES)`);
  });

  it.each([
    [{ path: 's3://bucket/x', format: 'csv' }, "'s3' is not supported"],
    [{ path: '/tmp', format: 'orc' }, "Unknown format 'orc'"],
    [{ path: '/tmp', format: 'csv', 'csv.field-delimiter': ';;' }, 'expected one ASCII character'],
    [{ path: '/tmp', format: 'csv', 'source.monitor-interval': '0 s' }, 'expected more than zero'],
  ])('refuses %j', async (options, expected) => {
    const { path, format, ...more } = options;
    expect(await failureOf(runToEnd(`${table('a INT', path, format, more)}SELECT * FROM t`, folder.dataDir))).toContain(
      expected,
    );
  });
});

describe('a job over files', () => {
  const WINDOWS = `SELECT window_start, COUNT(*), SUM(v) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`;
  const columns = `v BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND`;
  const line = (i: number): string => `${i},${new Date(i * 1000).toISOString().replace('T', ' ').slice(0, -1)}\n`;

  it('goes on after a kill, row by row, and the windows are whole', async () => {
    for (let file = 0; file < 3; file++) {
      folder.write(`${file}.csv`, Array.from({ length: 400 }, (_, i) => line(file * 400 + i)).join(''));
    }
    const sql = `${table(columns, folder.path(''), 'csv')}${WINDOWS}`;
    const first = await start(sql, folder.dataDir, {
      maxRows: 7,
      policy: { ...DEFAULT_POLICY, interval: 5, minPause: 1 },
    });
    await until(() => first.job.committedEpoch >= 2 || first.job.status !== 'running');
    await until(() => !first.job.isCommitting);
    first.kill();
    const second = await start(sql, folder.dataDir, { parallelism: 2 });
    const end = await second.job.done;
    await second.platform.shutdown();
    expect(end).toMatchObject({ status: 'finished', error: undefined });
    const rows = [...first.rows, ...second.rows];
    expect(rows).toHaveLength(120);
    expect(rows.reduce((sum, row) => sum + Number(row[3]), 0)).toBe((1199 * 1200) / 2);
    expect(rows.every((row) => row[2] === '10')).toBe(true);
  });

  it('finds new files while it runs and after a restart, none twice; late only by the watermark', async () => {
    const rowsOf = (from: number): string => Array.from({ length: 10 }, (_, i) => line(from + i)).join('');
    folder.write('a.csv', rowsOf(0));
    const sql = `${table(columns, folder.path(''), 'csv', { 'source.monitor-interval': '20 ms' })}SELECT v FROM t`;
    const first = await start(sql, folder.dataDir, { parallelism: 2 });
    await until(() => first.rows.length === 10);
    folder.write('b.csv', rowsOf(10));
    await until(() => first.rows.length === 20, 'rows of a file that came later');
    await until(() => !first.job.isCommitting);
    first.kill();
    folder.write('c.csv', rowsOf(20));
    const second = await start(sql, folder.dataDir);
    await until(() => second.rows.length >= 10);
    folder.write('0.csv', rowsOf(30));
    await until(() => second.rows.length >= 20);
    await second.platform.shutdown();
    const seen = [...first.rows, ...second.rows].map((row) => Number(row[1])).sort((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  it('refuses a file that became shorter', async () => {
    const lines = Array.from({ length: 300_000 }, (_, i) => line(i)).join('');
    folder.write('a.csv', lines);
    const sql = `${table(columns, folder.path(''), 'csv')}SELECT v FROM t`;
    const first = await start(sql, folder.dataDir, { maxRows: 10 });
    first.job.checkpoint();
    await until(() => first.job.committedEpoch > 0);
    await until(() => !first.job.isCommitting);
    first.kill();
    folder.write('a.csv', line(0));
    const second = await start(sql, folder.dataDir);
    const { error } = await second.job.done;
    await second.platform.shutdown();
    expect(error?.message).toContain(`expected the ${lines.length} it had when it was found`);
  });
});
