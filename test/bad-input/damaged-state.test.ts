import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeadwaterError } from '../../src/data/errors.ts';
import { OrdersTopic, ordersTable, TOTALS } from '../cli/orders.ts';
import { pause, until } from '../harness/test-platform.ts';
import { openEngine, submitText, tableRows } from './engine.ts';

const SEED = Number(process.env.HEADWATER_TEST_SEED ?? Math.floor(Math.random() * 1e9));
const SQL =
  ordersTable() +
  TOTALS.replace('INSERT INTO', "SET 'pipeline.name' = 'job';\nEXECUTE STATEMENT SET BEGIN INSERT INTO").replace(
    'GROUP BY customer;',
    `GROUP BY customer;
     INSERT INTO hours SELECT customer, window_start, SUM(amount)
     FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY customer, window_start, window_end;
     END;`,
  );
const TABLES = `CREATE TABLE hours (customer STRING, window_start TIMESTAMP(3), total INT,
  PRIMARY KEY (customer, window_start) NOT ENFORCED) WITH ('connector' = 'feature');\n`;
const TEXT = SQL.replace('CREATE TABLE totals', `${TABLES}CREATE TABLE totals`);
const STATE = 'jobs/job/state.db';

let folder = '';
let original = '';
let truth: string;

/** A job that has read some orders, with open windows and groups, stopped with a checkpoint; more orders follow. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-damage-'));
  original = join(folder, 'original');
  const topic = await OrdersTopic.create(original, 2);
  const orders = (from: number, to: number, partition: number): void =>
    topic.append(
      Array.from({ length: to - from }, (_, i) => [`c${(i * 7) % 23}`, from + i, (from + i) / 10]),
      { partition },
    );
  for (const partition of [0, 1]) for (let i = 0; i < 3; i++) orders(i * 50, i * 50 + 50, partition);
  const { platform } = openEngine(original);
  const job = await submitText(platform, TEXT);
  await until(() => job.counters[0]?.rowsIn === 300);
  await until(() => job.epochsCommitted > 0);
  await job.stop();
  await platform.shutdown();
  for (const partition of [0, 1]) orders(150, 250, partition);
  topic.close();
  const result = await resume(copy('truth'));
  if (typeof result !== 'string') throw result;
  truth = result;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function copy(name: string): string {
  const target = join(folder, name);
  cpSync(original, target, { recursive: true });
  return target;
}

/** Goes on from the files; the rows of both tables once all orders are in, or the error that stopped it. */
async function resume(dataDir: string, fresh = false): Promise<string | HeadwaterError> {
  const { platform } = openEngine(dataDir);
  try {
    const job = await submitText(platform, TEXT, { fresh });
    const all = fresh ? 500 : 200;
    await until(() => job.counters[0]?.rowsIn === all || job.status === 'failed');
    if (job.error !== undefined) throw job.error;
    await job.stop();
    for (const { image } of platform.tables.values()) await image.settled();
    return JSON.stringify([...[...tableRows(platform, 'totals')].sort(), ...hours(platform)]);
  } catch (error) {
    if (error instanceof HeadwaterError) return error;
    throw error;
  } finally {
    await platform.shutdown();
  }
}

function hours(platform: Parameters<typeof tableRows>[0]): string[] {
  return [...(platform.tables.get('hours')?.image.allRows() ?? [])].map((row) => JSON.stringify(row)).sort();
}

const REFUSALS = ['state-corrupt', 'log-corrupt', 'state-version'];

