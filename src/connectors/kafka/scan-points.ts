import { HeadwaterError, unreachable } from '../../data/errors.ts';

/** A place in every partition of a topic, where reading begins or ends. */
export type ScanPoint =
  | { readonly at: 'earliest' | 'latest' }
  /** The first record that is not older, epoch milliseconds. */
  | { readonly at: 'timestamp'; readonly millis: number }
  /** Offsets by partition. */
  | { readonly at: 'offsets'; readonly offsets: ReadonlyMap<number, number> };

type Options = Readonly<Record<string, string>>;

const STARTUP_MODES = 'earliest-offset, latest-offset, timestamp, specific-offsets';
const BOUNDED_MODES = 'unbounded, latest-offset, timestamp, specific-offsets';

/** Where a job without a checkpoint begins. Throws HeadwaterError `invalid-option`. */
export function startupPoint(options: Options): ScanPoint {
  const mode = options['scan.startup.mode'] ?? 'group-offsets';
  refuseStray(options, 'startup', mode);
  if (mode === 'earliest-offset') return { at: 'earliest' };
  const point = pointOf(options, 'startup', mode);
  if (point !== undefined) return point;
  if (mode === 'group-offsets') {
    const given =
      options['scan.startup.mode'] === undefined ? "is not set, which means 'group-offsets', and" : `'${mode}'`;
    throw invalid(
      `'scan.startup.mode' ${given} is not supported: offsets are kept in the job's own checkpoint, not in a consumer ` +
        `group. Expected one of: ${STARTUP_MODES}`,
    );
  }
  throw invalid(`'scan.startup.mode' is '${mode}'; expected one of: ${STARTUP_MODES}`);
}

/** Where reading ends; undefined: never. Throws HeadwaterError `invalid-option`. */
export function boundedPoint(options: Options): ScanPoint | undefined {
  const mode = options['scan.bounded.mode'] ?? 'unbounded';
  refuseStray(options, 'bounded', mode);
  if (mode === 'unbounded') return undefined;
  const point = pointOf(options, 'bounded', mode);
  if (point !== undefined) return point;
  throw invalid(`'scan.bounded.mode' is '${mode}'; expected one of: ${BOUNDED_MODES}`);
}

function pointOf(options: Options, role: 'startup' | 'bounded', mode: string): ScanPoint | undefined {
  switch (mode) {
    case 'latest-offset':
      return { at: 'latest' };
    case 'timestamp': {
      const key = `scan.${role}.timestamp-millis`;
      const text = options[key] ?? '';
      if (!/^\d{1,15}$/.test(text)) {
        throw invalid(`'${key}' is '${text}'; expected milliseconds since 1970 with '${mode}'`);
      }
      return { at: 'timestamp', millis: Number(text) };
    }
    case 'specific-offsets': {
      const key = `scan.${role}.specific-offsets`;
      return { at: 'offsets', offsets: offsetsOf(key, options[key] ?? '') };
    }
    default:
      return undefined;
  }
}

/** `partition:0,offset:42;partition:1,offset:300` */
function offsetsOf(key: string, text: string): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>();
  for (const part of text.split(';')) {
    const match = /^\s*partition:(\d{1,9}),offset:(\d{1,15})\s*$/.exec(part);
    if (match === null || offsets.has(Number(match[1]))) {
      throw invalid(
        `'${key}' is '${text}'; expected partition:0,offset:42;partition:1,offset:300, each partition once`,
      );
    }
    offsets.set(Number(match[1]), Number(match[2]));
  }
  return offsets;
}

/** An option of another mode would be accepted and ignored. */
function refuseStray(options: Options, role: 'startup' | 'bounded', mode: string): void {
  const needs = { 'timestamp-millis': 'timestamp', 'specific-offsets': 'specific-offsets' };
  for (const [name, needed] of Object.entries(needs)) {
    if (options[`scan.${role}.${name}`] === undefined || mode === needed) continue;
    throw invalid(`'scan.${role}.${name}' is set; expected 'scan.${role}.mode' = '${needed}', given '${mode}'`);
  }
}

/** What is known of one partition. `atTime`: the first offset of a record that is not older than the point, if any. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly earliest: number;
  readonly latest: number;
  readonly atTime: number | undefined;
}

/** The first offset to read. Errors: `offset-out-of-range`. */
export function startOffset(topic: string, point: ScanPoint, known: PartitionOffsets): number {
  const { partition, earliest, latest } = known;
  switch (point.at) {
    case 'earliest':
      return earliest;
    case 'latest':
      return latest;
    case 'timestamp':
      return known.atTime ?? latest;
    case 'offsets': {
      const offset = point.offsets.get(partition) ?? earliest;
      if (offset >= earliest && offset <= latest) return offset;
      throw new HeadwaterError(
        'offset-out-of-range',
        `topic ${topic}, partition ${partition}: 'scan.startup.specific-offsets' names offset ${offset}; it has ${earliest} to ${latest}`,
      );
    }
    default:
      return unreachable(point);
  }
}

/** The offset to stop before. Errors: `invalid-option` when a partition has none. */
export function endOffsetOf(topic: string, point: ScanPoint | undefined, known: PartitionOffsets): number {
  if (point === undefined) return Infinity;
  switch (point.at) {
    case 'earliest':
      return known.earliest;
    case 'latest':
      return known.latest;
    case 'timestamp':
      return known.atTime ?? known.latest;
    case 'offsets': {
      const offset = point.offsets.get(known.partition);
      if (offset !== undefined) return offset;
      throw invalid(
        `'scan.bounded.specific-offsets' names no offset for partition ${known.partition} of topic ${topic}; expected one for each`,
      );
    }
    default:
      return unreachable(point);
  }
}

/** The time of a point that is one. */
export function timeOf(point: ScanPoint | undefined): number | undefined {
  return point?.at === 'timestamp' ? point.millis : undefined;
}

function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
