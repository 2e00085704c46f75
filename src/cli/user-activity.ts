import { EmbeddedLog } from '../connectors/embedded/index.ts';
import { RecordBatchWriter } from '../connectors/record-batch/index.ts';
import { registerSchema } from '../connectors/registry/index.ts';
import { DOUBLE, INT, type Schema, STRING, timestamp } from '../data/types.ts';
import { type AvroRowEncoder, compileAvroEncoder } from '../formats/avro/encoder.ts';

const TOPIC = 'user-activity';
const PARTITIONS = 4;
const TICK_MS = 50;
const EVENT_TYPES = ['VIEW', 'VIEW', 'VIEW', 'VIEW', 'CLICK', 'CLICK', 'CART', 'PURCHASE'];

const EVENT: Schema = [
  { name: 'user_id', type: STRING },
  { name: 'item_id', type: STRING },
  { name: 'event_type', type: STRING },
  { name: 'price', type: DOUBLE },
  { name: 'quantity', type: INT },
  { name: 'ts', type: timestamp(3) },
];

export interface GeneratorOptions {
  readonly eventsPerSecond: number;
  readonly users: number;
  readonly now: () => number;
  readonly random: () => number;
}

/** Writes user activity into a topic of the embedded log, as a producer would: Avro, keyed, a little out of order. */
export class UserActivityGenerator {
  private readonly log: EmbeddedLog;
  private readonly options: GeneratorOptions;
  private readonly schemaId: number;
  private readonly encoder: AvroRowEncoder = compileAvroEncoder(EVENT);
  private readonly writers = Array.from({ length: PARTITIONS }, () => new RecordBatchWriter());
  private readonly keys: readonly Buffer[];
  private timer: NodeJS.Timeout | undefined;
  private producedUntil = 0;

  private constructor(log: EmbeddedLog, schemaId: number, options: GeneratorOptions) {
    this.log = log;
    this.schemaId = schemaId;
    this.options = options;
    this.keys = Array.from({ length: options.users }, (_, i) => Buffer.from(`user_${String(i).padStart(7, '0')}`));
  }

  static async open(dataDir: string, options: GeneratorOptions): Promise<UserActivityGenerator> {
    const log = new EmbeddedLog(dataDir);
    log.createTopic(TOPIC, PARTITIONS);
    const schemaId = await registerSchema('embedded', `${TOPIC}-value`, compileAvroEncoder(EVENT).schemaText, dataDir);
    return new UserActivityGenerator(log, schemaId, options);
  }

  start(): void {
    this.producedUntil = this.options.now();
    this.timer = setInterval(() => this.produce(), TICK_MS);
  }

  private produce(): void {
    const now = this.options.now();
    const count = Math.floor(((now - this.producedUntil) / 1000) * this.options.eventsPerSecond);
    if (count === 0) return;
    this.producedUntil = now;
    for (let i = 0; i < count; i++) this.event(now);
    this.writers.forEach((writer, partition) => {
      if (writer.count > 0) this.log.append(TOPIC, partition, [writer.finish()]);
    });
  }

  private event(now: number): void {
    const { random } = this.options;
    // Some users are much busier than others.
    const user = Math.floor(random() * random() * this.keys.length);
    const ts = now - Math.floor(random() * 500);
    const row = [
      this.keys[user].toString('latin1'),
      `item_${String(Math.floor(random() * 5000)).padStart(5, '0')}`,
      EVENT_TYPES[Math.floor(random() * EVENT_TYPES.length)],
      Math.round(random() * 10000) / 100,
      1 + Math.floor(random() * 3),
      ts,
    ];
    this.writers[user % PARTITIONS].append(this.keys[user], this.encoder.encode(this.schemaId, row), ts);
  }

  stop(): void {
    clearInterval(this.timer);
    this.log.close();
  }
}
