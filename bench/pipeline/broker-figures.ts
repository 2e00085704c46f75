import { join } from 'node:path';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { crc32c } from '../../src/connectors/record-batch/crc32c.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import {
  type KafkaService,
  type RegistryService,
  requireServices,
  startApicurio,
  startKafka,
} from '../../test/services/index.ts';
import { buildEvents, EVENT_SCHEMA } from '../event.ts';
import { LoopedLog, writeLog } from '../looped-log.ts';
import { measureInChild } from './child.ts';
import type { FigureContext } from './figure.ts';
import { EVENTS_PER_SECOND } from './logs.ts';
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
  const kafka = await startKafka();
  try {
    const registry = await startApicurio();
    try {
      await withServices(context, kafka, registry, latency);
    } finally {
      await registry.stop();
    }
  } finally {
    await kafka.stop();
  }
}

async function withServices(
  context: FigureContext,
  kafka: KafkaService,
  registry: RegistryService,
  latency: (context: FigureContext, target: LiveTarget) => Promise<void>,
): Promise<void> {
  const { options, note } = context;
  const schemaId = await registerSchema(registry.url, 'events-value', JSON.stringify(EVENT_SCHEMA), context.folder);
  if (options.only.has('latency')) {
    await latency(context, { type: 'kafka', bootstrap: kafka.bootstrap, registry: registry.url, schemaId });
  }
  if (options.only.has('broker')) {
    note(
      `from a broker (Kafka 4.1 on this machine), one partition, ${options.brokerEvents} events; the engine checks checksums, the loop does not`,
    );
    for (const keys of options.keys) await fromBroker(context, kafka, registry, schemaId, keys);
  }
  if (options.only.has('flink')) {
    note('NOT MEASURED: Flink is not run by this bench yet (docs/bench.md)');
  }
}

async function fromBroker(
  context: FigureContext,
  kafka: KafkaService,
  registry: RegistryService,
  schemaId: number,
  keys: number,
): Promise<void> {
  const { options, say } = context;
  const topic = `events-${keys}`;
  await createTopic(kafka.bootstrap, topic, 1);
  const loaded = await load(context, kafka.bootstrap, topic, keys, schemaId);
  say({ figure: 'broker', what: `${keys.toLocaleString('en')} keys: loaded`, value: loaded });
  const limits = { limit: options.brokerEvents, warmSeconds: options.warmSeconds, seconds: options.seconds };
  const title = keys.toLocaleString('en');
  const engine = await measureInChild({
    peer: 'engine',
    source: { type: 'kafka', bootstrap: kafka.bootstrap, topic, registry: registry.url },
    sink: 'feature',
    threads: 1,
    otherQueries: 0,
    logBytes: 0,
    ...limits,
  });
  say(measurementRow('broker', `${title} keys: engine, feature table`, engine));
  const peer = { bootstrap: kafka.bootstrap, topic, ...limits };
  const fused = await measureInChild({ peer: 'fused-broker', ...peer });
  say(measurementRow('broker', `${title} keys: hand-fused loop over raw Fetch`, fused));
  const handmade = await measureInChild({ peer: 'handmade-broker', ...peer });
  say(measurementRow('broker', `${title} keys: kafkajs + avsc + Map`, handmade));
  say(ratioRow('broker', `${title} keys: engine / loop`, engine, fused, keys <= 100_000 ? 0.7 : 0.5));
  say(ratioRow('broker', `${title} keys: engine / by hand`, engine, handmade, 5));
}

/** Fills a topic with a log, replayed until there are enough events. */
async function load(context: FigureContext, bootstrap: string, topic: string, keys: number, schemaId: number) {
  const events = Math.min(context.options.brokerEvents, Math.max(500_000, 2 * keys));
  const path = join(context.folder, topic);
  writeLog(path, buildEvents({ events, keys, perSecond: EVENTS_PER_SECOND, schemaId }));
  const log = new LoopedLog(path);
  const begun = Date.now();
  let produced = 0;
  while (produced < context.options.brokerEvents) {
    const batches: Uint8Array[] = [];
    for (let i = 0; i < 100 && produced < context.options.brokerEvents; i++) {
      if (log.atEnd) log.nextPass();
      const { at, end } = log.take(1);
      batches.push(sealed(log.bytes.slice(at, end)));
      produced += log.view.getInt32(at + 57);
    }
    await produceBatches(bootstrap, topic, 0, batches);
  }
  const seconds = (Date.now() - begun) / 1000;
  return `${produced} events in ${seconds.toFixed(1)} s`;
}

/** The batch as a producer sends it: base offset 0, and the checksum that its moved times ask for. */
function sealed(batch: Uint8Array): Uint8Array {
  const view = new DataView(batch.buffer);
  view.setBigInt64(0, 0n);
  view.setUint32(17, crc32c(batch, 21, batch.length));
  return batch;
}
