import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../src/connectors/embedded/index.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { FLIGHT_SCHEMA, FLIGHTS_FILE, type Flights, flightBatches, inOrder } from '../flights/flights-data.ts';
import { committedFeatures, differences, type FlightFeatures } from '../flights/headwater-run.ts';
import { QUERIES } from '../platform/queries.ts';
import { requireServices, startApicurio, startKafka } from '../services/index.ts';

/**
 * queries/flights.sql over the first flights, read in three ways: live while they are produced at 3,600 times the speed
 * of their own time, from the log, and from parquet files. Each gives the same features.
 */

/** Flights read from the data set; the range ends before the last of them. */
const READ = 4500;
const ABOUT = 4000;
const FROM = '2001-01-01T00:00';
const TIMEOUT = 120_000;
const RATE = 1500;

const space = new Workspace();
const files = join(space.folder, 'history');
const range: { count: number; to: string } = { count: 0, to: '' };
let flights: Flights;
let fromFiles: FlightFeatures;

beforeAll(async () => {
  flights = await firstFlights(READ);
  const end = flights.date[ABOUT];
  range.count = flights.date.findIndex((date) => date >= end);
  range.to = new Date(end).toISOString();
  mkdirSync(files);
  // The end of the range lies within a row group of the second file.
  writeParquet('a.parquet', 0, 2500);
  writeParquet('b.parquet', 2500, READ);
  fromFiles = (await backfill(query('files'), join(space.folder, 'files'), limits())).features;
}, TIMEOUT);
afterAll(() => space.remove());

async function firstFlights(count: number): Promise<Flights> {
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(FLIGHTS_FILE),
    compressors,
    rowStart: 0,
    rowEnd: count,
  });
  return {
    count,
    date: Float64Array.from(rows, (row) => (row.date as Date).getTime()),
    delay: Int32Array.from(rows, (row) => Number(row.delay)),
    distance: Int32Array.from(rows, (row) => Number(row.distance)),
    origin: rows.map((row) => row.origin as string),
    destination: rows.map((row) => row.destination as string),
  };
}

function writeParquet(name: string, from: number, to: number): void {
  const { date, delay, distance, origin, destination } = flights;
  const columnData = [
    { name: 'date', data: Array.from(date.slice(from, to), (ms) => new Date(ms)), type: 'TIMESTAMP' as const },
    { name: 'delay', data: [...delay.slice(from, to)], type: 'INT32' as const },
    { name: 'distance', data: [...distance.slice(from, to)], type: 'INT32' as const },
    { name: 'origin', data: origin.slice(from, to), type: 'STRING' as const },
    { name: 'destination', data: destination.slice(from, to), type: 'STRING' as const },
  ];
  writeFileSync(join(files, name), new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 900 })));
}

/** queries/flights.sql, with windows of two hours for routes, so that some of them close within the range. */
function query(source: 'topic' | 'live topic' | 'files'): string {
  const text = readFileSync(QUERIES.flights, 'utf8').replaceAll("INTERVAL '1' DAY", "INTERVAL '2' HOUR");
  switch (source) {
    case 'topic':
      return space.file('flights.sql', text);
    case 'live topic':
      return file('live', text.replace(/,\n *'scan\.bounded\.mode'[^,]*/, ''));
    case 'files': {
      const options = `'connector' = 'filesystem', 'format' = 'parquet', 'path' = '${files}'`;
      return file('from-files', text.replace(/'connector' = 'kafka'[^)]*/, options));
    }
  }
}

/** A folder of its own: the job is named after the file. */
function file(folder: string, text: string): string {
  mkdirSync(join(space.folder, folder), { recursive: true });
  return space.file(join(folder, 'flights.sql'), text);
}

function limits(from = FROM): string[] {
  return ['--from', from, '--to', range.to];
}

interface Totals {
  readonly status: string;
  readonly alreadyFinished: boolean;
  readonly rows: number;
  readonly seconds: number;
}

function command(sql: string, dataDir: string, args: readonly string[]): string[] {
  return ['backfill', sql, '--data-dir', dataDir, '--port', '0', '--json', ...args];
}

/** Runs a backfill to its end; gives its totals, and what it committed. */
async function backfill(sql: string, dataDir: string, args: readonly string[] = [], env = {}) {
  const end = await headwater(command(sql, dataDir, args), env);
  expect(end.code, `${end.stdout}\n${end.stderr}`).toBe(0);
  const lines = end.stdout.trim().split('\n');
  const totals = JSON.parse(lines[lines.length - 1]) as Totals;
  return { features: await committedFeatures(dataDir, 'flights-backfill'), totals };
}

/** All flights in the embedded log of a new data directory; records have the times of departure. */
async function loaded(name: string): Promise<string> {
  const dataDir = join(space.folder, name);
  const id = await registerSchema('embedded', 'flights-value', FLIGHT_SCHEMA, dataDir);
  const log = new EmbeddedLog(dataDir);
  log.createTopic('flights', 3);
  flightBatches(flights, inOrder(READ), id, 3).forEach((batches, p) => log.append('flights', p, batches));
  log.close();
  return dataDir;
}

/** A new data directory whose log has the topic, without records. */
function emptyTopic(name: string): string {
  const dataDir = join(space.folder, name);
  const log = new EmbeddedLog(dataDir);
  log.createTopic('flights', 3);
  log.close();
  return dataDir;
}

