import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { Command, Workspace } from '../cli/command.ts';
import { OrdersTopic, ordersTable } from '../cli/orders.ts';
import { javaConsume } from '../produce/java.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';

const ready = await requireServices('kafka');
const KILLS = 3;

describe.skipIf(!ready)('SIGKILL while a topic is written exactly once', { timeout: 120_000 }, () => {
  let kafka: KafkaService;
  const space = new Workspace();
  beforeAll(async () => {
    kafka = await startKafka();
    await createTopic(kafka.bootstrap, 'copies', 2);
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
    space.remove();
  });

  it("Kafka's Java consumer sees each row once, in order per key", async () => {
    const orders = await OrdersTopic.create(space.dataDir, 1);
    const query = `${ordersTable()}CREATE TABLE copies (customer STRING, amount INT) WITH ('connector' = 'kafka',
      'topic' = 'copies', 'properties.bootstrap.servers' = '${kafka.bootstrap}', 'format' = 'json', 'key.format' = 'json',
      'key.fields' = 'customer', 'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = 'kill');
      INSERT INTO copies SELECT customer, amount FROM orders;\n`;
    const args = ['run', space.file('copies.sql', query), '--data-dir', space.dataDir, '--port', '0'];
    let rows = 0;
    const append = (): void => {
      orders.append(Array.from({ length: 50 }, () => [`c${rows % 7}`, rows++, 0] as const));
    };
    for (let kill = 0; kill < KILLS; kill++) {
      const command = new Command(args);
      await command.printed(/serving on/);
      const until = Date.now() + 700 + kill * 130;
      while (Date.now() < until) {
        append();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await command.kill('SIGKILL');
    }
    const last = new Command(args);
    append();
    const lines = await javaConsume(kafka, 'copies', rows);
    await last.kill('SIGINT');
    const byCustomer = new Map<string, number[]>();
    for (const line of lines) {
      const { customer, amount } = JSON.parse(line.slice(line.lastIndexOf('{'))) as {
        customer: string;
        amount: number;
      };
      byCustomer.set(customer, [...(byCustomer.get(customer) ?? []), amount]);
    }
    for (let c = 0; c < 7; c++) {
      const expected = Array.from({ length: rows }, (_, n) => n).filter((n) => n % 7 === c);
      expect(byCustomer.get(`c${c}`)).toEqual(expected);
    }
    orders.close();
  });
});
