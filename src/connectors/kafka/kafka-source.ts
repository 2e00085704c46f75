import { HeadwaterError } from '../../data/errors.ts';
import type { DecoderSpec, RecordDecoder } from '../../formats/contracts.ts';
import type { ConnectorContext, SourceConnector, SourceSpec } from '../contracts.ts';
import { EmbeddedLog } from '../embedded/log.ts';
import { EmbeddedSource } from '../embedded/source.ts';
import { openRegistry, registryAccess, registryAddress } from '../registry/index.ts';
import { kafkaDescriptor } from './descriptor.ts';
import { type KafkaOptions, type Options, parseKafkaOptions } from './options.ts';
import { decodePosition, encodePosition, partitionOfSplit, splitId } from './position.ts';
import { RecordReader } from './reader.ts';
import type { PartitionRange, RunSource } from './run-source.ts';
import { endOffsetOf, type ScanPoint, startOffset, timeOf } from './scan-points.ts';
import { WriterSchemas } from './writer-schemas.ts';

export type DecoderFactory = (format: string, spec: DecoderSpec) => RecordDecoder;

/** Connector `kafka`: topics of a Kafka cluster, or of the embedded log under the address `embedded`. */
export function createKafkaConnector(createDecoder: DecoderFactory): SourceConnector {
  return {
    descriptor: kafkaDescriptor,

    async discover(spec, context) {
      const given = parseKafkaOptions(spec.table.options);
      // A partition that appeared after the checkpoint holds records that nobody has read.
      const options = context.resuming ? { ...given, startup: { at: 'earliest' } as const } : given;
      const [ranges] = await Promise.all([discoverRanges(options, context), checkRegistry(spec, options, context)]);
      return ranges.map(({ partition, offset, end }) => ({
        split: { id: splitId(options.topic, partition) },
        start: encodePosition({ offset, end: end === Infinity ? null : end, leaderEpoch: -1 }),
      }));
    },

    async open(spec, splits, context) {
      const options = parseKafkaOptions(spec.table.options);
      const ranges = splits.map(({ split, position }) => {
        const { offset, end } = decodePosition(split.id, position);
        return { partition: partitionOfSplit(options.topic, split.id), offset, end: end ?? Infinity };
      });
      const decoder = createDecoder(options.format, decoderSpec(spec, options));
      const schemas = await writerSchemas(spec.table.options, options, context);
      const source = await runSource(options, ranges, context);
      return new RecordReader(options.topic, ranges, source, decoder, schemas, context);
    },
  };
}

async function discoverRanges(options: KafkaOptions, context: ConnectorContext): Promise<PartitionRange[]> {
  if (options.broker !== 'embedded') {
    const { discoverPartitions } = await import('./broker-source.ts');
    return discoverPartitions(options, options.broker);
  }
  const log = new EmbeddedLog(context.dataDir);
  try {
    const partitions = log.partitions(options.topic);
    if (partitions === undefined) {
      const message = `topic ${options.topic} does not exist in the embedded log of ${context.dataDir}; create it by producing to it`;
      throw new HeadwaterError('topic-not-found', message);
    }
    return Array.from({ length: partitions }, (_, partition) => {
      const { topic, startup, bounded } = options;
      const known = { partition, earliest: 0, latest: log.endOffset(topic, partition) };
      const atTime = (point: ScanPoint | undefined): number | undefined => {
        const time = timeOf(point);
        return time === undefined ? undefined : log.offsetOfTime(topic, partition, time);
      };
      return {
        partition,
        offset: startOffset(topic, startup, { ...known, atTime: atTime(startup) }),
        end: endOffsetOf(topic, bounded, { ...known, atTime: atTime(bounded) }),
      };
    });
  } finally {
    log.close();
  }
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
  if (options.broker === 'embedded') return new EmbeddedSource(new EmbeddedLog(context.dataDir), options.topic, ranges);
  const { KafkaFetcher, KafkaSession } = await import('./broker-source.ts');
  return new KafkaFetcher(new KafkaSession(options.broker), options.topic, ranges, options.readCommitted, context);
}
