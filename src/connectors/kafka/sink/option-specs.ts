import type { OptionSpec } from '../../../planner/connector.ts';

/** Options of tables that are written to a topic, besides those of the cluster. */
export const SINK_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'key.format': { description: 'Format of the record keys: avro-confluent or json; records have no key without it.' },
  'key.fields': { description: 'Columns that make up the key, separated by semicolons.' },
  'key.fields-prefix': { description: 'Prefix of the key columns, which the fields in the key do not have.' },
  'value.fields-include': { default: 'ALL', description: 'Columns in the value: ALL or EXCEPT_KEY.' },
  'sink.delivery-guarantee': {
    default: 'at-least-once',
    description: 'none, at-least-once, or exactly-once (transactions; readers need read_committed).',
  },
  'sink.transactional-id-prefix': {
    description: 'Begins the transactional id, <prefix>/<job>/<table>; required with exactly-once.',
  },
  'sink.partitioner': {
    default: 'default',
    description: "default (Kafka's hash of the key; in turn without one), fixed (a partition a task) or round-robin.",
  },
  'sink.topic.partitions': { description: 'Creates the topic with so many partitions when it is missing.' },
  'properties.compression.type': { default: 'none', description: 'none, gzip, snappy, lz4 or zstd.' },
  'properties.transaction.timeout.ms': {
    default: '60000',
    description: 'The broker aborts a transaction that is open for longer; at most its transaction.max.timeout.ms.',
  },
};
