import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedLog } from '../../src/connectors/embedded/index.ts';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import { requireServices, startApicurio, startKafka } from '../services/index.ts';
import { FLIGHT_SCHEMA, type Flights, flightBatches, inOrder, readFlights, shuffledWithin } from './flights-data.ts';
import { checkpointOf, committedFeatures, differences, runHeadwater } from './headwater-run.ts';
import { type Oracle, oracleInOrder, oracleShuffled } from './oracle.ts';

/** Three million real flights through queries/flights.sql: every value of every key equals what DuckDB computes. */

const QUERY = fileURLToPath(new URL('../../queries/flights.sql', import.meta.url));
const MINUTE = 60_000;
const SHUFFLE_SEED = 7;
const TIMEOUT = 240_000;

let folder = '';
let flights: Flights;
let expected: Oracle;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-flights-'));
  [flights, expected] = await Promise.all([readFlights(), oracleInOrder()]);
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Loads the flights into an embedded log of a new data directory. */
async function embedded(name: string, order: Int32Array, partitions: number): Promise<string> {
  const dataDir = join(folder, name);
  const id = await registerSchema('embedded', 'flights-value', FLIGHT_SCHEMA, dataDir);
  const log = new EmbeddedLog(dataDir);
  log.createTopic('flights', partitions);
  flightBatches(flights, order, id, partitions).forEach((batches, p) => log.append('flights', p, batches));
  log.close();
  return dataDir;
}

async function expectAnswers(dataDir: string, oracle: Oracle): Promise<void> {
  const actual = await committedFeatures(dataDir);
  expect(differences(actual.airportHours, oracle.airportHours)).toEqual({ count: 0, examples: [] });
  expect(differences(actual.routeDays, oracle.routeDays)).toEqual({ count: 0, examples: [] });
}

describe('three million flights', () => {
  it('has an oracle of the expected size', () => {
    expect(expected.airportHours.size).toBe(424_259);
    expect(expected.routeDays.size).toBe(570_842);
  });

  it('from the embedded log, four partitions', { timeout: TIMEOUT }, async () => {
    const dataDir = await embedded('in-order', inOrder(flights.count), 4);
    const run = runHeadwater(QUERY, dataDir, []);
    expect(await run.exit, run.output()).toBe(0);
    await expectAnswers(dataDir, expected);
  });

  it('the same when killed after three epochs and started anew', { timeout: TIMEOUT }, async () => {
    const dataDir = await embedded('killed', inOrder(flights.count), 4);
    const first = runHeadwater(QUERY, dataDir, []);
    const port = await portOf(first);
    // Rows read beyond the committed positions: they have to be read again.
    let ahead = 0;
    let before = checkpointOf(dataDir);
    while (ahead <= 0 || before === undefined || before.epoch < 3) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      before = checkpointOf(dataDir);
      ahead = (await rowsRead(port)) - (before?.records ?? Infinity);
      expect(before?.finished, 'the job ended before it could be killed').not.toBe(true);
    }
    first.process.kill('SIGKILL');
    expect(await first.exit).toBe('SIGKILL');
    const restored = checkpointOf(dataDir);
    expect(restored?.epoch).toBeGreaterThanOrEqual(3);
    expect(restored?.records).toBeGreaterThan(0);
    expect(restored?.records).toBeLessThan(flights.count);
    const second = runHeadwater(QUERY, dataDir, []);
    expect(await second.exit, second.output()).toBe(0);
    // It read what the checkpoint had not, and no more: it neither began anew nor skipped anything.
    const finalLine = /read (\d+) rows/.exec(second.output());
    expect(Number(finalLine?.[1]), second.output()).toBe(flights.count - (restored?.records ?? 0));
    await expectAnswers(dataDir, expected);
  });

  it('out of order by up to 20 minutes under a watermark of 10', { timeout: TIMEOUT }, async () => {
    const order = shuffledWithin(flights, 20 * MINUTE, SHUFFLE_SEED);
    const [oracle, dataDir] = await Promise.all([oracleShuffled(order, 10), embedded('shuffled', order, 1)]);
    const run = runHeadwater(QUERY, dataDir, []);
    expect(await run.exit, run.output()).toBe(0);
    expect(oracle.lateHours).toBeGreaterThan(0);
    expect(oracle.lateDays).toBeGreaterThan(0);
    const late = /dropped (\d+) late rows/.exec(run.output());
    expect(Number(late?.[1]), run.output()).toBe(oracle.lateHours + oracle.lateDays);
    await expectAnswers(dataDir, oracle);
  });
});

const services = await requireServices('kafka', 'apicurio');
describe.skipIf(!services)('three million flights from a real broker and a real registry', () => {
  it('four partitions', { timeout: TIMEOUT }, async () => {
    const [kafka, registry] = await Promise.all([startKafka(), startApicurio()]);
    try {
      const id = await registerSchema(registry.url, 'flights-value', FLIGHT_SCHEMA, folder);
      await createTopic(kafka.bootstrap, 'flights', 4);
      const partitions = flightBatches(flights, inOrder(flights.count), id, 4);
      await Promise.all(partitions.map((batches, p) => produceBatches(kafka.bootstrap, 'flights', p, batches)));
      const dataDir = join(folder, 'kafka');
      const settings = ['--set', `KAFKA_BROKERS=${kafka.bootstrap}`, '--set', `SCHEMA_REGISTRY_URL=${registry.url}`];
      const run = runHeadwater(QUERY, dataDir, settings);
      expect(await run.exit, run.output()).toBe(0);
      await expectAnswers(dataDir, expected);
    } finally {
      await Promise.all([kafka.stop(), registry.stop()]);
    }
  });
});

async function portOf(run: ReturnType<typeof runHeadwater>): Promise<number> {
  for (;;) {
    const match = /serving on http:\/\/127\.0\.0\.1:(\d+)/.exec(run.output());
    if (match !== null) return Number(match[1]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function rowsRead(port: number): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/jobs/flights`);
    const view = (await response.json()) as { rows_in?: number };
    return view.rows_in ?? 0;
  } catch {
    return 0;
  }
}
