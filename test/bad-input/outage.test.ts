import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopic, produceBatches } from '../../src/connectors/kafka/producer.ts';
import { RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';
import { Command, Workspace } from '../cli/command.ts';
import { ordersTable, TOTALS } from '../cli/orders.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';

const ready = await requireServices('kafka');

describe.skipIf(!ready)('a broker that goes away while a job runs', () => {
  let kafka: KafkaService;
  const space = new Workspace();
  beforeAll(async () => {
    kafka = await startKafka();
    await createTopic(kafka.bootstrap, 'orders', 2);
  }, 120_000);
  afterAll(async () => {
    await kafka.stop();
    space.remove();
  }, 30_000);

  async function produce(from: number, to: number): Promise<void> {
    for (const partition of [0, 1]) {
      const writer = new RecordBatchWriter();
      for (let i = from; i < to; i++) {
        const order = { customer: `c${i % 5}`, amount: i, ts: '2026-01-01 00:00:00.000' };
        writer.append(null, Buffer.from(JSON.stringify(order)), 0);
      }
      await produceBatches(kafka.bootstrap, 'orders', partition, [writer.finish()]);
    }
  }

  /** Orders counted in all features. */
  async function counted(command: Command): Promise<number> {
    let sum = 0;
    for (let i = 0; i < 5; i++) {
      const answer = JSON.stringify(await command.get(`/v1/features/totals/c${i}`));
      sum += Number(/"orders":"(\d+)"/.exec(answer)?.[1] ?? 0);
    }
    return sum;
  }

  async function untilCounted(command: Command, orders: number): Promise<void> {
    const deadline = Date.now() + 40_000;
    for (;;) {
      const now = await counted(command);
      if (now === orders) return;
      if (now > orders || Date.now() > deadline) throw new Error(`${now} orders, not ${orders}\n${command.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('is waited for with back-off: no crash, features stay readable, nothing lost and nothing twice', async () => {
    await produce(0, 100);
    const table = ordersTable({ 'properties.bootstrap.servers': kafka.bootstrap, format: 'json' });
    const file = space.file('totals.sql', table.replace(/,\s*'avro-confluent.url' = 'embedded'/, '') + TOTALS);
    const command = new Command(['run', file, '--data-dir', space.dataDir, '--port', '0']);
    await untilCounted(command, 200);

    await kafka.kill();
    await command.printed(/warn: .*trying again in \d+ ms/);
    expect(await counted(command)).toBe(200);
    expect(await command.get('/v1/jobs')).toMatchObject({ jobs: [{ status: 'running', error: null }] });
    await kafka.start();
    await produce(100, 300);
    await untilCounted(command, 600);
    const ended = await command.kill('SIGINT');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('totals stopped: read 600 rows');
  }, 120_000);
});
