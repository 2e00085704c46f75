import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compose, DEPLOYMENT, text } from '../../test/deployment/files.ts';
import type { Place } from '../../test/services/index.ts';
import { startApicurio, startKafka, startPrometheus, startRedis } from '../../test/services/index.ts';
import type { PlatformOptions, Ports } from './options.ts';
import type { Parts } from './parts.ts';

const TOPIC = 'user-activity';
const PARTITIONS = 4;

/** What Headwater and the producer are told, by the names that the queries use. */
export interface Addresses {
  readonly KAFKA_BROKERS: string;
  readonly SCHEMA_REGISTRY_URL: string;
  readonly REDIS_URL: string;
}

/** Starts Kafka, the registry and Redis with the configuration that docker-compose.yml gives them. */
export async function startServices(options: PlatformOptions, parts: Parts): Promise<Addresses> {
  const place = (name: keyof Ports): Place => placeOf(options, name);
  const [kafka, redis] = await Promise.all([
    startKafka({}, { ...place('kafka'), properties: text('deployment/kafka/server.properties') }),
    startRedis([], { ...place('redis'), config: join(DEPLOYMENT, 'redis/redis.conf') }),
  ]);
  parts.add('Kafka', kafka.stop);
  parts.add('Redis', redis.stop);
  const admin = kafka.client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  await admin.disconnect();
  const env = { ...compose().services.registry.environment, APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: kafka.bootstrap };
  const registry = await startApicurio({ ...place('registry'), env });
  parts.add('the registry', registry.stop);
  return { KAFKA_BROKERS: kafka.bootstrap, SCHEMA_REGISTRY_URL: registry.url, REDIS_URL: redis.url };
}

/** Starts Prometheus on deployment/prometheus. Returns its address. */
export async function startMonitoring(options: PlatformOptions, readKey: string, parts: Parts): Promise<string> {
  const prometheus = await startPrometheus({
    ...placeOf(options, 'prometheus'),
    config: join(DEPLOYMENT, 'prometheus'),
    target: `127.0.0.1:${options.ports.headwater}`,
    readKey,
  });
  parts.add('Prometheus', prometheus.stop);
  return prometheus.url;
}

function placeOf(options: PlatformOptions, name: keyof Ports): Place {
  const folder = join(options.dataDir, name);
  mkdirSync(folder, { recursive: true });
  return { port: options.ports[name], folder };
}
