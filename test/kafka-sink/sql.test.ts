import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from '../cli/command.ts';
import { BOUNDED, OrdersTopic, ordersTable } from '../cli/orders.ts';
import { EmbeddedRegistry } from '../../src/connectors/embedded/index.ts';
import { parseTopicSink } from '../../src/connectors/kafka/sink/options.ts';
import { STRING } from '../../src/data/types.ts';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { type KafkaService, requireServices, startKafka } from '../services/index.ts';
import { contextIn, readAll } from '../kafka/support.ts';
import { javaConsume } from '../produce/java.ts';

const available = await requireServices('kafka');

type Options = Readonly<Record<string, string>>;

function withClause(options: Options): string {
  return Object.entries(options)
    .map(([key, value]) => `'${key}' = '${value}'`)
    .join(', ');
}

function appended(servers: string, options: Options = {}): string {
  const all = {
    connector: 'kafka',
    topic: 'out',
    'properties.bootstrap.servers': servers,
    format: 'json',
    'key.format': 'json',
    'key.fields': 'customer',
    'sink.delivery-guarantee': 'exactly-once',
    'sink.transactional-id-prefix': 'test',
    ...options,
  };
  return `CREATE TABLE sink (customer STRING, amount INT, ts TIMESTAMP(3)) WITH (${withClause(all)});
INSERT INTO sink SELECT customer, amount, ts FROM orders;\n`;
}

function upserted(servers: string, options: Options = {}): string {
  const all = {
    connector: 'upsert-kafka',
    topic: 'totals',
    'properties.bootstrap.servers': servers,
    'key.format': 'json',
    'value.format': 'json',
    'sink.delivery-guarantee': 'exactly-once',
    'sink.transactional-id-prefix': 'test',
    ...options,
  };
  return `CREATE TABLE sink (customer STRING, total INT, PRIMARY KEY (customer) NOT ENFORCED) WITH (${withClause(all)});
INSERT INTO sink SELECT customer, SUM(amount) FROM orders GROUP BY customer HAVING SUM(amount) > 0;\n`;
}

describe.skipIf(!available)('INSERT INTO a topic', { timeout: 120_000 }, () => {
  let kafka: KafkaService;
  let space: Workspace;
  let orders: OrdersTopic;
  beforeAll(async () => {
    kafka = await startKafka();
  }, 120_000);
  afterAll(async () => {
    await kafka.stop();
  });
  beforeEach(async () => {
    space = new Workspace();
    orders = await OrdersTopic.create(space.dataDir, 1);
    orders.append([
      ['ann', 5, 0],
      ['bob', 7, 1],
      ['ann', 2, 2],
    ]);
  });
  afterEach(() => {
    orders.close();
    space.remove();
  });
  const run = (text: string, ...more: string[]): string[] => [
    'run',
    space.file('query.sql', text),
    ...['--data-dir', space.dataDir, '--port', '0', ...more],
  ];
  const bounded = (text: string) => headwater(run(ordersTable(BOUNDED) + text));
  const embeddedValues = async (topic: string) =>
    [
      ...(await readAll({ topic, 'properties.bootstrap.servers': 'embedded' }, contextIn(space.dataDir))).values(),
    ].flat();

  const javaLines = async (topic: string, count: number) =>
    (await javaConsume(kafka, topic, count)).map((line) => line.slice(line.indexOf('{')));

  it('appends rows, and repeats none when it is killed and runs again', async () => {
    const topic = 'out-again';
    await createTopic(kafka.bootstrap, topic, 1);
    const text = appended(kafka.bootstrap, { topic, 'sink.transactional-id-prefix': topic });
    const first = new Command(run(ordersTable() + text));
    const rows = ['ann', 'bob', 'ann'].map((name, i) => {
      const amount = [5, 7, 2][i];
      return `{"customer":"${name}"} {"customer":"${name}","amount":${amount},"ts":"1970-01-01 00:00:0${i}"}`;
    });
    expect(await javaLines(topic, 3)).toEqual(rows);
    await first.kill('SIGKILL');
    orders.append([['eve', 1, 3]]);
    const second = new Command(run(ordersTable() + text));
    const last = '{"customer":"eve"} {"customer":"eve","amount":1,"ts":"1970-01-01 00:00:03"}';
    expect(await javaLines(topic, 4)).toEqual([...rows, last]);
    const { stderr } = await second.kill('SIGINT');
    expect(stderr).not.toContain('error');
  });

  it('embedded: the same, bounded, with a schema that is registered', async () => {
    const options = { 'sink.topic.partitions': '1', format: 'avro-confluent', 'avro-confluent.url': 'embedded' };
    const ended = await bounded(appended('embedded', options));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const values = await embeddedValues('out');
    expect(values.length).toBe(3);
    expect(values[0].startsWith('\0\0\0\0')).toBe(true);
    const subjects = new EmbeddedRegistry(space.dataDir).subjects();
    expect(subjects).toContain('out-value');
  });

  it('upsert-kafka: the last row of each key, and a tombstone for a deleted one', async () => {
    await createTopic(kafka.bootstrap, 'totals', 1);
    const command = new Command(run(ordersTable() + upserted(kafka.bootstrap)));
    const sorted = async (count: number) => (await javaLines('totals', count)).sort();
    const bob = '{"customer":"bob"} {"customer":"bob","total":7}';
    const ann = '{"customer":"ann"} {"customer":"ann","total":7}';
    expect(await sorted(2)).toEqual([ann, bob]);
    orders.append([['bob', -7, 3]]);
    expect((await sorted(3)).filter((line) => line.includes('bob'))).toEqual([bob, '{"customer":"bob"} null'].sort());
    await command.kill('SIGINT');
  });

  it('says within ten seconds what is wrong with a broker or a topic', async () => {
    const missing = await bounded(appended(kafka.bootstrap, { topic: 'no-such-topic' }));
    expect(missing.stderr).toMatch(/\[topic-not-found\] topic no-such-topic does not exist/);
    const before = Date.now();
    const away = await bounded(appended('127.0.0.1:1'));
    expect(away.stderr).toMatch(/\[kafka-unreachable\] .*127\.0\.0\.1:1/);
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  it.each([
    [
      'exactly-once without a prefix',
      { 'sink.delivery-guarantee': 'exactly-once' },
      /sink\.transactional-id-prefix' must be/,
    ],
    [
      'key.format without key.fields',
      { 'key.format': 'json' },
      /requires the declaration of one or more of key fields/,
    ],
    ['key.fields without key.format', { 'key.fields': 'customer' }, /expected 'key\.format'/],
    ['a key field that is no column', { 'key.format': 'json', 'key.fields': 'x' }, /'x', which is no column/],
    [
      'a prefix with ALL',
      { 'key.format': 'json', 'key.fields': 'customer', 'key.fields-prefix': 'c' },
      /not allowed when/,
    ],
    ['a guarantee that is none', { 'sink.delivery-guarantee': 'twice' }, /at-least-once, exactly-once, none/],
  ])('refuses %s', (_what, options, message) => {
    const columns = [{ name: 'customer', type: STRING }];
    const all = { topic: 't', 'properties.bootstrap.servers': 'h:1', format: 'json', connector: 'kafka', ...options };
    expect(() => parseTopicSink({ name: 't', columns, primaryKey: [], options: all })).toThrow(message);
  });
});
