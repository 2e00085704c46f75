import { join } from 'node:path';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { crc32c } from '../../src/connectors/record-batch/crc32c.ts';
import { buildEvents } from '../event.ts';
import { LoopedLog, writeLog } from '../looped-log.ts';
import type { FigureContext } from './figure.ts';
import { EVENTS_PER_SECOND } from './logs.ts';

/** Events in partition 0 of a real broker's topic. */
export interface BrokerTopic {
  readonly bootstrap: string;
  readonly registry: string;
  readonly topic: string;
  readonly keys: number;
  readonly events: number;
}

export interface LoadContext {
  readonly options: { readonly brokerEvents: number };
  readonly folder: string;
  readonly say: FigureContext['say'];
}

/** Makes a topic and fills it with a log, replayed until there are enough events. */
export async function loadTopic(
  context: LoadContext,
  services: { readonly bootstrap: string; readonly registry: string; readonly schemaId: number },
  keys: number,
): Promise<BrokerTopic> {
  const { bootstrap, registry, schemaId } = services;
  const topic = `events-${keys}`;
  await createTopic(bootstrap, topic, 1);
  const wanted = context.options.brokerEvents;
  const events = Math.min(wanted, Math.max(500_000, 2 * keys));
  const path = join(context.folder, topic);
  writeLog(path, buildEvents({ events, keys, perSecond: EVENTS_PER_SECOND, schemaId }));
  const log = new LoopedLog(path);
  const begun = Date.now();
  let produced = 0;
  while (produced < wanted) {
    const batches: Uint8Array[] = [];
    for (let i = 0; i < 100 && produced < wanted; i++) {
      if (log.atEnd) log.nextPass();
      const { at, end } = log.take(1);
      batches.push(sealed(log.bytes.slice(at, end)));
      produced += log.view.getInt32(at + 57);
    }
    await produceBatches(bootstrap, topic, 0, batches);
  }
  const value = `${produced} events in ${((Date.now() - begun) / 1000).toFixed(1)} s`;
  context.say({ figure: 'broker', what: `${keys.toLocaleString('en')} keys: loaded`, value });
  return { bootstrap, registry, topic, keys, events: produced };
}

/** The batch as a producer sends it: base offset 0, and the checksum that its moved times ask for. */
function sealed(batch: Uint8Array): Uint8Array {
  const view = new DataView(batch.buffer);
  view.setBigInt64(0, 0n);
  view.setUint32(17, crc32c(batch, 21, batch.length));
  return batch;
}
