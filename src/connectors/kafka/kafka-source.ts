import { HeadwaterError } from '../../data/errors.ts';
import type { DecoderSpec, RecordDecoder } from '../../formats/contracts.ts';
import type { ConnectorContext, ProgressReporter, SourceConnector, SourceSpec } from '../contracts.ts';
import { discoverEmbedded } from '../embedded/discover.ts';
import { EmbeddedGroups } from '../embedded/groups.ts';
import { EmbeddedLog } from '../embedded/log.ts';
import { EmbeddedSource } from '../embedded/source.ts';
import { openRegistry, registryAccess, registryAddress } from '../registry/index.ts';
import { kafkaDescriptor } from './descriptor.ts';
import { type KafkaOptions, type Options, parseKafkaOptions } from './options.ts';
import { PartitionDiscovery, readerOf } from './partition-discovery.ts';
import { decodePosition, encodePosition, offsetOf, partitionOfSplit, splitId } from './position.ts';
import { RecordReader } from './reader.ts';
import type { PartitionRange, RunSource } from './run-source.ts';
import { describeTopics } from './topic-selection.ts';
import { WriterSchemas } from './writer-schemas.ts';

export type DecoderFactory = (format: string, spec: DecoderSpec) => RecordDecoder;

/** Connector `kafka`: topics of a Kafka cluster, or of the embedded log under the address `embedded`. */
export function createKafkaConnector(createDecoder: DecoderFactory): SourceConnector {
  return {
    descriptor: kafkaDescriptor,

    async discover(spec, context) {
      const given = parseKafkaOptions(spec.table.options);
      const options = context.resuming ? asLaterFound(given) : given;
      const [ranges] = await Promise.all([
        listPartitions(options, NONE, context),
        checkRegistry(spec, options, context),
      ]);
      if (ranges.length === 0)
        context.log('warn', `table ${spec.table.name}: there are no ${describeTopics(given.topics)} yet`);
      return ranges.map(({ topic, partition, offset, end }) => ({
        split: { id: splitId(topic, partition) },
        start: encodePosition({ offset, end: end === Infinity ? null : end, leaderEpoch: -1 }),
      }));
    },

    async open(spec, splits, context) {
      const options = parseKafkaOptions(spec.table.options);
      const ranges = splits.map(({ split, position }) => {
        const { offset, end } = decodePosition(split.id, position);
        return { ...partitionOfSplit(split.id), offset, end: end ?? Infinity };
      });
      const decoder = createDecoder(options.format, decoderSpec(spec, options));
      const schemas = await writerSchemas(spec.table.options, options, context);
      const source = await runSource(options, ranges, context);
      return new RecordReader(ranges, source, decoder, schemas, discoveryOf(options, context), context);
    },

    reporter: (table, context) => {
      const options = parseKafkaOptions(table.options);
      const { reportingGroup } = options;
      return reportingGroup === undefined ? undefined : openReporter(options, reportingGroup, context);
    },
  };
}

async function openReporter(
  { broker }: KafkaOptions,
  group: string,
  context: Pick<ConnectorContext, 'dataDir' | 'now' | 'random'>,
): Promise<ProgressReporter> {
  if (broker !== 'embedded') {
    const { reportToGroup } = await import('./broker-source.ts');
    return reportToGroup(broker, group, context);
  }
  const groups = new EmbeddedGroups(context.dataDir);
  return {
    report: async (splits) => groups.commit(group, splits.map(offsetOf)),
    close: async () => groups.close(),
  };
}

const NONE: ReadonlySet<string> = new Set();

/** A partition that appeared after the start, or after the checkpoint, holds records that nobody has read. */
function asLaterFound(options: KafkaOptions): KafkaOptions {
  return { ...options, startup: { at: 'earliest' } };
}

async function listPartitions(
  options: KafkaOptions,
  known: ReadonlySet<string>,
  context: ConnectorContext,
): Promise<PartitionRange[]> {
  if (options.broker === 'embedded') return discoverEmbedded(options, known, context.dataDir);
  const { discoverPartitions } = await import('./broker-source.ts');
  return discoverPartitions(options, options.broker, known, context);
}

/** Every task that reads the table looks by itself and takes its share of what is new: nothing has to be handed over. */
function discoveryOf(options: KafkaOptions, context: ConnectorContext): PartitionDiscovery | undefined {
  const { discoveryInterval } = options;
  if (discoveryInterval === undefined || !context.readers.includes(context.task)) return undefined;
  return new PartitionDiscovery(
    {
      interval: discoveryInterval,
      list: (known) => listPartitions(asLaterFound(options), known, context),
      isMine: (split) => readerOf(split, context.readers) === context.task,
    },
    context,
  );
}

async function checkRegistry(spec: SourceSpec, options: KafkaOptions, context: ConnectorContext): Promise<void> {
  if (options.registryUrl === undefined) return;
  const registry = await openRegistry(options.registryUrl, context.dataDir, registryAccess(spec.table.options));
  try {
    await registry.check();
  } catch (error) {
    const outage = error instanceof HeadwaterError && error.code === 'registry-unreachable';
    if (!context.resuming || !outage) throw error;
    context.count('registry_retries', 1);
    context.log('warn', `${error.message}; going on with the writer schemas of the checkpoint`);
  } finally {
    registry.close();
  }
}

async function writerSchemas(
  given: Options,
  options: KafkaOptions,
  context: ConnectorContext,
): Promise<WriterSchemas | undefined> {
  if (options.registryUrl === undefined) return undefined;
  const registry = await openRegistry(options.registryUrl, context.dataDir, registryAccess(given));
  return new WriterSchemas(registryAddress(options.registryUrl).address, registry, context);
}

function decoderSpec(spec: SourceSpec, options: KafkaOptions): DecoderSpec {
  return {
    schema: spec.table.columns,
    columns: spec.columns,
    filter: spec.filter,
    options: spec.table.options,
    onError: options.skipUndecodable ? 'skip' : 'fail',
  };
}

async function runSource(
  options: KafkaOptions,
  ranges: readonly PartitionRange[],
  context: ConnectorContext,
): Promise<RunSource> {
  if (options.broker === 'embedded') return new EmbeddedSource(new EmbeddedLog(context.dataDir), ranges);
  const { KafkaFetcher, KafkaSession } = await import('./broker-source.ts');
  return new KafkaFetcher(new KafkaSession(options.broker), ranges, options.readCommitted, context);
}
