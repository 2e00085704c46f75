import { Kafka, logLevel } from 'kafkajs';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EmbeddedLog } from '../../src/connectors/embedded/index.ts';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { requireServices, startApicurio, startKafka } from '../../test/services/index.ts';
import { formatRow, machine, type Row } from '../pipeline/report.ts';
import type { PeerSpec } from './kafkajs-peer.ts';
import { type MeasuredProcess, runMeasured } from './measured.ts';

const COMMAND = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url));
const PEER = fileURLToPath(new URL('./producer-peer.js', import.meta.url));
const PARTITIONS = 4;
const KEYS = 100_000;
const GOAL = 150_000;

/**
 * `npm run bench -- producer [--events 3000000]`: `headwater produce user-activity` into a real broker and into the
 * embedded log, each on one core, beside kafkajs with the same events. Every count is checked.
 */
async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { events: { type: 'string' } } });
  const events = Number(values.events ?? 3_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  process.stdout.write(
    `headwater bench producer, ${new Date().toISOString()}\n${machine()}\nload ${load()} at the start\n`,
  );
  process.stdout.write(`${events} events of user activity, ${KEYS} users, ${PARTITIONS} partitions\n\n`);
  try {
    await intoEmbedded(folder, events);
    if (await requireServices('kafka', 'apicurio')) await intoBroker(events);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function intoEmbedded(folder: string, events: number): Promise<void> {
  const run = await runMeasured([...produce(events), '--data-dir', folder, '--partitions', String(PARTITIONS)]);
  const log = new EmbeddedLog(folder);
  const ends = Array.from({ length: PARTITIONS }, (_, p) => log.endOffset('user-activity', p));
  log.close();
  say('headwater produce, embedded log', events, run, ends, GOAL);
}

async function intoBroker(events: number): Promise<void> {
  const [kafka, registry] = await Promise.all([startKafka(), startApicurio()]);
  try {
    const into = async (what: string, topic: string, goal: number | undefined, run: () => Promise<MeasuredProcess>) => {
      await createTopic(kafka.bootstrap, topic, PARTITIONS);
      const measured = await run();
      say(what, events, measured, await endOffsets(kafka.bootstrap, topic), goal);
      return measured;
    };
    const ours = (topic: string, ...more: readonly string[]) =>
      runMeasured([
        ...produce(events),
        ...['--brokers', kafka.bootstrap, '--registry', registry.url, '--topic', topic, ...more],
      ]);
    const plain = await into('headwater produce, broker', 'ours', GOAL, () => ours('ours'));
    await into('headwater produce, broker, lz4', 'ours-lz4', undefined, () => ours('ours-lz4', '--compression', 'lz4'));
    const [schemaId] = plain.totals.schemaIds;
    const spec: PeerSpec = { brokers: kafka.bootstrap, topic: 'peer', events, schemaId, keys: KEYS };
    const peer = await into('kafkajs, the same events', 'peer', undefined, () =>
      runMeasured([PEER, JSON.stringify(spec)]),
    );
    const wall = peer.totals.seconds / plain.totals.seconds;
    const cpu = peer.cpuSeconds / plain.cpuSeconds;
    write({
      figure: 'producer',
      what: 'headwater produce over kafkajs',
      value: `${wall.toFixed(1)} x (by CPU ${cpu.toFixed(1)} x)`,
    });
  } finally {
    await Promise.all([kafka.stop(), registry.stop()]);
  }
}

function produce(events: number): string[] {
  const rate = ['--rate', 'max', '--count', String(events), '--keys', String(KEYS)];
  return [COMMAND, 'produce', 'user-activity', ...rate, '--json'];
}

async function endOffsets(bootstrap: string, topic: string): Promise<number[]> {
  const admin = new Kafka({ clientId: 'bench', brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicOffsets(topic)).map(({ offset }) => Number(offset));
  } finally {
    await admin.disconnect();
  }
}

function say(
  what: string,
  events: number,
  { totals, cpuSeconds }: MeasuredProcess,
  ends: readonly number[],
  goal: number | undefined,
): void {
  const found = ends.reduce((sum, end) => sum + end, 0);
  if (found !== events || totals.events !== events) {
    throw new Error(`${what}: ${found} events in the topic, ${totals.events} counted; expected ${events}`);
  }
  const rate = events / totals.seconds;
  write({
    figure: 'producer',
    what,
    value:
      `${(rate / 1000).toFixed(0)} k events/s over ${totals.seconds.toFixed(1)} s, ` +
      `${((cpuSeconds * 1e6) / events).toFixed(2)} CPU-s per million, load ${load()}`,
    ...(goal === undefined ? {} : { goal: `>= ${goal / 1000} k/s`, met: rate >= goal }),
  });
}

function write(row: Row): void {
  process.stdout.write(formatRow(row, 34));
}

function load(): string {
  return loadavg()[0].toFixed(1);
}

await main(process.argv.slice(2));
process.exit(0);
