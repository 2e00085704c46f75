import type { ConnectorDescriptor } from '../../planner/connector.ts';
import { CLUSTER_OPTIONS, FORMATS } from './descriptor.ts';
import { SINK_OPTIONS } from './sink/option-specs.ts';
import { parseTopicSink } from './sink/options.ts';

const { 'key.fields': _primaryKey, 'sink.partitioner': _byKey, ...SHARED } = SINK_OPTIONS;

/** A topic with the last row of each primary key: the key of a record is the primary key, a deleted row is a tombstone. */
export const upsertKafkaDescriptor: ConnectorDescriptor = {
  name: 'upsert-kafka',
  source: undefined,
  sink: { formats: FORMATS, accepts: 'upsert', requiresPrimaryKey: true },
  options: {
    ...CLUSTER_OPTIONS,
    ...SHARED,
    'key.format': { required: true, description: 'Format of the record keys: avro-confluent or json.' },
  },
  validate: (table) => void parseTopicSink(table),
};
