import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { ServerClient } from '../../src/cli/server-client.ts';
import { hasEnded } from '../../src/runtime/job.ts';
import type { LiveTarget } from './broker-figures.ts';
import type { FigureContext } from './figure.ts';
import { firstOutput, startHeadwater, stopHeadwater } from './headwater-process.ts';
import { LiveProducer } from './live-producer.ts';
import { OTHER_QUERIES, otherScripts } from './other-queries.ts';
import { type EventSource, pipelineSql } from './query.ts';

const TOPIC = 'live';
const KEYS = 1000;
const PER_SECOND = 5000;
const WINDOW_MS = 1000;
const KEY = 'user_0000500';
const SKIPPED_WINDOWS = 5;
const GOAL_MS = 40;

/**
 * From a window's end (event times are the wall clock's) to the moment when the value of that window is read over
 * HTTP: `headwater run` in a process of its own, the producer and a client that asks for one key again and again in
 * this one.
 */
export async function latencyFigure(context: FigureContext, target: LiveTarget): Promise<void> {
  const { note, options } = context;
  const where = target.type === 'kafka' ? 'a Kafka broker on this machine' : 'the embedded log (NO BROKER)';
  note(
    `window end to value over HTTP, from ${where}: ${PER_SECOND} events/s, ${KEYS} keys, 1 s windows, min-pause 50 ms`,
  );
  const dataDir = join(context.folder, 'latency');
  mkdirSync(dataDir, { recursive: true });
  const producer = await LiveProducer.open(target, dataDir, TOPIC, { keys: KEYS, perSecond: PER_SECOND });
  const file = join(dataDir, 'latency.sql');
  const timing = { windowSeconds: 1, lagMs: 1, intervalMs: 1000, minPauseMs: 50 };
  writeFileSync(file, pipelineSql({ ...timing, source: sourceOf(target), sink: 'feature' }));
  const headwater = startHeadwater(['run', file, '--data-dir', dataDir, '--port', '0', '--threads', '1']);
  try {
    const [, base] = await firstOutput(headwater, /serving on (\S+)/);
    producer.start();
    const url = `${base}/v1/features/user_stats/${KEY}?columns=window_end`;
    sayLatencies(context, 'windows', await watchWindows(url, options.windows));
    if (!options.again) return;
    await submitOthers(dataDir);
    sayLatencies(context, `windows after ${OTHER_QUERIES} other queries`, await watchWindows(url, options.windows));
  } finally {
    await stopHeadwater(headwater);
    await producer.stop();
  }
}

function sayLatencies({ say }: FigureContext, what: string, latencies: readonly number[]): void {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  say({
    figure: 'latency',
    what: `${sorted.length} ${what}`,
    value: `p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, max ${sorted[sorted.length - 1].toFixed(0)} ms`,
    goal: `p99 <= ${GOAL_MS} ms`,
    met: at(0.99) <= GOAL_MS,
    data: { latencies },
  });
  process.stdout.write(histogram(sorted));
}

/** Small jobs with other types, in the process that is measured, one after the other. */
async function submitOthers(dataDir: string): Promise<void> {
  const client = await ServerClient.find(dataDir);
  if (client === undefined) throw new Error(`no server has ${dataDir} open`);
  for (const [name, sql] of otherScripts(OTHER_QUERIES)) {
    await client.submit(sql, name, {});
    let job;
    do {
      await new Promise((resolve) => setTimeout(resolve, 20));
      job = (await client.jobs()).find((one) => one.name === name);
    } while (job !== undefined && !hasEnded(job.status));
    if (job?.status !== 'finished') throw new Error(`${name}: ${job?.error?.message ?? 'is gone'}`);
  }
}

function sourceOf(target: LiveTarget): EventSource {
  if (target.type === 'embedded') return { type: 'kafka', bootstrap: 'embedded', topic: TOPIC, registry: 'embedded' };
  return { type: 'kafka', bootstrap: target.bootstrap, topic: TOPIC, registry: target.registry };
}

/** Asks again 1 ms after each answer; what it adds to the latency stays in it. */
async function watchWindows(url: string, windows: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const latencies: number[] = [];
  let newest = 0;
  let seen = 0;
  const deadline = Date.now() + (windows + SKIPPED_WINDOWS) * WINDOW_MS * 2 + 20_000;
  while (latencies.length < windows) {
    if (Date.now() > deadline) throw new Error(`only ${latencies.length} windows were seen in time`);
    const end = await windowEnd(url, agent);
    const now = Date.now();
    if (end > newest) {
      newest = end;
      if (seen++ >= SKIPPED_WINDOWS) latencies.push(now - end);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  agent.destroy();
  return latencies;
}

/** The window end of the key's row, epoch ms; 0 while there is none. */
async function windowEnd(url: string, agent: Agent): Promise<number> {
  const body = await new Promise<string>((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(response.statusCode === 200 ? text : ''));
    }).on('error', reject);
  });
  if (body === '') return 0;
  const { features } = JSON.parse(body) as { features: { window_end: string } };
  return Date.parse(`${features.window_end.replace(' ', 'T').replace(/Z$/, '')}Z`);
}

const BUCKETS_MS = [5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 500, Infinity];

function histogram(sorted: readonly number[]): string {
  let from = 0;
  const lines = BUCKETS_MS.map((to) => {
    const count =
      sorted.filter((ms) => ms > from && ms <= to).length + (from === 0 ? sorted.filter((ms) => ms <= 0).length : 0);
    const label = to === Infinity ? `over ${from}` : `${from} - ${to}`;
    from = to;
    return { label, count };
  });
  const last = lines.findLastIndex((line) => line.count > 0);
  return lines
    .slice(0, last + 1)
    .map(({ label, count }) => `  ${label.padStart(9)} ms ${String(count).padStart(4)} ${'#'.repeat(count)}\n`)
    .join('');
}
