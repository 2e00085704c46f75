import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { kafkaJars } from './artifacts.ts';
import { endService, folderOf, type Place } from './place.ts';
import { poll } from './poll.ts';
import { freePorts } from './ports.ts';
import { ServiceProcess } from './service-process.ts';

const run = promisify(execFile);
const CLUSTER_ID = 'aGVhZHdhdGVyLXRlc3RzLQ';

export interface KafkaService {
  /** `127.0.0.1:port` */
  readonly bootstrap: string;
  /** The class path of Kafka's jars, for the Java client. */
  readonly classPath: string;
  readonly client: Kafka;
  /** Kills the broker; its port and data stay for `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends the broker and removes its data, unless it has a place. */
  stop(): Promise<void>;
}

/**
 * Starts one real Kafka 4.1 node on 127.0.0.1. At a place it takes the text of a server.properties, of which only the
 * addresses and the folder are replaced, and goes on with the data that are there.
 */
export async function startKafka(
  settings: Readonly<Record<string, string>> = {},
  place?: Place & { readonly properties: string },
  logins?: Logins,
): Promise<KafkaService> {
  const classPath = `${await kafkaJars()}/*`;
  const [freePort, controllerPort] = await freePorts(2);
  const port = place?.port ?? freePort;
  const folder = folderOf(place, 'kafka');
  const config = join(folder, 'server.properties');
  const data = join(folder, 'data');
  const base = place?.properties ?? propertiesText(TEST_SETTINGS);
  // The last value of a property counts.
  const own = addresses(port, controllerPort, data);
  const listening = logins === undefined ? own : withLogins(own, logins);
  writeFileSync(config, `${base}\n${propertiesText({ ...listening, ...settings })}`);
  const users = (logins?.scram ?? []).flatMap((user) => ['--add-scram', user]);
  if (!existsSync(join(data, 'meta.properties'))) {
    await run('java', [
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      CLUSTER_ID,
      '-c',
      config,
      ...users,
    ]);
  }
  const bootstrap = `127.0.0.1:${port}`;
  const client = new Kafka({ clientId: 'headwater-tests', brokers: [bootstrap], logLevel: logLevel.NOTHING });
  let broker: ServiceProcess | undefined;

  async function start(): Promise<void> {
    const args = ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-cp', classPath, 'kafka.Kafka', config];
    const started = new ServiceProcess('kafka', 'java', args, { detached: place !== undefined });
    broker = started;
    await poll('kafka to answer', 60_000, async () => {
      started.assertRunning();
      return answers(client);
    });
  }

  await start();
  return {
    bootstrap,
    classPath,
    client,
    start,
    kill: async () => broker?.kill(),
    stop: () => endService(broker, place, folder),
  };
}

async function answers(client: Kafka): Promise<boolean> {
  const admin = client.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    return brokers.length === 1;
  } finally {
    await admin.disconnect();
  }
}

function addresses(port: number, controller: number, data: string): Readonly<Record<string, string>> {
  return {
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': data,
  };
}

type Properties = Readonly<Record<string, string>>;

/** Further listeners: SASL_PLAINTEXT, and with certificates SSL (which asks the client for one too) and SASL_SSL. */
export interface Logins {
  /** Of SASL_PLAINTEXT. */
  readonly port: number;
  /** The login module line with `user_<name>="<password>"` for each, for mechanism PLAIN. */
  readonly jaas: string;
  /** Who may log in by SCRAM, such as `SCRAM-SHA-256=[name=ann,password=x]`. */
  readonly scram?: readonly string[];
  readonly tls?: Tls;
}

interface Tls {
  readonly sslPort: number;
  readonly saslSslPort: number;
  /** PEM files: the broker's key and certificate, and the authorities of the clients'. */
  readonly keystore: string;
  readonly truststore: string;
}

function withLogins(properties: Properties, { port, jaas, scram = [], tls }: Logins): Properties {
  const ports = { SASL_PLAINTEXT: port, ...(tls && { SSL: tls.sslPort, SASL_SSL: tls.saslSslPort }) };
  const listeners = Object.entries(ports).map(([name, of]) => `,${name}://127.0.0.1:${of}`);
  const mechanisms = ['PLAIN', ...scram.map((user) => user.slice(0, user.indexOf('=')))];
  const modules = Object.keys(ports)
    .filter((name) => name.startsWith('SASL'))
    .flatMap((name) => mechanisms.map((mechanism) => [name, mechanism].join('.').toLowerCase()))
    .map((of) => [`listener.name.${of}.sasl.jaas.config`, of.endsWith('plain') ? jaas : SCRAM_MODULE]);
  return {
    ...properties,
    listeners: properties.listeners + listeners.join(''),
    'advertised.listeners': properties['advertised.listeners'] + listeners.join(''),
    'listener.security.protocol.map': ['PLAINTEXT', 'CONTROLLER:PLAINTEXT', ...Object.keys(ports)]
      .map((name) => (name.includes(':') ? name : `${name}:${name}`))
      .join(),
    'sasl.enabled.mechanisms': mechanisms.join(),
    ...Object.fromEntries(modules),
    ...(tls && {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': tls.keystore,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': tls.truststore,
      'listener.name.ssl.ssl.client.auth': 'required',
    }),
  };
}

const SCRAM_MODULE = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

const TEST_SETTINGS: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'auto.create.topics.enable': 'false',
  // Historical data has old timestamps: the default of seven days would delete it minutes after it was written.
  'log.retention.ms': '-1',
};

function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
}
