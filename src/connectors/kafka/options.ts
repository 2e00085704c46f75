import { parseDuration } from '../../planner/duration.ts';
import { registryAccess, registryAddress } from '../registry/index.ts';
import { parseJaas } from './jaas.ts';
import { invalid, oneOf, type Options, required } from './option-values.ts';
import { boundedPoint, type ScanPoint, startupPoint } from './scan-points.ts';
import { type BrokerTls, brokerTls } from './tls.ts';
import { singleTopic, type TopicSelection, topicSelection } from './topic-selection.ts';

export { type Options } from './option-values.ts';

/** How to reach a cluster. */
export interface BrokerSettings {
  readonly brokers: readonly string[];
  /** False: connections are not encrypted. */
  readonly ssl: false | BrokerTls;
  readonly sasl: SaslSettings | undefined;
  readonly clientId: string;
}

export type SaslSettings = { readonly username: string; readonly password: string } & (
  { readonly mechanism: 'plain' } | { readonly mechanism: 'scram-sha-256' } | { readonly mechanism: 'scram-sha-512' }
);

export interface KafkaOptions {
  readonly topics: TopicSelection;
  /** `embedded`: the log inside the data directory. */
  readonly broker: 'embedded' | BrokerSettings;
  readonly readCommitted: boolean;
  readonly startup: ScanPoint;
  /** Undefined: it is read without end. */
  readonly bounded: ScanPoint | undefined;
  /** Milliseconds between looks for new partitions and topics; undefined: there are none. */
  readonly discoveryInterval: number | undefined;
  /** The consumer group that is told how far checkpoints have come, for those who watch it. */
  readonly reportingGroup: string | undefined;
  readonly format: string;
  /** Of avro-confluent; undefined where the format needs none. */
  readonly registryUrl: string | undefined;
  readonly skipUndecodable: boolean;
}

/** Options of a kafka table, checked; throws HeadwaterError with code `invalid-option`. */
export function parseKafkaOptions(options: Options): KafkaOptions {
  const servers = required(options, 'properties.bootstrap.servers');
  const format = required(options, 'format');
  const topics = topicSelection(options);
  const oneTopic = singleTopic(topics) !== undefined;
  const bounded = boundedPoint(options, oneTopic);
  return {
    topics,
    broker: servers === 'embedded' ? 'embedded' : brokerSettings(options, servers),
    readCommitted: oneOf(options, 'properties.isolation.level', ISOLATION_LEVELS) === 'read_committed',
    startup: startupPoint(options, oneTopic),
    bounded,
    // What has an end is what is there at the start.
    discoveryInterval: bounded === undefined ? discoveryInterval(options) : undefined,
    reportingGroup:
      oneOf(options, COMMIT_OFFSETS, ['true', 'false']) === 'true' ? options['properties.group.id'] : undefined,
    format,
    registryUrl: format === 'avro-confluent' ? registryUrl(options) : undefined,
    skipUndecodable: oneOf(options, `${format}.ignore-parse-errors`, ['false', 'true']) === 'true',
  };
}

/** Errors: `invalid-duration`. */
function discoveryInterval(options: Options): number | undefined {
  const text = options[DISCOVERY_INTERVAL];
  if (text === undefined) return DEFAULT_DISCOVERY_MS;
  const interval = parseDuration(text, `'${DISCOVERY_INTERVAL}'`);
  return interval > 0 ? interval : undefined;
}

function registryUrl(options: Options): string {
  const url = required(options, 'avro-confluent.url');
  registryAddress(url);
  registryAccess(options);
  return url;
}

const COMMIT_OFFSETS = 'properties.commit.offsets.on.checkpoint';
const DISCOVERY_INTERVAL = 'scan.topic-partition-discovery.interval';
/** As Flink has it. */
const DEFAULT_DISCOVERY_MS = 300_000;
/** The first value is the default. */
const ISOLATION_LEVELS = ['read_committed', 'read_uncommitted'] as const;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export function isBounded(options: Options): boolean {
  return (options['scan.bounded.mode'] ?? 'unbounded') !== 'unbounded';
}

export function brokerSettings(options: Options, servers: string): BrokerSettings {
  const protocol = oneOf(options, 'properties.security.protocol', PROTOCOLS);
  const group = options['properties.group.id'];
  return {
    brokers: brokerAddresses(servers, "'properties.bootstrap.servers'"),
    ssl: protocol.endsWith('SSL') ? brokerTls(options) : false,
    sasl: protocol.startsWith('SASL') ? saslSettings(options) : undefined,
    clientId: options['properties.client.id'] ?? (group === undefined ? 'headwater' : `headwater-${group}`),
  };
}

function saslSettings(options: Options): SaslSettings {
  const mechanism = oneOf(options, 'properties.sasl.mechanism', MECHANISMS);
  const { username, password } = parseJaas(required(options, 'properties.sasl.jaas.config'));
  switch (mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', username, password };
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', username, password };
  }
}

/** The addresses in a list with commas; `option` names where it was given. */
export function brokerAddresses(servers: string, option: string): string[] {
  return servers.split(',').map((text) => {
    const trimmed = text.trim();
    const match = /^([A-Za-z0-9._-]+):(\d{1,5})$/.exec(trimmed);
    if (match === null || Number(match[2]) > 65535) {
      throw invalid(`${option} has '${trimmed}'; expected host:port, several separated by commas, or 'embedded'`);
    }
    return trimmed;
  });
}
