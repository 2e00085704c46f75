import { CODEC_NAMES, type Compression } from '../../connectors/record-batch/index.ts';
import { HeadwaterError } from '../../data/errors.ts';
import { notUnderstood, parseWords } from '../command-line.ts';
import { readProperties } from './properties.ts';
import { parseDuration } from '../../planner/duration.ts';

/** Events of `headwater produce`, checked. Durations in milliseconds. */
export interface ProduceOptions {
  /** `user-activity`, `flights`, or a file. */
  readonly what: string;
  readonly topic: string | undefined;
  /** `embedded`, or host:port, several separated by commas. */
  readonly brokers: string;
  /** Options of Kafka's clients (security.protocol and so on), from a properties file. Holds secrets. */
  readonly client: Readonly<Record<string, string>>;
  readonly registry: string | undefined;
  readonly dataDir: string;
  readonly format: 'avro' | 'json';
  /** Undefined: as the topic has them, or 4. */
  readonly partitions: number | undefined;
  readonly compression: Compression;
  /** Events a second; undefined: as fast as it goes. */
  readonly rate: number | undefined;
  /** Event time that passes in a second of real time, in seconds. */
  readonly speed: number | undefined;
  readonly count: number | undefined;
  readonly duration: number | undefined;
  readonly users: number;
  readonly skew: number;
  readonly late: number;
  readonly lateness: number;
  readonly disorder: number;
  readonly seed: number;
  /** Event time of the first event, epoch milliseconds; undefined: now. */
  readonly start: number | undefined;
  readonly eventTime: string | undefined;
  readonly key: string | undefined;
  readonly schemaVersion: 1 | 2;
  /** Events, or milliseconds, before the schema changes. */
  readonly switchAfter: { readonly events: number } | { readonly ms: number } | undefined;
  /** Time between commits. */
  readonly transactional: number | undefined;
  readonly transactionalId: string;
  readonly deliveryTimeout: number;
  readonly json: boolean;
}

export const PRODUCE_USAGE = `headwater produce user-activity|flights|FILE [options]: writes events to a topic

  user-activity            made-up users, sessions, items, prices (seeded: the same again with the same options)
  flights                  three million real flights of 2001 (npm package vega-datasets)
  FILE                     .parquet, .csv, .json, .jsonl; --event-time names the column with the time of each row

where
  --brokers B              host:port,... or embedded, the log in the data directory (default: KAFKA_BROKERS, or embedded)
  --command-config FILE    properties of Kafka's clients: security.protocol, sasl.mechanism, sasl.jaas.config, ssl.*
  --registry URL           schema registry (default: SCHEMA_REGISTRY_URL, or embedded with an embedded log)
  --topic T                created when it is missing (default: the name of what is produced)
  --partitions N           of a new topic (default 4)
  --format avro|json       avro: in Confluent's wire format, schema registered as T-value (default)
  --compression C          none, gzip, snappy, lz4 or zstd (default none)
  --transactional T        commits every T, such as 1s: readers see whole transactions (--transactional-id NAME)
  --delivery-timeout D     how long an outage of the cluster is waited for (default 2 min)
  --data-dir DIR           of the embedded log (default .headwater)

how fast and how much
  --rate R                 events a second, or max (default 5000 for user-activity, max for files)
  --speed Sx               files: S seconds of event time a second, such as 3600x
  --count N, --duration D  stop after so many events, or so much time (default: never, or the end of the file)

user-activity
  --keys K                 users (default 1000)
  --skew Z                 exponent of the Zipf distribution of users, 0 for none (default 0.8)
  --disorder D             events are out of order by up to D (default 500 ms)
  --late P                 share of events that are late, 0 to 1 (default 0), by up to --lateness D (default 30 s)
  --seed N                 of the random numbers (default 1)
  --start TIME             event time of the first event, ISO 8601 (default: now)

files
  --event-time COLUMN, --key COLUMN

  --schema-version 2       moves to a compatible new schema in mid-stream: after --switch-after N events or D
                           (default: half of --count or --duration, or 10 s)
  --json                   totals for machines`;

