import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/checkpoint/coordinator.ts';
import { FilePublisher } from '../../src/connectors/filesystem/publisher.ts';
import { StageWriter } from '../../src/connectors/filesystem/stage.ts';
import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { seededRandom } from '../../src/runtime/connector-context.ts';
import { INT } from '../../src/data/types.ts';
import { Command, headwater } from '../cli/command.ts';
import { pause, until } from '../harness/test-platform.ts';
import { failureOf, Folder, runToEnd, start } from './support.ts';

let folder: Folder;
let out: string;
beforeEach(() => {
  folder = new Folder();
  out = join(folder.root, 'out');
});
afterEach(() => rmSync(folder.root, { recursive: true, force: true }));

const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));
const random = seededRandom(SEED);

const FORMATS = ['csv', 'json', 'parquet'] as const;

function withOptions(options: Record<string, string>): string {
  return `WITH (${Object.entries({ connector: 'filesystem', ...options })
    .map(([key, value]) => `'${key}' = '${value}'`)
    .join(', ')});\n`;
}

/** All files below the folder, hidden ones too. */
function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesIn(join(path, entry.name)).map((name) => join(entry.name, name)) : [entry.name],
    )
    .sort();
}

function linesIn(path: string): string[] {
  return filesIn(path).flatMap((name) => readFileSync(join(path, name), 'utf8').split('\n').slice(0, -1));
}

describe.each(FORMATS)('files of %s', (format) => {
  const columns = `b BOOLEAN, i INT, l BIGINT, d DOUBLE, m DECIMAL(10, 2), w DECIMAL(30, 3), s STRING, x BYTES, dt DATE, t TIME,
    ts TIMESTAMP(3), us TIMESTAMP(6), z TIMESTAMP_LTZ(3)`;
  const nulls: Record<string, string> = format === 'csv' ? { 'csv.null-literal': 'n/a' } : {};

  it('give back what was written', async () => {
    const sink = `CREATE TABLE t (${columns}) ${withOptions({ path: out, format, ...nulls })}`;
    await runToEnd(
      `${sink}INSERT INTO t VALUES
        (TRUE, -7, 9007199254740993, 0.5, -12.30, CAST('123456789012345678901234567.125' AS DECIMAL(30, 3)), 'é,"x"\n', x'00ff', DATE '2024-02-29',
         TIME '12:34:56', TIMESTAMP '2024-02-29 12:00:00.250', TIMESTAMP '1969-12-31 23:59:59.000001',
         TO_TIMESTAMP_LTZ(1709208000000, 3)),
        (CAST(NULL AS BOOLEAN), NULL, NULL, NULL, NULL, NULL, 'short', NULL, NULL, NULL, NULL, NULL, NULL)`,
      folder.dataDir,
    );
    expect(await runToEnd(`${sink}SELECT * FROM t`, `${folder.dataDir}2`)).toEqual([
      [
        ...[
          true,
          -7,
          '9007199254740993',
          0.5,
          '-12.30',
          '123456789012345678901234567.125',
          'é,"x"\n',
          '00ff',
          '2024-02-29',
        ],
        ...['12:34:56', '2024-02-29T12:00:00.250', '1969-12-31T23:59:59.000001', '2024-02-29T12:00:00.000Z'],
      ],
      [null, null, null, null, null, null, 'short', null, null, null, null, null, null],
    ]);
  });

  it('lie in the folders of their partitions', async () => {
    const table = `CREATE TABLE t (dt DATE, v INT, s STRING) PARTITIONED BY (dt, s) ${withOptions({ path: out, format })}`;
    await runToEnd(
      `${table}INSERT INTO t VALUES (DATE '2024-01-01', 1, 'a/b'), (DATE '2024-01-02', 2, CAST(NULL AS STRING)),
         (DATE '2024-01-01', 3, 'a/b')`,
      folder.dataDir,
    );
    const folders = filesIn(out).map((name) => name.split('/').slice(0, -1).join('/'));
    expect(folders).toEqual(['dt=2024-01-01/s=a%2Fb', 'dt=2024-01-02/s=__DEFAULT_PARTITION__']);
    expect(await runToEnd(`${table}SELECT * FROM t`, `${folder.dataDir}2`)).toEqual([
      ['2024-01-01', 1, 'a/b'],
      ['2024-01-01', 3, 'a/b'],
      ['2024-01-02', 2, null],
    ]);
  });
});

