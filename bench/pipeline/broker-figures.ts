import { requireServices } from '../../test/services/index.ts';
import { type BrokerServices, withBroker } from '../broker-services.ts';
import { afterOthers, sayEngine } from './again.ts';
import { type BrokerTopic, loadTopic } from './broker-topic.ts';
import type { FigureContext } from './figure.ts';
import { flinkFigure } from './flink-figure.ts';
import type { EngineSpec } from './measure-engine.ts';
import { measureInTurns } from './readings.ts';
import { measurementRow, ratioRow } from './report.ts';

/** Where live events go: a topic of a real broker, or of the embedded log. */
export type LiveTarget =
  | { readonly type: 'kafka'; readonly bootstrap: string; readonly registry: string; readonly schemaId: number }
  | { readonly type: 'embedded' };

/** Everything that wants a real broker; without one, latency is measured from the embedded log and the rest is left out. */
export async function brokerFigures(
  context: FigureContext,
  latency: (context: FigureContext, target: LiveTarget) => Promise<void>,
): Promise<void> {
  const { options, note } = context;
  if (!(await requireServices('kafka', 'apicurio'))) {
    note('NOT MEASURED: everything from a broker (no Java or no Maven on this machine)');
    if (options.only.has('latency')) await latency(context, { type: 'embedded' });
    return;
  }
  await withBroker(context.folder, (services) => measureFrom(context, services, latency));
}

async function measureFrom(
  context: FigureContext,
  services: BrokerServices,
  latency: (context: FigureContext, target: LiveTarget) => Promise<void>,
): Promise<void> {
  const { options, note } = context;
  if (options.only.has('latency')) await latency(context, { type: 'kafka', ...services });
  if (!options.only.has('broker') && !options.only.has('flink')) return;
  note(
    `from a broker (Kafka 4.1 on this machine), one partition, ${options.brokerEvents} events; the engine checks checksums, the loop does not`,
  );
  for (const keys of options.keys) {
    const topic = await loadTopic(context, services, keys);
    if (options.only.has('broker')) await fromBroker(context, topic);
    if (options.only.has('flink')) await flinkFigure(context, topic);
  }
}

async function fromBroker(context: FigureContext, topic: BrokerTopic): Promise<void> {
  const { options, say } = context;
  const limits = { limit: topic.events, warmSeconds: options.warmSeconds, seconds: options.seconds };
  const title = topic.keys.toLocaleString('en');
  const engine: EngineSpec = {
    peer: 'engine',
    source: { type: 'kafka', bootstrap: topic.bootstrap, topic: topic.topic, registry: topic.registry },
    sink: 'feature',
    threads: 1,
    otherQueries: 0,
    logBytes: 0,
    ...limits,
  };
  const peer = { bootstrap: topic.bootstrap, topic: topic.topic, ...limits };
  const of = await measureInTurns(
    { engine, fused: { peer: 'fused-broker', ...peer }, handmade: { peer: 'handmade-broker', ...peer } },
    options.again ? { engineAgain: afterOthers(engine) } : {},
  );
  sayEngine(context, 'broker', `${title} keys: engine, feature table`, of.engine, of.engineAgain);
  say(measurementRow('broker', `${title} keys: hand-fused loop over raw Fetch`, of.fused));
  say(measurementRow('broker', `${title} keys: kafkajs + avsc + Map`, of.handmade));
  say(ratioRow('broker', `${title} keys: engine / loop`, of.engine, of.fused, topic.keys <= 100_000 ? 0.7 : 0.5));
  say(ratioRow('broker', `${title} keys: engine / by hand`, of.engine, of.handmade, 5));
}
