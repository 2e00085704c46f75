import { HeadwaterError } from '../../data/errors.ts';
import { registryAccess, registryAddress } from '../registry/index.ts';
import { parseJaas } from './jaas.ts';
import { boundedPoint, type ScanPoint, startupPoint } from './scan-points.ts';

/** How to reach a cluster. */
export interface BrokerSettings {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: SaslSettings | undefined;
  readonly clientId: string;
}

export type SaslSettings = { readonly username: string; readonly password: string } & (
  { readonly mechanism: 'plain' } | { readonly mechanism: 'scram-sha-256' } | { readonly mechanism: 'scram-sha-512' }
);

export interface KafkaOptions {
  readonly topic: string;
  /** `embedded`: the log inside the data directory. */
  readonly broker: 'embedded' | BrokerSettings;
  readonly readCommitted: boolean;
  readonly startup: ScanPoint;
  /** Undefined: it is read without end. */
  readonly bounded: ScanPoint | undefined;
  readonly format: string;
  /** Of avro-confluent; undefined where the format needs none. */
  readonly registryUrl: string | undefined;
  readonly skipUndecodable: boolean;
}

export type Options = Readonly<Record<string, string>>;

/** Options of a kafka table, checked; throws HeadwaterError with code `invalid-option`. */
export function parseKafkaOptions(options: Options): KafkaOptions {
  const servers = required(options, 'properties.bootstrap.servers');
  const format = required(options, 'format');
  return {
    topic: topicName(required(options, 'topic')),
    broker: servers === 'embedded' ? 'embedded' : brokerSettings(options, servers),
    readCommitted: oneOf(options, 'properties.isolation.level', ISOLATION_LEVELS) === 'read_committed',
    startup: startupPoint(options),
    bounded: boundedPoint(options),
    format,
    registryUrl: format === 'avro-confluent' ? registryUrl(options) : undefined,
    skipUndecodable: oneOf(options, `${format}.ignore-parse-errors`, ['false', 'true']) === 'true',
  };
}

function registryUrl(options: Options): string {
  const url = required(options, 'avro-confluent.url');
  registryAddress(url);
  registryAccess(options);
  return url;
}

/** The first value is the default. */
const ISOLATION_LEVELS = ['read_committed', 'read_uncommitted'] as const;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export function isBounded(options: Options): boolean {
  return boundedPoint(options) !== undefined;
}

export function brokerSettings(options: Options, servers: string): BrokerSettings {
  const protocol = oneOf(options, 'properties.security.protocol', PROTOCOLS);
  const group = options['properties.group.id'];
  return {
    brokers: brokerAddresses(servers, "'properties.bootstrap.servers'"),
    ssl: protocol === 'SSL' || protocol === 'SASL_SSL',
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

export function topicName(topic: string): string {
  if (topic.includes(';')) throw invalid(`'topic' lists several topics ('${topic}'); one topic a table is supported`);
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..') {
    throw invalid(`'topic' is '${topic}'; expected 1 to 249 letters, digits, '.', '_' or '-'`);
  }
  return topic;
}

export function oneOf<T extends string>(options: Options, key: string, accepted: readonly [T, ...T[]]): T {
  const value = options[key];
  if (value === undefined) return accepted[0];
  const match = accepted.find((candidate) => candidate === value);
  if (match === undefined) throw invalid(`'${key}' is '${value}'; expected one of: ${accepted.join(', ')}`);
  return match;
}

export function required(options: Options, key: string): string {
  const value = options[key];
  if (value === undefined || value === '') throw new HeadwaterError('missing-option', `option '${key}' is required`);
  return value;
}

export function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
