import { HeadwaterError } from '../../data/errors.ts';
import { readerSchema } from '../../formats/index.ts';
import type { ConnectorDescriptor, ConnectorTable, OptionSpec } from '../../planner/connector.ts';
import { isBounded, parseKafkaOptions } from './options.ts';
import { historyOptions } from './scan-points.ts';
import { SINK_OPTIONS } from './sink/option-specs.ts';
import { parseTopicSink } from './sink/options.ts';

/** How to reach the topic, for reading and for writing. */
export const CLUSTER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  topic: { description: "The topic; to read, several may be named, separated by ';'." },
  'properties.bootstrap.servers': {
    required: true,
    description: "Brokers as host:port, separated by commas; 'embedded' is the log inside the data directory.",
  },
  'properties.group.id': {
    description:
      'The consumer group. Where a job goes on is in its checkpoint; the group is told, and may say where a new job begins.',
  },
  'properties.client.id': { description: 'The client id that brokers log; default headwater or headwater-<group.id>.' },
  'properties.security.protocol': {
    default: 'PLAINTEXT',
    description: 'PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
  },
  'properties.ssl.truststore.type': { description: 'PEM.' },
  'properties.ssl.truststore.location': {
    description: 'PEM file of the authorities to trust; default: those of the system.',
  },
  'properties.ssl.truststore.certificates': { description: 'The same as PEM text.' },
  'properties.ssl.keystore.type': { description: 'PEM.' },
  'properties.ssl.keystore.location': { description: "PEM file with the client's certificate and private key." },
  'properties.ssl.keystore.certificate.chain': { description: "The client's certificate as PEM text." },
  'properties.ssl.keystore.key': { description: 'Its private key as PEM text. A secret.' },
  'properties.ssl.key.password': { description: 'Of an encrypted private key. A secret.' },
  'properties.ssl.endpoint.identification.algorithm': {
    description: "https (default): the certificate must be of the broker's host; empty: of any.",
  },
  'properties.sasl.mechanism': { default: 'PLAIN', description: 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.' },
  'properties.sasl.jaas.config': {
    description: 'Login module line with username="..." and password="...". A secret.',
  },
};

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  ...CLUSTER_OPTIONS,
  ...SINK_OPTIONS,
  'properties.isolation.level': {
    default: 'read_committed',
    description: 'read_committed (records of aborted or open transactions are not seen) or read_uncommitted.',
  },
  'topic-pattern': {
    description: "Instead of 'topic': all topics whose whole names match this regular expression, later ones too.",
  },
  'scan.topic-partition-discovery.interval': {
    description: 'How often to look for new partitions, and new topics of a pattern; default 5 min, 0 ms: never.',
  },
  'properties.commit.offsets.on.checkpoint': {
    default: 'true',
    description: "Whether 'properties.group.id' is told the offsets of checkpoints, for those who watch it.",
  },
  'properties.auto.offset.reset': {
    description: 'Of mode group-offsets, for partitions without a committed offset: earliest, latest, none (default).',
  },
  'scan.startup.mode': {
    description:
      'Where a job without a checkpoint begins: group-offsets (default), earliest-offset, latest-offset, timestamp, specific-offsets.',
  },
  'scan.startup.timestamp-millis': { description: 'Of mode timestamp: begin with the first record that is not older.' },
  'scan.startup.specific-offsets': {
    description:
      'Of mode specific-offsets: partition:0,offset:42;..; partitions that are not named begin at their earliest.',
  },
  'scan.bounded.mode': {
    default: 'unbounded',
    description:
      'unbounded, latest-offset (the latest offsets at the start), group-offsets, timestamp, specific-offsets.',
  },
  'scan.bounded.timestamp-millis': { description: 'Of mode timestamp: end before the first record that is not older.' },
  'scan.bounded.specific-offsets': {
    description: 'Of mode specific-offsets: end before these, one for each partition.',
  },
  format: { required: true, description: 'Format of the record values: avro-confluent or json.' },
};

export const FORMATS = ['avro-confluent', 'json'];

export const kafkaDescriptor: ConnectorDescriptor = {
  name: 'kafka',
  source: {
    formats: FORMATS,
    mode: 'append',
    projectionPushDown: true,
    filterPushDown: true,
    bounded: isBounded,
    history: { by: 'record-time', options: historyOptions },
  },
  sink: { formats: FORMATS, accepts: 'append', requiresPrimaryKey: false },
  options: OPTIONS,
  validate,
};

function validate(table: ConnectorTable, role: 'source' | 'sink'): void {
  if (role === 'sink') parseTopicSink(table);
  else validateSource(table.options);
  const format = table.options['format'];
  if (format === 'avro-confluent') readerSchema(table.columns, table.options);
  if (!FORMATS.includes(format)) {
    throw new HeadwaterError(
      'unsupported-format',
      `format '${format}' is not supported by connector kafka; expected one of: ${FORMATS.join(', ')}`,
    );
  }
  if (table.primaryKey.length > 0) {
    throw new HeadwaterError(
      'invalid-primary-key',
      `table ${table.name}: a kafka table with format '${format}' cannot have a PRIMARY KEY, because records with the ` +
        'same key do not replace each other',
    );
  }
}

/** Records are read from their values: columns that are in the key alone would be missing. */
function validateSource(options: ConnectorTable['options']): void {
  parseKafkaOptions(options);
  if (options['value.fields-include'] !== 'EXCEPT_KEY') return;
  throw new HeadwaterError(
    'unsupported',
    "'value.fields-include' is 'EXCEPT_KEY', and the table is read: keys of records are not read, expected 'ALL'",
  );
}
