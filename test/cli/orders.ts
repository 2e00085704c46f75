import { EmbeddedLog } from '../../src/connectors/embedded/index.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';
import { registerSchema } from '../../src/connectors/registry/index.ts';
import { INT, type Schema, STRING, timestamp } from '../../src/data/types.ts';
import { compileAvroEncoder } from '../../src/formats/avro/encoder.ts';

const SCHEMA: Schema = [
  { name: 'customer', type: STRING },
  { name: 'amount', type: INT },
  { name: 'ts', type: timestamp(3) },
];

export type Order = readonly [customer: string, amount: number, second: number];

/** The topic `orders` of an embedded log, written as a producer would: Avro with a registered schema. */
export class OrdersTopic {
  readonly log: EmbeddedLog;
  readonly schemaId: number;
  private readonly encoder = compileAvroEncoder(SCHEMA);

  private constructor(log: EmbeddedLog, schemaId: number) {
    this.log = log;
    this.schemaId = schemaId;
  }

  static async create(dataDir: string, partitions = 1): Promise<OrdersTopic> {
    const log = new EmbeddedLog(dataDir);
    log.createTopic('orders', partitions);
    const { schemaText } = compileAvroEncoder(SCHEMA);
    return new OrdersTopic(log, await registerSchema('embedded', 'orders-value', schemaText, dataDir));
  }

  static get schemaText(): string {
    return compileAvroEncoder(SCHEMA).schemaText;
  }

  append(orders: readonly Order[], options: { partition?: number; schemaId?: number } = {}): void {
    const writer = new RecordBatchWriter();
    for (const [customer, amount, second] of orders) {
      const value = this.encoder.encode(options.schemaId ?? this.schemaId, [customer, amount, second * 1000]);
      writer.append(Buffer.from(customer), value, second * 1000);
    }
    this.log.append('orders', options.partition ?? 0, [writer.finish()]);
  }

  appendRaw(value: Uint8Array, partition = 0): void {
    const writer = new RecordBatchWriter();
    writer.append(null, value, 0);
    this.log.append('orders', partition, [writer.finish()]);
  }

  close(): void {
    this.log.close();
  }
}

/** CREATE TABLE orders over the embedded log; `options` are added to WITH or replace what is there. */
export function ordersTable(options: Readonly<Record<string, string>> = {}): string {
  const all = {
    connector: 'kafka',
    topic: 'orders',
    'properties.bootstrap.servers': 'embedded',
    'scan.startup.mode': 'earliest-offset',
    format: 'avro-confluent',
    'avro-confluent.url': 'embedded',
    ...options,
  };
  const list = Object.entries(all).map(([key, value]) => `  '${key}' = '${value}'`);
  return `CREATE TABLE orders (
  customer STRING, amount INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND
) WITH (\n${list.join(',\n')}\n);\n`;
}

export const BOUNDED = { 'scan.bounded.mode': 'latest-offset' };

/** A feature per customer over all orders: sum and count. */
export const TOTALS = `CREATE TABLE totals (
  customer STRING, total INT, orders BIGINT, PRIMARY KEY (customer) NOT ENFORCED
) WITH ('connector' = 'feature');
INSERT INTO totals SELECT customer, SUM(amount), COUNT(*) FROM orders GROUP BY customer;
`;
