import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireServices } from '../../test/services/index.ts';
import { withBroker } from '../broker-services.ts';
import { measureFlink } from '../flink/run.ts';
import { type BrokerTopic, loadTopic } from '../pipeline/broker-topic.ts';
import { measureInChild } from '../pipeline/child.ts';
import { EVENTS_PER_SECOND, type WindowCase } from './cases.ts';

/** The goal: at most this part of Flink's CPU seconds per event. */
const GOAL = 1 / 8;
/** Events of ten seconds of event time: the longest window. */
const WINDOW = 10 * EVENTS_PER_SECOND;

export interface FlinkFigure {
  readonly keys: number;
  readonly name: string;
  /** CPU seconds of the whole process per million events. */
  readonly flink: number;
  readonly engine: number;
}

/** How long each side runs at least: wall seconds, beside whole windows of event time. */
export interface Stretches {
  readonly flink: { readonly warm: number; readonly seconds: number };
  readonly engine: { readonly warm: number; readonly seconds: number };
}

/**
 * Each window over one topic of a real broker, by Flink in one JVM and by the engine with its threads, checkpoints
 * every second and a sink that drops the rows: CPU seconds of the whole process per million events. Both warm up over
 * two windows of event time and are measured over one at least.
 */
export async function compareWithFlink(options: {
  readonly keys: readonly number[];
  readonly cases: readonly WindowCase[];
  readonly brokerEvents: number;
  readonly stretches: Stretches;
}): Promise<readonly FlinkFigure[]> {
  if (!(await requireServices('kafka', 'apicurio'))) throw new Error('--with-flink needs Java and Maven');
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const figures: FlinkFigure[] = [];
  process.stdout.write(
    `\nBeside Flink 2.3, over one topic of Kafka (${options.brokerEvents} events at least), one partition, one task\n\n` +
      `| keys | window | Flink CPU-s per million | engine CPU-s per million | engine / Flink | goal |\n|---|---|---|---|---|---|\n`,
  );
  try {
    await withBroker(folder, async (services) => {
      for (const keys of options.keys) {
        const topic = await loadTopic({ options, folder, say: () => undefined }, services, keys);
        for (const window of options.cases) {
          const figure = await compare(topic, window, options.stretches);
          figures.push(figure);
          process.stdout.write(row(figure));
        }
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

async function compare(topic: BrokerTopic, { name, window, calls, columns }: WindowCase, stretches: Stretches) {
  // The topic's events have texts for items.
  const select =
    `SELECT user_id, ${calls.replace('item', 'item_id')}, window_end ` +
    `FROM TABLE(${window}) GROUP BY user_id, window_start, window_end`;
  const results = `user_id STRING, ${columns}, window_end TIMESTAMP(3)`;
  const query = { columns: results, select };
  const flink = await measureFlink(
    topic,
    query,
    { seconds: stretches.flink.warm, events: 2 * WINDOW },
    { seconds: stretches.flink.seconds, events: WINDOW },
  );
  const engine = await measureInChild({
    peer: 'engine',
    source: { type: 'kafka', bootstrap: topic.bootstrap, topic: topic.topic, registry: topic.registry },
    sink: 'blackhole',
    query,
    threads: 1,
    otherQueries: 0,
    logBytes: 0,
    limit: topic.events,
    warmSeconds: stretches.engine.warm,
    seconds: stretches.engine.seconds,
    least: { warm: 2 * WINDOW, stretch: WINDOW },
  });
  return { keys: topic.keys, name, flink: flink.cpuSecondsPerMillion, engine: engine.cpuSecondsPerMillion };
}

function row({ keys, name, flink, engine }: FlinkFigure): string {
  const ratio = engine / flink;
  const verdict = `<= ${GOAL}: ${ratio <= GOAL ? 'met' : 'NOT MET'}`;
  const numbers = [flink, engine, ratio].map((value) => value.toFixed(3));
  return `| ${[keys.toLocaleString('en'), name, ...numbers, verdict].join(' | ')} |\n`;
}