function expectSame(actual: FlightFeatures, expected: FlightFeatures): void {
  expect(expected.airportHours.size).toBeGreaterThan(500);
  expect(differences(actual.airportHours, expected.airportHours)).toEqual({ count: 0, examples: [] });
  expect(differences(actual.routeDays, expected.routeDays)).toEqual({ count: 0, examples: [] });
}

/** Those of windows that begin no later than the last one that the live job has closed. */
function closed(all: FlightFeatures, live: FlightFeatures): FlightFeatures {
  const until = (part: keyof FlightFeatures): Map<string, string> => {
    const begin = (key: string): number => Number(key.slice(key.lastIndexOf('|') + 1));
    const last = Math.max(...[...live[part].keys()].map(begin));
    return new Map([...all[part]].filter(([key]) => begin(key) <= last));
  };
  return { airportHours: until('airportHours'), routeDays: until('routeDays') };
}

describe('a backfill', () => {
  it('gives what the live job gave, from the log and from files', { timeout: TIMEOUT }, async () => {
    const dataDir = emptyTopic('live');
    const live = new Command(['run', query('live topic'), '--data-dir', dataDir, '--port', '0']);
    await live.url();
    const produced = await headwater([
      ...['produce', 'flights', '--count', String(range.count), '--speed', '3600x', '--data-dir', dataDir],
    ]);
    expect(produced.code, produced.stderr).toBe(0);
    await live.until('/v1/jobs/flights', (job) => job.includes(`"rows_in":${range.count},`));
    expect((await live.kill('SIGTERM')).code).toBe(0);
    const gave = await committedFeatures(dataDir);
    const { features, totals } = await backfill(query('topic'), dataDir);
    expect(totals).toMatchObject({ status: 'finished', rows: range.count });
    expectSame(gave, closed(features, gave));
    expectSame(features, fromFiles);
  });

  it('reads the range of the records, or of the event times', { timeout: TIMEOUT }, async () => {
    const dataDir = await loaded('range');
    const from = '2001-01-01 04:30';
    const topic = await backfill(query('topic'), dataDir, limits(from));
    const parquet = await backfill(query('files'), join(space.folder, 'range-files'), limits(from));
    const before = flights.date.findIndex((date) => date >= Date.parse(`${from}Z`));
    expect(topic.totals.rows).toBe(range.count - before);
    expectSame(topic.features, parquet.features);
  });

  it('keeps to its rate, and goes on after a kill, over the same range', { timeout: TIMEOUT }, async () => {
    const dataDir = await loaded('killed');
    const args = [...limits(), '--rate-limit', `${RATE}/s`];
    const slowly = [...limits(), '--rate-limit', `${RATE / 2}/s`];
    const first = new Command(command(query('topic'), dataDir, slowly));
    await first.printed(/"progress":0\.[3-9]/);
    await first.kill('SIGKILL');
    const other = await headwater(command(query('topic'), dataDir, ['--from', FROM]));
    expect(other).toMatchObject({ code: 2, stdout: expect.stringContaining('backfill-range-changed') as string });
    const second = await backfill(query('topic'), dataDir, args);
    expect(second.totals.rows).toBeGreaterThan(0);
    expect(second.totals.rows).toBeLessThan(range.count);
    // The time has the start in it: a busy machine makes it slower, nothing makes it faster.
    expect(second.totals.rows / second.totals.seconds).toBeLessThan(RATE * 1.03);
    expectSame(second.features, fromFiles);
    const again = await backfill(query('topic'), dataDir, args);
    expect(again.totals).toMatchObject({ alreadyFinished: true, rows: 0 });
  });

  it('refuses what has no history', { timeout: TIMEOUT }, async () => {
    const text = `CREATE TABLE g (k INT) WITH ('connector' = 'datagen');
      CREATE TABLE f (k INT) WITH ('connector' = 'filesystem', 'format' = 'csv', 'path' = '/nowhere');
      CREATE TABLE s (k INT) WITH ('connector' = 'blackhole');`;
    const refusal = async (table: string, args: readonly string[]): Promise<string> => {
      const sql = space.file(`${table}.sql`, `${text} INSERT INTO s SELECT k FROM ${table};`);
      const end = await headwater(command(sql, join(space.folder, 'refused'), args));
      expect(end.code).toBe(2);
      return end.stdout;
    };
    expect(await refusal('g', [])).toContain("connector 'datagen' has no history");
    expect(await refusal('f', ['--to', '2001-01-01'])).toContain('expected a table with a WATERMARK');
  });
});

const services = await requireServices('kafka', 'apicurio');
describe.skipIf(!services)('a backfill from a real broker', () => {
  it('ends at a time of the records', { timeout: TIMEOUT }, async () => {
    const [kafka, registry] = await Promise.all([startKafka(), startApicurio()]);
    try {
      const env = { KAFKA_BROKERS: kafka.bootstrap, SCHEMA_REGISTRY_URL: registry.url };
      const produce = async (count: number): Promise<void> => {
        const end = await headwater(['produce', 'flights', '--count', String(count), '--partitions', '3'], env);
        expect(end.code, end.stderr).toBe(0);
      };
      await produce(range.count);
      const to = Date.now();
      await produce(300);
      const { features, totals } = await backfill(
        query('topic'),
        join(space.folder, 'kafka'),
        ['--to', String(to)],
        env,
      );
      expect(totals.rows).toBe(range.count);
      expectSame(features, fromFiles);
    } finally {
      await Promise.all([kafka.stop(), registry.stop()]);
    }
  });
});
