import { EmbeddedLog } from '../../src/connectors/embedded/index.ts';
import { KafkaSession } from '../../src/connectors/kafka/broker-source.ts';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { decodeProduce, encodeProduce } from '../../src/connectors/kafka/produce/protocol.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import { EVENT_SCHEMA, EventEncoder } from '../event.ts';
import type { LiveTarget } from './broker-figures.ts';

const TICK_MS = 5;
const TIMEOUT_MS = 10_000;

/** Events at a steady rate, their times the wall clock's, keys in turn: every key is in every second. */
export class LiveProducer {
  private readonly send: (batch: Uint8Array) => Promise<void>;
  private readonly encoder: EventEncoder;
  private readonly writer = new RecordBatchWriter();
  private readonly keys: number;
  private readonly perSecond: number;
  private readonly closeTarget: () => Promise<void>;
  private timer: NodeJS.Timeout | undefined;
  private producedUntil = 0;
  private produced = 0;

  private constructor(
    schemaId: number,
    rate: { keys: number; perSecond: number },
    send: (batch: Uint8Array) => Promise<void>,
    close: () => Promise<void>,
  ) {
    this.encoder = new EventEncoder(schemaId);
    this.keys = rate.keys;
    this.perSecond = rate.perSecond;
    this.send = send;
    this.closeTarget = close;
  }

  static async open(target: LiveTarget, dataDir: string, topic: string, rate: { keys: number; perSecond: number }) {
    if (target.type === 'embedded') {
      const log = new EmbeddedLog(dataDir);
      log.createTopic(topic, 1);
      const id = await registerSchema('embedded', `${topic}-value`, JSON.stringify(EVENT_SCHEMA), dataDir);
      const append = (batch: Uint8Array): Promise<void> => Promise.resolve(void log.append(topic, 0, [batch]));
      return new LiveProducer(id, rate, append, () => Promise.resolve(log.close()));
    }
    await createTopic(target.bootstrap, topic, 1);
    const settings = {
      brokers: [target.bootstrap],
      ssl: false as const,
      sasl: undefined,
      clientId: 'headwater-bench-live',
    };
    const session = new KafkaSession(settings);
    const [{ leader }] = await session.leaders(topic);
    const produce = async (batch: Uint8Array): Promise<void> => {
      const call = encodeProduce(topic, [{ partition: 0, batch }], TIMEOUT_MS);
      const [{ errorCode }] = decodeProduce(await session.request(leader, call));
      if (errorCode !== 0) throw new Error(`produce refused with error ${errorCode}`);
    };
    return new LiveProducer(target.schemaId, rate, produce, () => session.close());
  }

  start(): void {
    this.producedUntil = Date.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  private tick(): void {
    const now = Date.now();
    const count = Math.floor(((now - this.producedUntil) * this.perSecond) / 1000);
    const begun = this.producedUntil;
    this.producedUntil = now;
    for (let i = 0; i < count; i++) {
      const key = `user_${String(this.produced++ % this.keys).padStart(7, '0')}`;
      const time = begun + Math.floor(((i + 1) * (now - begun)) / count);
      this.writer.append(Buffer.from(key, 'latin1'), this.encoder.encode(key, 9.5, time), time);
    }
    if (this.writer.count > 0) void this.send(this.writer.finish());
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.closeTarget();
  }
}