it('csv is written as Flink writes it', async () => {
  const sink = `CREATE TABLE t (s STRING, d DATE, ts TIMESTAMP(3), m DECIMAL(5, 2)) ${withOptions({ path: out, format: 'csv' })}`;
  await runToEnd(
    `${sink}INSERT INTO t VALUES ('This is a test.', DATE '2018-10-12', TIMESTAMP '2018-10-12 12:12:12', 1.50), ('ab', NULL, NULL, NULL)`,
    folder.dataDir,
  );
  expect(linesIn(out)).toEqual(['"This is a test.",2018-10-12,"2018-10-12 12:12:12",1.50', 'ab,,,']);
});

describe('a job that writes files', () => {
  const COUNT = 3000;
  const copy = (options: Record<string, string> = {}, source: Record<string, string> = {}): string => `
    CREATE TABLE numbers (v INT) ${withOptions({ path: folder.path(''), format: 'csv', ...source })}
    CREATE TABLE copies (v INT) ${withOptions({ path: out, format: 'csv', ...options })}
    INSERT INTO copies SELECT v FROM numbers`;
  const input = (): void => {
    for (let file = 0; file < 3; file++) {
      const lines = Array.from({ length: COUNT / 3 }, (_, i) => `${(file * COUNT) / 3 + i}\n`);
      folder.write(`${file}.csv`, lines.join(''));
    }
  };
  const everyNumber = Array.from({ length: COUNT }, (_, i) => i);
  const numbersIn = (path: string): number[] =>
    linesIn(path)
      .map(Number)
      .sort((a, b) => a - b);
  const often = { ...DEFAULT_POLICY, interval: 5, minPause: 1 };

  it('closes files by size, at both parallelisms; nothing is left over', async () => {
    input();
    await runToEnd(copy({ 'sink.rolling-policy.file-size': '1kb' }), folder.dataDir, {
      maxRows: 10,
      parallelism: 2,
      policy: often,
    });
    expect(numbersIn(out)).toEqual(everyNumber);
    expect(filesIn(out).length).toBeGreaterThan(2);
    expect(filesIn(out).every((name) => /^part-[0-9a-f-]{36}-\d{6}\.csv$/.test(name))).toBe(true);
    expect(filesIn(folder.dataDir).filter((name) => name.includes('/files/'))).toEqual([]);
  });

  it('has each row once after SIGKILLs at any moment', async () => {
    const lines = (file: number): string => Array.from({ length: 20_000 }, (_, i) => `${file * 20_000 + i}\n`).join('');
    for (let file = 0; file < 10; file++) folder.write(`${file}.csv`, lines(file));
    mkdirSync(folder.dataDir);
    const script = join(folder.root, 'copy.sql');
    writeFileSync(
      script,
      `SET 'execution.checkpointing.interval' = '5 ms';${copy({ 'sink.rolling-policy.file-size': '20kb' })};`,
    );
    const args = ['run', script, '--data-dir', folder.dataDir, '--port', '0'];
    for (let kill = 0; kill < 4; kill++) {
      const command = new Command(args);
      await Promise.race([command.printed(/serving on/), command.ended]);
      const wait = Math.floor(random() * 200);
      await pause(wait);
      await command.kill('SIGKILL');
    }
    const end = await headwater(args);
    expect(end.code, `seed ${SEED}: ${end.stdout}${end.stderr}`).toBe(0);
    const found = numbersIn(out);
    expect(found.length, `seed ${SEED}`).toBe(200_000);
    expect(
      found.every((value, i) => value === i),
      `seed ${SEED}`,
    ).toBe(true);
    expect(filesIn(out).some((name) => name.startsWith('.'))).toBe(false);
  }, 60_000);

  it('shows nothing before the epoch is committed, and all of it when the job stops', async () => {
    input();
    const run = await start(copy({}, { 'source.monitor-interval': '1 s' }), folder.dataDir);
    await until(() => run.job.counters.reduce((sum, task) => sum + (task?.rowsIn ?? 0), 0) === COUNT);
    await pause(50);
    expect(filesIn(out)).toEqual([]);
    await run.platform.shutdown();
    expect(numbersIn(out)).toEqual(everyNumber);
  });

  it.each([
    ['a path through a file', '0.csv/out', 'file-access: PATH cannot be written'],
    ['a pattern', '*.csv', "invalid-option: 'path' is 'PATH'; expected a folder to write to"],
  ])('is refused at once with %s', async (_name, name, expected) => {
    input();
    const path = folder.path(name);
    const error = await failureOf(runToEnd(copy({ path }), folder.dataDir));
    expect(error.replaceAll(path, 'PATH')).toContain(expected);
  });

  it('does not write NULL where the table has NOT NULL', async () => {
    folder.write('a.csv', '1\nx\n3\n');
    const ignore = { 'csv.ignore-parse-errors': 'true' };
    const sql = copy({}, ignore).replace('copies (v INT)', 'copies (v INT NOT NULL)');
    expect(await failureOf(runToEnd(sql, folder.dataDir))).toMatch(/^not-null-violation: Column 'v' is NOT NULL/);
    const drop = `SET 'table.exec.sink.not-null-enforcer' = 'DROP';${sql}`;
    await runToEnd(drop, `${folder.dataDir}2`);
    expect(linesIn(out)).toEqual(['1', '3']);
  });

  it('takes no changelog', async () => {
    const sql = copy().replace('SELECT v FROM numbers', 'SELECT CAST(COUNT(*) AS INT) FROM numbers GROUP BY v');
    expect(await failureOf(runToEnd(sql, folder.dataDir))).toMatch(/copies/);
  });
});

