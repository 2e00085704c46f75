import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { flinkJars } from '../../test/flink/jars.ts';
import { flinkConnectorJars } from '../../test/services/artifacts.ts';
import { measureInChild } from './child.ts';
import type { FigureContext } from './figure.ts';
import type { BrokerTopic } from './broker-topic.ts';
import { measurementRow } from './report.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../../bench/flink/FlinkBench.java', import.meta.url));
const GOAL = 12;
/** Flink needs so many to be warm; fewer events in the topic, and half of them warm it up. */
const WARM_EVENTS = 10_000_000;
const OPENED = ['java.lang', 'java.util', 'java.time', 'java.nio'].flatMap((name) => [
  '--add-opens',
  `java.base/${name}=ALL-UNNAMED`,
]);

/** CPU seconds of the whole process per million events: Flink and the engine over the same topic, one after the other. */
export async function flinkFigure(context: FigureContext, topic: BrokerTopic): Promise<void> {
  const { options, say } = context;
  const title = `${topic.keys.toLocaleString('en')} keys`;
  const warm = Math.min(WARM_EVENTS, Math.floor(topic.events / 2));
  const jars = `${await flinkJars()}/*:${await flinkConnectorJars()}/*`;
  const counts = [String(warm), String(topic.events)];
  const args = [...OPENED, '-Xmx2g', '-cp', jars, SOURCE, topic.bootstrap, topic.topic, topic.registry, ...counts];
  const { stdout } = await run('java', args, { maxBuffer: 64 << 20 });
  const measured = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { cpuSeconds: number; wallSeconds: number };
  const millions = (topic.events - warm) / 1e6;
  const flink = measured.cpuSeconds / millions;
  say({
    figure: 'flink',
    what: `${title}: Flink 2.3, heap state, blackhole`,
    value:
      `${(millions / measured.wallSeconds).toFixed(2)} M events/s over ${measured.wallSeconds.toFixed(1)} s, ` +
      `${flink.toFixed(3)} CPU-s per million (${millions} M events after ${warm / 1e6} M of warm-up)`,
    data: { ...measured, millions, cpuSecondsPerMillion: flink },
  });
  const engine = await measureInChild({
    peer: 'engine',
    source: { type: 'kafka', bootstrap: topic.bootstrap, topic: topic.topic, registry: topic.registry },
    sink: 'feature',
    threads: 1,
    otherQueries: 0,
    logBytes: 0,
    limit: topic.events,
    warmSeconds: options.warmSeconds,
    seconds: options.seconds,
  });
  say(measurementRow('flink', `${title}: engine, feature table`, engine));
  const ratio = flink / engine.cpuSecondsPerMillion;
  say({
    figure: 'flink',
    what: `${title}: Flink's CPU time / the engine's`,
    value: `${ratio.toFixed(1)} x`,
    goal: `>= ${GOAL} x`,
    met: ratio >= GOAL,
    data: { ratio },
  });
}