const text = { type: 'string' } as const;
const OPTIONS = {
  topic: text,
  brokers: text,
  'command-config': text,
  registry: text,
  'data-dir': text,
  format: text,
  partitions: text,
  compression: text,
  rate: text,
  speed: text,
  count: text,
  duration: text,
  keys: text,
  skew: text,
  late: text,
  lateness: text,
  disorder: text,
  seed: text,
  start: text,
  'event-time': text,
  key: text,
  'schema-version': text,
  'switch-after': text,
  transactional: text,
  'transactional-id': text,
  'delivery-timeout': text,
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Errors: `bad-arguments`. `settings`: the environment. */
export function parseProduceArguments(
  argv: readonly string[],
  settings: ReadonlyMap<string, string>,
): ProduceOptions | 'help' {
  const { values, positionals } = parseWords(argv, OPTIONS, PRODUCE_USAGE);
  if (values.help === true) return 'help';
  const [what, ...more] = positionals;
  if (what === undefined || more.length > 0) {
    throw new HeadwaterError('bad-arguments', `expected one of user-activity, flights or a file\n\n${PRODUCE_USAGE}`);
  }
  const brokers = values.brokers ?? settings.get('KAFKA_BROKERS') ?? 'embedded';
  const made = what === 'user-activity';
  if (made && values.speed !== undefined)
    throw notUnderstood('--speed', 'it with a file or flights: their events have times');
  const rate = values.rate ?? (made ? '5000' : 'max');
  const count = values.count === undefined ? undefined : number('--count', values.count, 0, 1e15);
  const duration = values.duration === undefined ? undefined : parseDuration(values.duration, '--duration');
  return {
    what,
    topic: values.topic,
    brokers,
    client: values['command-config'] === undefined ? {} : readProperties(values['command-config']),
    registry:
      values.registry ?? settings.get('SCHEMA_REGISTRY_URL') ?? (brokers === 'embedded' ? 'embedded' : undefined),
    dataDir: values['data-dir'] ?? '.headwater',
    format: oneOf('--format', values.format ?? 'avro', ['avro', 'json'] as const),
    partitions: values.partitions === undefined ? undefined : number('--partitions', values.partitions, 1, 10_000),
    compression: oneOf('--compression', values.compression ?? 'none', CODEC_NAMES),
    rate: rate === 'max' ? undefined : number('--rate', rate, 0.001, 1e9, false),
    speed: values.speed === undefined ? undefined : speedOf(values.speed),
    count,
    duration,
    users: number('--keys', values.keys ?? '1000', 1, 10_000_000),
    skew: number('--skew', values.skew ?? '0.8', 0, 10, false),
    late: number('--late', values.late ?? '0', 0, 1, false),
    lateness: parseDuration(values.lateness ?? '30 s', '--lateness'),
    disorder: parseDuration(values.disorder ?? '500 ms', '--disorder'),
    seed: number('--seed', values.seed ?? '1', 0, 2 ** 32),
    start: values.start === undefined ? undefined : timeOf(values.start),
    eventTime: values['event-time'],
    key: values.key,
    schemaVersion: oneOf('--schema-version', values['schema-version'] ?? '1', ['1', '2'] as const) === '2' ? 2 : 1,
    switchAfter: switchAfter(values['switch-after'], count, duration),
    transactional:
      values.transactional === undefined ? undefined : parseDuration(values.transactional, '--transactional'),
    transactionalId: values['transactional-id'] ?? `headwater-produce-${values.topic ?? what}`,
    deliveryTimeout: parseDuration(values['delivery-timeout'] ?? '2 min', '--delivery-timeout'),
    json: values.json ?? false,
  };
}

function switchAfter(
  text: string | undefined,
  count: number | undefined,
  duration: number | undefined,
): ProduceOptions['switchAfter'] {
  if (text !== undefined) {
    return /^\d+$/.test(text) ? { events: Number(text) } : { ms: parseDuration(text, '--switch-after') };
  }
  if (count !== undefined) return { events: Math.floor(count / 2) };
  return { ms: duration === undefined ? 10_000 : duration / 2 };
}

function number(name: string, text: string, least: number, most: number, whole = true): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw notUnderstood(`${name} ${text}`, `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`);
}

function oneOf<T extends string>(name: string, text: string, accepted: readonly T[]): T {
  const match = accepted.find((candidate) => candidate === text);
  if (match !== undefined) return match;
  throw notUnderstood(`${name} ${text}`, `one of ${accepted.join(', ')}`);
}

function speedOf(text: string): number {
  return number('--speed', text.replace(/x$/, ''), 0.001, 1e9, false);
}

function timeOf(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw notUnderstood(`--start ${text}`, 'a time such as 2026-01-01T00:00:00Z');
  return ms;
}
