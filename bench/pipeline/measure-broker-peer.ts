import { Kafka, logLevel } from 'kafkajs';
import type { ConnectorContext } from '../../src/connectors/contracts.ts';
import { KafkaFetcher, KafkaSession } from '../../src/connectors/kafka/broker-source.ts';
import { FusedLoop } from '../limit/fused.ts';
import { HandmadeAggregation } from '../peers/handmade.ts';
import { type Measurement, Stretch } from './measurement.ts';

export interface BrokerPeerSpec {
  readonly peer: 'fused-broker' | 'handmade-broker';
  readonly bootstrap: string;
  readonly topic: string;
  /** Events in the topic. */
  readonly limit: number;
  readonly warmSeconds: number;
  readonly seconds: number;
}

/** The peers from a real broker, on partition 0. The stretch ends with the topic or with the time. */
export function measureBroker(spec: BrokerPeerSpec): Promise<Measurement> {
  return spec.peer === 'fused-broker' ? measureFusedFetch(spec) : measureConsumer(spec);
}

/** The hand-fused loop over raw Fetch responses, as our own fetcher reads them; checksums are not checked. */
async function measureFusedFetch(spec: BrokerPeerSpec): Promise<Measurement> {
  const settings = { brokers: [spec.bootstrap], ssl: false as const, sasl: undefined, clientId: 'headwater-bench' };
  const range = { topic: spec.topic, partition: 0, offset: 0, end: Infinity };
  const fetcher = new KafkaFetcher(new KafkaSession(settings), [range], true, quietContext());
  const loop = new FusedLoop();
  const watch = new Watch(spec);
  while (!watch.done) {
    const held = fetcher.take();
    if (held === undefined) {
      await new Promise<void>((resolve) => fetcher.onReady(resolve));
      continue;
    }
    const { run } = held;
    watch.add(loop.run(run.bytes, run.view, run.at, run.end));
    held.release();
    // Let the socket be read.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const result = watch.result();
  await fetcher.close();
  return { ...result, emitted: loop.emitted };
}

/** A kafkajs consumer with eachBatch, avsc and a Map. */
async function measureConsumer(spec: BrokerPeerSpec): Promise<Measurement> {
  const kafka = new Kafka({ clientId: 'headwater-bench', brokers: [spec.bootstrap], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}`, maxBytesPerPartition: 4 << 20 });
  const aggregation = new HandmadeAggregation();
  const watch = new Watch(spec);
  await consumer.connect();
  await consumer.subscribe({ topic: spec.topic, fromBeginning: true });
  const ended = new Promise<void>((resolve) => {
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
        if (watch.done) return;
        for (const { value } of batch.messages) if (value !== null) aggregation.add(value);
        aggregation.fire();
        watch.add(batch.messages.length);
        resolveOffset(batch.lastOffset());
        await heartbeat();
        if (watch.done) resolve();
      },
    });
  });
  await ended;
  return { ...watch.result(), emitted: aggregation.emitted };
}

/** Warm for a while (a quarter of the topic at most), then the stretch (95 % of the topic at most). */
class Watch {
  done = false;
  private readonly spec: BrokerPeerSpec;
  private readonly begun = Date.now();
  private events = 0;
  private stretch: Stretch | undefined;
  private measured: Measurement | undefined;

  constructor(spec: BrokerPeerSpec) {
    this.spec = spec;
  }

  add(events: number): void {
    this.events += events;
    const { spec } = this;
    const counts = { events: this.events, patchMs: 0, patchCpuMs: 0, epochs: 0, bytesWritten: 0 };
    if (this.stretch === undefined) {
      const warm = Date.now() - this.begun >= spec.warmSeconds * 1000 || this.events >= spec.limit / 4;
      if (warm) this.stretch = new Stretch(counts);
      return;
    }
    this.stretch.sample();
    if (this.stretch.seconds(counts) < spec.seconds && this.events < spec.limit * 0.95) return;
    this.measured ??= this.stretch.end(counts, 0);
    this.done = true;
  }

  result(): Measurement {
    if (this.measured === undefined) throw new Error('the topic ended before the stretch');
    return this.measured;
  }
}

function quietContext(): ConnectorContext {
  return {
    dataDir: '.',
    now: () => Date.now(),
    random: Math.random,
    log: (level, message) => process.stderr.write(`${level}: ${message}\n`),
    count: () => undefined,
    schemas: { get: () => undefined, put: () => undefined },
    resuming: false,
    task: 0,
    knownSplits: [],
    readers: [0],
  };
}
