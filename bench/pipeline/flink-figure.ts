import { measureFlink } from '../flink/run.ts';
import { afterOthers, sayEngine } from './again.ts';
import type { BrokerTopic } from './broker-topic.ts';
import type { FigureContext } from './figure.ts';
import type { EngineSpec } from './measure-engine.ts';
import { RESULT_COLUMNS, tumbleQuery } from './query.ts';
import { measureReadings } from './readings.ts';

const GOAL = 12;
/** Flink needs so many to be warm; fewer events in the topic, and half of them warm it up. */
const WARM_EVENTS = 10_000_000;

/** CPU seconds of the whole process per million events: Flink and the engine over the same topic, one after the other. */
export async function flinkFigure(context: FigureContext, topic: BrokerTopic): Promise<void> {
  const { options, say } = context;
  const title = `${topic.keys.toLocaleString('en')} keys`;
  const flink = await measureFlink(
    topic,
    { columns: RESULT_COLUMNS, select: tumbleQuery(10) },
    { seconds: 0, events: Math.min(WARM_EVENTS, Math.floor(topic.events / 2)) },
    { seconds: Infinity, events: 0 },
  );
  say({
    figure: 'flink',
    what: `${title}: Flink 2.3, heap state, blackhole`,
    value:
      `${(flink.millions / flink.wallSeconds).toFixed(2)} M events/s over ${flink.wallSeconds.toFixed(1)} s, ` +
      `${flink.cpuSecondsPerMillion.toFixed(3)} CPU-s per million ` +
      `(${flink.millions.toFixed(1)} M events after ${flink.warmMillions.toFixed(1)} M of warm-up)`,
    data: flink,
  });
  const spec: EngineSpec = {
    peer: 'engine',
    source: { type: 'kafka', bootstrap: topic.bootstrap, topic: topic.topic, registry: topic.registry },
    sink: 'feature',
    threads: 1,
    otherQueries: 0,
    logBytes: 0,
    limit: topic.events,
    warmSeconds: options.warmSeconds,
    seconds: options.seconds,
  };
  const engine = await measureReadings(spec);
  const again = options.again ? await measureReadings(afterOthers(spec)) : undefined;
  sayEngine(context, 'flink', `${title}: engine, feature table`, engine, again);
  const ratio = flink.cpuSecondsPerMillion / engine.cpuSecondsPerMillion;
  say({
    figure: 'flink',
    what: `${title}: Flink's CPU time / the engine's`,
    value: `${ratio.toFixed(1)} x`,
    goal: `>= ${GOAL} x`,
    met: ratio >= GOAL,
    data: { ratio },
  });
}
