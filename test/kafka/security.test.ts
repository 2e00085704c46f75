import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopic } from '../../src/connectors/kafka/producer.ts';
import { headwater, Workspace } from '../cli/command.ts';
import { type Certificate, makeCertificate } from '../evolution/certificates.ts';
import { freePorts, type KafkaService, requireServices, startKafka } from '../services/index.ts';
import { contextIn, readAll } from './support.ts';

const ready = await requireServices('kafka');

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required';
const PASSWORD = 'pa=ss;w"ord';
const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

type Options = Readonly<Record<string, string>>;

describe.skipIf(!ready)('listeners with logins and certificates', { timeout: 60_000 }, () => {
  let kafka: KafkaService;
  let dir: string;
  let space: Workspace;
  let broker: Certificate;
  let client: Certificate;
  let ports: number[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'headwater-security-'));
    space = new Workspace();
    broker = makeCertificate(dir, 'broker');
    client = makeCertificate(dir, 'client', 'key-secret');
    const keystore = join(dir, 'broker.pem');
    writeFileSync(keystore, readFileSync(broker.key, 'utf8') + readFileSync(broker.cert, 'utf8'));
    ports = await freePorts(3);
    const [port, sslPort, saslSslPort] = ports;
    kafka = await startKafka({}, undefined, {
      port,
      jaas: `${PLAIN} user_ann=${quoted(PASSWORD)};`,
      scram: ['SCRAM-SHA-256=[name=bob,password=bobs]', 'SCRAM-SHA-512=[name=eve,password=eves]'],
      tls: { sslPort, saslSslPort, keystore, truststore: client.cert },
    });
    for (const topic of ['in', 'out']) await createTopic(kafka.bootstrap, topic, 1);
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
    space?.remove();
    rmSync(dir, { recursive: true, force: true });
  }, 30_000);

  const login = (mechanism: string, module: string, user: string, password: string): Options => ({
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `${module} username="${user}" password=${quoted(password)};`,
  });
  const mutual = (): Options => ({
    'security.protocol': 'SSL',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': broker.cert,
    'ssl.keystore.certificate.chain': readFileSync(client.cert, 'utf8'),
    'ssl.keystore.key': readFileSync(client.key, 'utf8'),
    'ssl.key.password': 'key-secret',
  });
  const ways = (): Record<string, { port: number; options: Options }> => ({
    PLAIN: {
      port: ports[0],
      options: { 'security.protocol': 'SASL_PLAINTEXT', ...login('PLAIN', PLAIN, 'ann', PASSWORD) },
    },
    'SCRAM-SHA-256': {
      port: ports[0],
      options: { 'security.protocol': 'SASL_PLAINTEXT', ...login('SCRAM-SHA-256', SCRAM, 'bob', 'bobs') },
    },
    'SCRAM-SHA-512 over TLS': {
      port: ports[2],
      options: {
        'security.protocol': 'SASL_SSL',
        'ssl.truststore.location': broker.cert,
        ...login('SCRAM-SHA-512', SCRAM, 'eve', 'eves'),
      },
    },
    'TLS with certificates of both': { port: ports[1], options: mutual() },
  });
  const table = (port: number, options: Options): Options => ({
    'properties.bootstrap.servers': `127.0.0.1:${port}`,
    ...Object.fromEntries(Object.entries(options).map(([name, value]) => [`properties.${name}`, value])),
  });
  const withClause = (options: Options): string =>
    Object.entries({ connector: 'kafka', format: 'json', ...options })
      .map(([key, value]) => `'${key}' = '${value.replaceAll("'", "''")}'`)
      .join(', ');

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512 over TLS', 'TLS with certificates of both'])(
    '%s: produced by the command, read and written by SQL',
    async (name) => {
      const { port, options } = ways()[name];
      const config = join(dir, 'client.properties');
      const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
      const lines = Object.entries(options).map(([key, value]) => `${key}=${escape(value)}\n`);
      writeFileSync(config, `# how to be let in\n${lines.join('')}`);
      const data = space.file('rows.json', [1, 2, 40].map((n) => `{"n":${n},"t":${n}}\n`).join(''));
      const where = [
        '--brokers',
        `127.0.0.1:${port}`,
        '--command-config',
        config,
        '--topic',
        'in',
        '--format',
        'json',
        '--event-time',
        't',
      ];
      const made = await headwater(['produce', data, ...where, '--data-dir', space.dataDir]);
      expect(made.stderr + made.stdout).toMatch(/3 events/);
      const all = table(port, options);
      const ends = { 'scan.startup.mode': 'earliest-offset', 'scan.bounded.mode': 'latest-offset' };
      const sql = `SET 'pipeline.name' = 'copy-${port}-${name.replaceAll(/\W/g, '')}';
        CREATE TABLE src (n INT) WITH (${withClause({ topic: 'in', ...ends, ...all })});
        CREATE TABLE dst (n INT) WITH (${withClause({ topic: 'out', ...all })});
        INSERT INTO dst SELECT n * 2 FROM src;`;
      const args = ['run', space.file('copy.sql', sql), '--data-dir', space.dataDir, '--port', '0'];
      const ran = await headwater(args);
      expect(ran).toMatchObject({ code: 0 });
      const out = (await readAll({ topic: 'out', ...all }, contextIn(dir))).get('out/0') ?? [];
      expect(out.slice(-3)).toEqual(['{"n":2}', '{"n":4}', '{"n":80}']);
      const shown = await headwater(['explain', '--json', space.file('copy.sql', sql)]);
      const said = made.stderr + made.stdout + ran.stderr + ran.stdout + shown.stdout + shown.stderr;
      for (const secret of ['ss;w', 'bobs', 'eves', 'key-secret', 'PRIVATE KEY']) expect(said).not.toContain(secret);
    },
    90_000,
  );

  const wrong = (): [string, number, Options, RegExp][] => [
    [
      'a wrong password',
      ports[0],
      { ...ways()['PLAIN'].options, ...login('PLAIN', PLAIN, 'ann', 'no-such') },
      /authentication failed/i,
    ],
    [
      'a wrong password by SCRAM',
      ports[0],
      { ...ways()['SCRAM-SHA-256'].options, ...login('SCRAM-SHA-256', SCRAM, 'bob', 'no-such') },
      /authentication failed/i,
    ],
    [
      'an authority that is not trusted',
      ports[1],
      { ...mutual(), 'ssl.truststore.location': client.cert },
      /certificate.*'properties.ssl.truststore.location'/,
    ],
    [
      'no certificate of the client',
      ports[1],
      { 'security.protocol': 'SSL', 'ssl.truststore.location': broker.cert },
      /no Kafka broker answers/,
    ],
    ['TLS where there is none', ports[0], mutual(), /expected TLS, as 'properties.security.protocol' says/],
    ['no TLS where there is', ports[1], {}, /no Kafka broker answers/],
    [
      'a store that is not there',
      ports[1],
      { ...mutual(), 'ssl.truststore.location': '/nowhere.pem' },
      /truststore.location'.*\/nowhere.pem/,
    ],
    ['a store that is none', ports[1], { ...mutual(), 'ssl.truststore.location': client.key }, /cannot be used/],
  ];
  it('what is wrong is said within ten seconds, by the source, the sink and the command, without a secret', async () => {
    for (const [what, port, options, message] of wrong()) {
      const began = Date.now();
      const all = table(port, options);
      const error: unknown = await readAll({ topic: 'in', ...all }, contextIn(dir)).catch((reason: unknown) => reason);
      expect(String(error), what).toMatch(message);
      expect(String(error), what).not.toMatch(/no-such|key-secret|PRIVATE KEY/);
      expect(Date.now() - began, what).toBeLessThan(10_000);
    }
    const [, port, options] = wrong()[0];
    const rows = "CREATE TABLE src (n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '3');";
    const sql = `${rows} CREATE TABLE dst (n INT) WITH (${withClause({ topic: 'out', ...table(port, options) })}); INSERT INTO dst SELECT n FROM src;`;
    const began = Date.now();
    const ran = await headwater(['run', space.file('wrong.sql', sql), '--data-dir', space.dataDir, '--port', '0']);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toMatch(/authentication failed/i);
    expect(ran.stderr + ran.stdout).not.toContain('no-such');
    expect(Date.now() - began).toBeLessThan(15_000);
    const config = join(dir, 'wrong.properties');
    writeFileSync(
      config,
      Object.entries(options)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    const made = await headwater([
      'produce',
      'user-activity',
      '--count',
      '1',
      '--brokers',
      `127.0.0.1:${port}`,
      '--command-config',
      config,
      '--registry',
      'embedded',
      '--data-dir',
      space.dataDir,
    ]);
    expect(made.code).not.toBe(0);
    expect(made.stderr).toMatch(/authentication failed/i);
    expect(made.stderr + made.stdout).not.toContain('no-such');
  }, 120_000);
});
