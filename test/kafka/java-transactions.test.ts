import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';
import { contextIn, drain, rawConnector, specOf } from './support.ts';

const ready = await requireServices('kafka');
const PROGRAM = fileURLToPath(new URL('java/InterleavedTransactions.java', import.meta.url));
const PARTITIONS = 3;
const TURNS = 500;

/** By partition, the records that a committed reader has to see, in order. */
type Committed = readonly (readonly { readonly offset: number; readonly value: string }[])[];

describe.skipIf(!ready)("transactions of Kafka's own Java producers", { timeout: 60_000 }, () => {
  let kafka: KafkaService;
  let dir: string;
  let committed: Committed;
  let openFrom: number[] = [];
  const seed = Number(process.env.HEADWATER_TEST_SEED ?? Date.now() % 1e9);

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'headwater-java-tx-'));
    kafka = await startKafka();
    await createTopic(kafka.bootstrap, 'tx', PARTITIONS);
    const { stdout } = await promisify(execFile)(
      'java',
      [
        ...['-Xmx256m', '-XX:TieredStopAtLevel=1', '-cp', kafka.classPath, PROGRAM],
        ...[kafka.bootstrap, 'tx', String(PARTITIONS), String(seed), String(TURNS)],
      ],
      { maxBuffer: 64 << 20 },
    );
    const lines = stdout
      .split('\n')
      .filter((line) => /^\d+ \d+ /.test(line))
      .map((line) => line.split(' '));
    committed = Array.from({ length: PARTITIONS }, (_, partition) =>
      lines
        .filter(([at]) => Number(at) === partition)
        .map(([, offset, value]) => ({ offset: Number(offset), value }))
        .sort((a, b) => a.offset - b.offset),
    );
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  /** Reads the partitions from given offsets on to the end, as the table's committed records are now. */
  async function read(from: readonly number[], maxRows: number): Promise<{ values: string[][]; fetches: number }> {
    const spec = specOf({
      topic: 'tx',
      'properties.bootstrap.servers': kafka.bootstrap,
      'scan.bounded.mode': 'latest-offset',
    });
    const context = contextIn(dir);
    const splits = await rawConnector.discover(spec, context);
    openFrom = splits.map(({ start }) => Number(start.end));
    const reader = await rawConnector.open(
      spec,
      splits.map(({ split, start }, i) => ({ split, position: { ...start, offset: String(from[i]) } })),
      context,
    );
    const held = new Set<number>();
    const seen = await drain(reader, { maxRows, onRows: () => held.add(reader.bytes()) });
    await reader.close();
    const values = splits.map(({ split }) =>
      (seen.get(split.id) ?? []).map((value) => value.slice(0, value.indexOf(':'))),
    );
    return { values, fetches: held.size };
  }
  const expected = (from: readonly number[]): string[][] =>
    committed.map((records, i) => records.filter(({ offset }) => offset >= from[i]).map(({ value }) => value));

  it('shows exactly the committed records, over many fetches and from any offset', async () => {
    const whole = committed.flat();
    expect(whole.length, `seed ${seed}`).toBeGreaterThan(TURNS);
    for (const maxRows of [1, 1000]) {
      const { values, fetches } = await read([0, 0, 0], maxRows);
      expect(values, `seed ${seed}`).toEqual(expected([0, 0, 0]));
      expect(fetches).toBeGreaterThan(2);
    }
    // Each start is another list of aborted transactions, some of which began before it.
    for (let step = 1; step <= 12; step++) {
      const from = openFrom.map((end, partition) => Math.floor((end * (step + partition / PARTITIONS)) / 13));
      expect((await read(from, 100)).values, `seed ${seed}, from ${from.join()}`).toEqual(expected(from));
    }
  }, 60_000);
});
