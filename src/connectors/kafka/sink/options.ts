import { HeadwaterError } from '../../../data/errors.ts';
import type { ConnectorTable } from '../../../planner/connector.ts';
import { parseDuration } from '../../../planner/duration.ts';
import { CODEC_NAMES, type Compression } from '../../record-batch/index.ts';
import { invalid, oneOf, type Options, required } from '../option-values.ts';
import { type BrokerSettings, brokerSettings } from '../options.ts';
import { singleTopic, topicSelection } from '../topic-selection.ts';

/** `exactly-once`: a transaction per run of epochs; `at-least-once`: acknowledged; `none`: sent. */
export type Guarantee = (typeof GUARANTEES)[number];
export type Partitioner = (typeof PARTITIONERS)[number];

/** Which columns make up the key or the value of a record, and in which form. */
export interface PartOptions {
  readonly format: string;
  /** Places in the table, and the names that the fields have in the record. */
  readonly columns: readonly number[];
  readonly names: readonly string[];
  /** Options of the format, with its prefix. */
  readonly options: Options;
}

/** What a table writes to a topic, and how. */
export interface TopicSinkOptions {
  readonly topic: string;
  /** `embedded`: the log inside the data directory. */
  readonly broker: 'embedded' | BrokerSettings;
  readonly guarantee: Guarantee;
  readonly transactionalIdPrefix: string;
  readonly transactionTimeoutMs: number;
  readonly compression: Compression;
  readonly partitioner: Partitioner;
  /** A topic that is missing is created with so many partitions; undefined: it is an error. */
  readonly createPartitions: number | undefined;
  /** Undefined: records have no key. */
  readonly key: PartOptions | undefined;
  readonly value: PartOptions;
}

/** The first value is the default. */
const GUARANTEES = ['at-least-once', 'exactly-once', 'none'] as const;
const PARTITIONERS = ['default', 'fixed', 'round-robin'] as const;
const INCLUDES = ['ALL', 'EXCEPT_KEY'] as const;
const KEY_COLUMNS = 'key.fields';

/** Options of a table that is written to a topic, checked. Errors: `invalid-option`, `missing-option`. */
export function parseTopicSink(table: ConnectorTable): TopicSinkOptions {
  const { options } = table;
  const servers = required(options, 'properties.bootstrap.servers');
  const guarantee = oneOf(options, 'sink.delivery-guarantee', GUARANTEES);
  const transactionalIdPrefix = options['sink.transactional-id-prefix'];
  if (guarantee === 'exactly-once' && transactionalIdPrefix === undefined && servers !== 'embedded') {
    throw invalid(
      "'sink.transactional-id-prefix' must be specified when 'sink.delivery-guarantee' is 'exactly-once': the broker " +
        'knows a writer that comes back by it',
    );
  }
  const key = keyPart(table);
  const partitioner = oneOf(options, 'sink.partitioner', PARTITIONERS);
  if (partitioner === 'round-robin' && key !== undefined) {
    throw invalid(
      "'sink.partitioner' is 'round-robin', which works without a key only: records of a key keep their order",
    );
  }
  return {
    topic: topicOf(options),
    broker: servers === 'embedded' ? 'embedded' : brokerSettings(options, servers),
    guarantee,
    transactionalIdPrefix: transactionalIdPrefix ?? 'headwater',
    transactionTimeoutMs: duration(options, 'properties.transaction.timeout.ms', 60_000),
    compression: oneOf(options, 'properties.compression.type', CODEC_NAMES),
    partitioner,
    createPartitions: partitions(options),
    key,
    value: valuePart(table, key),
  };
}

/** Flink would choose among several by a metadata column, which is not supported. */
function topicOf(options: Options): string {
  const topic = singleTopic(topicSelection(options));
  if (topic !== undefined) return topic;
  throw new HeadwaterError(
    'unsupported',
    `the table is written, and ${options.topic === undefined ? "'topic-pattern' is set" : `'topic' is '${options.topic}'`}; expected one topic to write to`,
  );
}

/** Name of a table's writer: equal for every run of the job, whatever process it is in. */
export function writerId(prefix: string, job: string, table: string): string {
  return `${prefix}/${job}/${table}`;
}

function keyPart(table: ConnectorTable): PartOptions | undefined {
  const { options, columns } = table;
  const format = options['key.format'];
  const upsert = options.connector === 'upsert-kafka';
  const fields = upsert ? table.primaryKey : (options[KEY_COLUMNS]?.split(';').filter((name) => name !== '') ?? []);
  if (format === undefined) {
    if (fields.length === 0) return undefined;
    throw invalid(`'${KEY_COLUMNS}' is set: expected 'key.format' with it`);
  }
  if (fields.length === 0) {
    throw invalid(
      "A key format 'key.format' requires the declaration of one or more of key fields using 'key.fields'.",
    );
  }
  const prefix = options['key.fields-prefix'] ?? '';
  const places = fields.map((name) => {
    const place = columns.findIndex((field) => field.name === name);
    if (place < 0) throw invalid(`'${KEY_COLUMNS}' has '${name}', which is no column of table ${table.name}`);
    if (!name.startsWith(prefix)) {
      throw invalid(
        `All fields in 'key.fields' must be prefixed with '${prefix}' when option 'key.fields-prefix' is set but field '${name}' is not prefixed.`,
      );
    }
    return place;
  });
  const names = fields.map((name) => name.slice(prefix.length));
  return { format, columns: places, names, options: keyOptions(options) };
}

function valuePart(table: ConnectorTable, key: PartOptions | undefined): PartOptions {
  const { options } = table;
  const format = required(options, 'format');
  const exceptKey = oneOf(options, 'value.fields-include', INCLUDES) === 'EXCEPT_KEY';
  if (options['key.fields-prefix'] !== undefined && !exceptKey) {
    throw invalid(
      "A key prefix is not allowed when option 'value.fields-include' is set to 'ALL'. Set it to 'EXCEPT_KEY' instead to avoid field overlaps.",
    );
  }
  const columns = table.columns.map((_, i) => i).filter((i) => !exceptKey || key?.columns.includes(i) !== true);
  return {
    format,
    columns,
    names: columns.map((i) => table.columns[i].name),
    options,
  };
}

/** `key.json.x` is `json.x` of the key. */
function keyOptions(options: Options): Options {
  const own = Object.entries(options).filter(([key]) => key.startsWith('key.'));
  return Object.fromEntries(own.map(([key, value]) => [key.slice('key.'.length), value]));
}

function partitions(options: Options): number | undefined {
  const text = options['sink.topic.partitions'];
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw invalid(`'sink.topic.partitions' is '${text}'; expected 1 to 9999`);
  return Number(text);
}

function duration(options: Options, key: string, otherwise: number): number {
  const text = options[key];
  return text === undefined ? otherwise : parseDuration(text, `'${key}'`);
}