describe('stages', () => {
  const table = (): ConstructorParameters<typeof FilePublisher>[0] => ({
    name: 't',
    columns: [{ name: 'v', type: INT }],
    primaryKey: [],
    options: { connector: 'filesystem', path: out, format: 'csv' },
  });
  const stages = (): string => join(folder.root, 'stages');
  const write = (): StageWriter => {
    const stage = new StageWriter(table(), stages(), () => 0, 'error');
    for (let epoch = 1; epoch <= 3; epoch++) {
      stage.write(makeBatch([columnFromValues(INT, [epoch])], 1));
      stage.flush(epoch);
    }
    stage.write(makeBatch([columnFromValues(INT, [4])], 1));
    return stage;
  };

  it.each([
    [0, []],
    [2, ['1', '2']],
    [9, ['1', '2', '3']],
  ])('become files up to the committed epoch %d', async (epoch, expected) => {
    write().close();
    await new FilePublisher(table(), stages()).publishAll(epoch);
    expect(linesIn(out)).toEqual(expected);
    expect(filesIn(stages())).toEqual([]);
  });

  it('that are found again after their file was renamed give the same file', async () => {
    write().close();
    const [name] = filesIn(stages());
    mkdirSync(join(folder.root, 'kept'));
    copyFileSync(join(stages(), name), join(folder.root, 'kept', name));
    const publisher = new FilePublisher(table(), stages());
    await publisher.publishAll(3);
    copyFileSync(join(folder.root, 'kept', name), join(stages(), name));
    await publisher.publishAll(3);
    expect(linesIn(out)).toEqual(['1', '2', '3']);
    expect(filesIn(out)).toHaveLength(1);
  });
});
