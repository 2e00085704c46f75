import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { flinkJars } from '../../test/flink/jars.ts';
import { flinkConnectorJars } from '../../test/services/artifacts.ts';
import type { BrokerTopic } from '../pipeline/broker-topic.ts';

const run = promisify(execFile);
/** From the bundle's folder. */
const SOURCE = fileURLToPath(new URL('../../bench/flink/FlinkBench.java', import.meta.url));
/** Flink needs so many to be warm; fewer events in the topic, and half of them warm it up. */
const WARM_EVENTS = 10_000_000;
const OPENED = ['java.lang', 'java.util', 'java.time', 'java.nio'].flatMap((name) => [
  '--add-opens',
  `java.base/${name}=ALL-UNNAMED`,
]);

export interface FlinkMeasurement {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Millions of events measured, and of those before them. */
  readonly millions: number;
  readonly warmMillions: number;
  readonly cpuSecondsPerMillion: number;
}

/** Runs a query over a topic's events on Flink 2.3 in one JVM: heap state, a blackhole with the columns. */
export async function measureFlink(topic: BrokerTopic, columns: string, query: string): Promise<FlinkMeasurement> {
  const warm = Math.min(WARM_EVENTS, Math.floor(topic.events / 2));
  const jars = `${await flinkJars()}/*:${await flinkConnectorJars()}/*`;
  const counts = [String(warm), String(topic.events)];
  const where = [topic.bootstrap, topic.topic, topic.registry];
  const args = [...OPENED, '-Xmx2g', '-cp', jars, SOURCE, ...where, ...counts, columns, query];
  const { stdout } = await run('java', args, { maxBuffer: 64 << 20 });
  const measured = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { cpuSeconds: number; wallSeconds: number };
  const millions = (topic.events - warm) / 1e6;
  return { ...measured, millions, warmMillions: warm / 1e6, cpuSecondsPerMillion: measured.cpuSeconds / millions };
}
