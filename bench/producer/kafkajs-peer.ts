import { Kafka, logLevel, type Message, Partitioners } from 'kafkajs';
import { performance } from 'node:perf_hooks';
import { openSource } from '../../src/cli/produce/open-source.ts';
import { parseProduceArguments } from '../../src/cli/produce/arguments.ts';
import { compileAvroEncoder } from '../../src/formats/avro/encoder.ts';

/** What a peer is told, as JSON on its command line. */
export interface PeerSpec {
  readonly brokers: string;
  readonly topic: string;
  readonly events: number;
  readonly schemaId: number;
  readonly keys: number;
}

const MESSAGES = 5000;
const IN_FLIGHT = 4;

/**
 * The same events by kafkajs: the same generator and the same encoder, so that only the client differs. Acknowledged by
 * all replicas, not idempotent (which is quicker), large sends, several at once.
 */
async function main(spec: PeerSpec): Promise<void> {
  const options = parseProduceArguments(['user-activity', '--keys', String(spec.keys)], new Map());
  if (options === 'help') throw new Error('no help was asked for');
  const source = await openSource(options);
  const encoder = compileAvroEncoder(source.schema);
  const kafka = new Kafka({ clientId: 'bench-kafkajs', brokers: [spec.brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: IN_FLIGHT,
  });
  await producer.connect();
  const begun = performance.now();
  const sends = new Set<Promise<unknown>>();
  let produced = 0;
  while (produced < spec.events) {
    const now = Date.now();
    const timestamp = String(now);
    const messages: Message[] = [];
    for (; messages.length < MESSAGES && produced < spec.events; produced++) {
      source.next(now);
      const value = Buffer.from(encoder.encode(spec.schemaId, source.row));
      messages.push({ key: source.key === null ? null : Buffer.from(source.key), value, timestamp });
    }
    const sent: Promise<unknown> = producer.send({ topic: spec.topic, messages, acks: -1 });
    sends.add(sent);
    void sent.finally(() => sends.delete(sent)).catch(() => undefined);
    if (sends.size >= IN_FLIGHT) await Promise.race(sends);
  }
  await Promise.all(sends);
  const seconds = (performance.now() - begun) / 1000;
  await producer.disconnect();
  process.stdout.write(`${JSON.stringify({ events: produced, seconds, schemaIds: [spec.schemaId] })}\n`);
}

await main(JSON.parse(process.argv[2]) as PeerSpec);
