import { HeadwaterError, unreachable } from '../../data/errors.ts';
import type { HistoryRange } from '../../planner/history.ts';
import { invalid, oneOf, type Options } from './option-values.ts';

/** A place in every partition of a topic, where reading begins or ends. */
export type ScanPoint =
  | { readonly at: 'earliest' | 'latest' }
  /** The first record that is not older, epoch milliseconds. */
  | { readonly at: 'timestamp'; readonly millis: number }
  /** Offsets by partition. */
  | { readonly at: 'offsets'; readonly offsets: ReadonlyMap<number, number> }
  /** What the consumer group has committed; `reset`: where a partition begins that it has not. */
  | { readonly at: 'group'; readonly group: string; readonly reset: OffsetReset };

type OffsetReset = (typeof RESETS)[number];
type Role = 'startup' | 'bounded';

const RESETS = ['none', 'earliest', 'latest'] as const;
const RESET = 'properties.auto.offset.reset';
const GROUP = 'properties.group.id';
const STARTUP_MODES = 'group-offsets, earliest-offset, latest-offset, timestamp, specific-offsets';
const BOUNDED_MODES = 'unbounded, latest-offset, group-offsets, timestamp, specific-offsets';

/** Where a job without a checkpoint begins. `oneTopic`: the table reads one. Throws HeadwaterError `invalid-option`. */
export function startupPoint(options: Options, oneTopic: boolean): ScanPoint {
  const mode = options['scan.startup.mode'] ?? 'group-offsets';
  refuseStray(options, 'startup', mode);
  if (mode !== 'group-offsets' && options[RESET] !== undefined) {
    throw invalid(`'${RESET}' is set; expected 'scan.startup.mode' = 'group-offsets', given '${mode}'`);
  }
  if (mode === 'earliest-offset') return { at: 'earliest' };
  if (mode === 'group-offsets') return groupStart(options);
  const point = pointOf(options, 'startup', mode, oneTopic);
  if (point !== undefined) return point;
  throw invalid(`'scan.startup.mode' is '${mode}'; expected one of: ${STARTUP_MODES}`);
}

/** Where reading ends; undefined: never. Throws HeadwaterError `invalid-option`. */
export function boundedPoint(options: Options, oneTopic: boolean): ScanPoint | undefined {
  const mode = options['scan.bounded.mode'] ?? 'unbounded';
  refuseStray(options, 'bounded', mode);
  if (mode === 'unbounded') return undefined;
  if (mode === 'group-offsets') {
    const group = options[GROUP];
    if (group !== undefined) return { at: 'group', group, reset: 'none' };
    throw invalid(`'scan.bounded.mode' is 'group-offsets'; expected '${GROUP}', the group whose offsets are the end`);
  }
  const point = pointOf(options, 'bounded', mode, oneTopic);
  if (point !== undefined) return point;
  throw invalid(`'scan.bounded.mode' is '${mode}'; expected one of: ${BOUNDED_MODES}`);
}

/** The options of a range of history: from the first record that is not older than its beginning, up to the first that
 *  is not older than its end, in each partition. */
export function historyOptions({ from, to }: HistoryRange): Readonly<Record<string, string | undefined>> {
  return {
    'scan.startup.mode': from === undefined ? 'earliest-offset' : 'timestamp',
    'scan.startup.timestamp-millis': from?.toFixed(0),
    'scan.startup.specific-offsets': undefined,
    [RESET]: undefined,
    // The group tells how far the live job has come.
    'properties.commit.offsets.on.checkpoint': 'false',
    'scan.bounded.mode': to === undefined ? 'latest-offset' : 'timestamp',
    'scan.bounded.timestamp-millis': to?.toFixed(0),
    'scan.bounded.specific-offsets': undefined,
  };
}

function groupStart(options: Options): ScanPoint {
  const reset = oneOf(options, RESET, RESETS);
  const group = options[GROUP];
  if (group !== undefined) return { at: 'group', group, reset };
  // A group without a name has committed nothing.
  if (reset !== 'none') return { at: reset };
  const given =
    options['scan.startup.mode'] === undefined ? "is not set, which means 'group-offsets'" : `'group-offsets'`;
  throw invalid(
    `'scan.startup.mode' ${given}: expected '${GROUP}', the group whose offsets are the start, or one of: ${STARTUP_MODES}`,
  );
}

