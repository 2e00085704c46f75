import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { flinkJars } from '../../test/flink/jars.ts';
import { flinkConnectorJars } from '../../test/services/artifacts.ts';
import type { BrokerTopic } from '../pipeline/broker-topic.ts';

const run = promisify(execFile);
/** From the bundle's folder. */
const SOURCE = fileURLToPath(new URL('../../bench/flink/FlinkBench.java', import.meta.url));
const TIMEOUT_MS = 300_000;
const OPENED = ['java.lang', 'java.util', 'java.time', 'java.nio'].flatMap((name) => [
  '--add-opens',
  `java.base/${name}=ALL-UNNAMED`,
]);

/** The least that a part of a run has. */
export interface Least {
  readonly seconds: number;
  readonly events: number;
}

export interface FlinkMeasurement {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
  /** Millions of events measured, and of those before them. */
  readonly millions: number;
  readonly warmMillions: number;
  readonly cpuSecondsPerMillion: number;
}

/**
 * Runs a query over a topic's events on Flink 2.3 in one JVM: heap state, a blackhole with the columns. It is warmed up
 * first; then the stretch begins, which ends with the topic at the latest.
 */
export async function measureFlink(
  topic: BrokerTopic,
  query: { readonly columns: string; readonly select: string },
  warm: Least,
  stretch: Least,
): Promise<FlinkMeasurement> {
  const jars = `${await flinkJars()}/*:${await flinkConnectorJars()}/*`;
  const where = [topic.bootstrap, topic.topic, topic.registry, String(topic.events)];
  const least = [warm.seconds, warm.events, stretch.seconds, stretch.events].map(String);
  const checkpoints = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const words = [...where, query.columns, query.select, ...least, checkpoints];
  const { stdout } = await run('java', [...OPENED, '-Xmx4g', '-cp', jars, SOURCE, ...words], {
    maxBuffer: 64 << 20,
    timeout: TIMEOUT_MS,
  }).finally(() => {
    rmSync(checkpoints, { recursive: true, force: true });
  });
  const { cpuSeconds, wallSeconds, events, warmEvents } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    readonly cpuSeconds: number;
    readonly wallSeconds: number;
    readonly events: number;
    readonly warmEvents: number;
  };
  const millions = events / 1e6;
  return {
    cpuSeconds,
    wallSeconds,
    millions,
    warmMillions: warmEvents / 1e6,
    cpuSecondsPerMillion: cpuSeconds / millions,
  };
}