describe('a damaged state file', () => {
  it('is the right file to damage: undamaged it gives the same as a run from the start', async () => {
    expect(truth.length).toBeGreaterThan(1000);
    expect(await resume(copy('fresh'), true)).toBe(truth);
  });

  it(
    'one flipped bit anywhere: refused with a code, or without effect; never a wrong result',
    { timeout: 120_000 },
    async () => {
      const size = readFileSync(join(original, STATE)).length;
      const outcomes = new Map<string, number>();
      let random = SEED;
      for (let i = 0; i < 60; i++) {
        random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
        let at = Math.floor((random / 2 ** 32) * size);
        const dataDir = copy('flipped');
        const bytes = readFileSync(join(dataDir, STATE));
        // Much of the file is free pages: from there on to something that is written.
        while (i % 2 === 0 && at < size - 1 && bytes[at] === 0) at += 1;
        bytes[at] ^= 1 << (i % 8);
        writeFileSync(join(dataDir, STATE), bytes);
        const result = await resume(dataDir);
        const hint = `seed ${SEED} (set HEADWATER_TEST_SEED), bit ${i % 8} of byte ${at}`;
        if (typeof result === 'string') expect(result === truth, hint).toBe(true);
        else expect(REFUSALS, `${hint}: ${result.message}`).toContain(result.code);
        const outcome = typeof result === 'string' ? 'right' : result.code;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        rmSync(dataDir, { recursive: true });
        await pause(0);
      }
      // The file is mostly content: a test in which nothing was ever noticed would test nothing.
      const refused = [...outcomes]
        .filter(([outcome]) => outcome !== 'right')
        .reduce((sum, [, count]) => sum + count, 0);
      expect(refused, JSON.stringify([...outcomes])).toBeGreaterThan(2);
    },
  );

  it.each([
    ['a state blob', 'UPDATE state SET bytes = zeroblob(length(bytes)) WHERE rowid = (SELECT MAX(rowid) FROM state)'],
    ['a state blob gone', 'DELETE FROM state WHERE rowid = (SELECT MAX(rowid) FROM state)'],
    ['a state blob of another operator', "UPDATE state SET operator = operator || 'x' WHERE rowid = 1"],
    ['a source position', "UPDATE split SET position = replace(position, '50', '51')"],
    ['a split gone', 'DELETE FROM split WHERE rowid IN (SELECT rowid FROM split LIMIT 1)'],
    ['a watermark', 'UPDATE split SET watermark = watermark + 1'],
    ['a writer schema', "UPDATE writer_schema SET text = replace(text, 'amount', 'amounr')"],
    ['an operator', "UPDATE operator SET fingerprint = 'x' WHERE id = (SELECT MIN(id) FROM operator)"],
    ['a chunk of the committed log', 'UPDATE log SET bytes = zeroblob(length(bytes))'],
    ['a chunk of the committed log gone', 'DELETE FROM log WHERE rowid = (SELECT MIN(rowid) FROM log)'],
    ['the epoch', 'UPDATE epoch SET epoch = epoch + 1'],
    ['the end', 'UPDATE epoch SET finished = 1'],
    ['the format', "UPDATE meta SET value = '0' WHERE key = 'format'"],
  ])('%s changed behind its back: refused, and --fresh starts anew', async (_name, sql) => {
    const dataDir = copy('changed');
    const db = new Database(join(dataDir, STATE));
    try {
      expect(
        db
          .prepare(
            sql.replace('split WHERE rowid IN (SELECT rowid FROM split LIMIT 1)', "split WHERE split = 'orders/0'"),
          )
          .run().changes,
      ).toBeGreaterThan(0);
    } finally {
      db.close();
    }
    const refused = await resume(dataDir);
    expect(refused).toMatchObject({ code: 'state-corrupt', kind: 'runtime' });
    if (_name !== 'the format') expect(await resume(dataDir, true)).toBe(truth);
    rmSync(dataDir, { recursive: true });
  });

  it.each([
    ['the name of a column', 'position TEXT', 'qosition TEXT'],
    ['the type of a column', 'watermark REAL', 'watermark RDAL'],
    ['the name of a table', 'CREATE TABLE writer_schema', 'CREATE TABLE writer_schemc'],
    ['a primary key', 'PRIMARY KEY (epoch, operator, task, seq)', 'PRIMARY KEY (epoch, operator, task, sep)'],
    ['the table that holds the format', 'value TEXT', 'valuf TEXT'],
  ])('a bit flipped in the definition of its tables, %s: refused', async (_name, before, after) => {
    const dataDir = copy('defined');
    const bytes = readFileSync(join(dataDir, STATE));
    const at = bytes.indexOf(before);
    expect(at).toBeGreaterThan(0);
    bytes.write(after, at);
    writeFileSync(join(dataDir, STATE), bytes);
    expect(await resume(dataDir)).toMatchObject({ code: 'state-corrupt', kind: 'runtime' });
    rmSync(dataDir, { recursive: true });
  });
});