function pointOf(options: Options, role: Role, mode: string, oneTopic: boolean): ScanPoint | undefined {
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
      if (!oneTopic) {
        throw invalid(
          `'scan.${role}.mode' is 'specific-offsets', which names partitions; expected a table of one topic`,
        );
      }
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
function refuseStray(options: Options, role: Role, mode: string): void {
  const needs = { 'timestamp-millis': 'timestamp', 'specific-offsets': 'specific-offsets' };
  for (const [name, needed] of Object.entries(needs)) {
    if (options[`scan.${role}.${name}`] === undefined || mode === needed) continue;
    throw invalid(`'scan.${role}.${name}' is set; expected 'scan.${role}.mode' = '${needed}', given '${mode}'`);
  }
}

/** What is known of one partition. */
export interface PartitionOffsets {
  readonly topic: string;
  readonly partition: number;
  readonly earliest: number;
  /** The end for readers: with committed reading the first offset of an open transaction. */
  readonly latest: number;
  /** The first offset of a record that is not older than the point, if any. */
  readonly atTime: number | undefined;
  /** What the point's group has committed, if anything. */
  readonly committed: number | undefined;
}

/** The first offset to read. Errors: `offset-out-of-range`, `no-group-offset`. */
export function startOffset(point: ScanPoint, known: PartitionOffsets): number {
  const { earliest, latest } = known;
  switch (point.at) {
    case 'earliest':
      return earliest;
    case 'latest':
      return latest;
    case 'timestamp':
      return known.atTime ?? latest;
    case 'offsets': {
      const offset = point.offsets.get(known.partition) ?? earliest;
      if (offset >= earliest && offset <= latest) return offset;
      throw new HeadwaterError(
        'offset-out-of-range',
        `${where(known)}: 'scan.startup.specific-offsets' names offset ${offset}; it has ${earliest} to ${latest}`,
      );
    }
    case 'group':
      return groupOffset(point.group, point.reset, known);
    default:
      return unreachable(point);
  }
}

/** As a consumer of the group does: an offset that the partition no longer has counts as none. */
function groupOffset(group: string, reset: OffsetReset, known: PartitionOffsets): number {
  const { committed, earliest, latest } = known;
  // Later than `latest` is possible: an open transaction may begin before what others have read.
  if (committed !== undefined && committed >= earliest) return committed;
  switch (reset) {
    case 'earliest':
      return earliest;
    case 'latest':
      return latest;
    case 'none': {
      const given =
        committed === undefined
          ? `group ${group} has committed no offset`
          : `group ${group} has committed offset ${committed}, and the topic begins at ${earliest} now`;
      throw new HeadwaterError(
        committed === undefined ? 'no-group-offset' : 'offset-out-of-range',
        `${where(known)}: ${given}; expected one, or '${RESET}' = 'earliest' or 'latest'`,
      );
    }
  }
}

/** The offset to stop before. Errors: `invalid-option` or `no-group-offset` when a partition has none. */
export function endOffsetOf(point: ScanPoint | undefined, known: PartitionOffsets): number {
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
        `'scan.bounded.specific-offsets' names no offset for partition ${known.partition} of topic ${known.topic}; expected one for each`,
      );
    }
    case 'group':
      if (known.committed !== undefined) return known.committed;
      throw new HeadwaterError(
        'no-group-offset',
        `${where(known)}: group ${point.group} has committed no offset; expected one, which is where reading ends`,
      );
    default:
      return unreachable(point);
  }
}

function where({ topic, partition }: PartitionOffsets): string {
  return `topic ${topic}, partition ${partition}`;
}

/** The time of a point that is one. */
export function timeOf(point: ScanPoint | undefined): number | undefined {
  return point?.at === 'timestamp' ? point.millis : undefined;
}

/** The group of a point that is one. */
export function groupOf(point: ScanPoint | undefined): string | undefined {
  return point?.at === 'group' ? point.group : undefined;
}
