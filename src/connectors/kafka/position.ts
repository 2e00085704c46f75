import type { SplitPosition } from '../../checkpoint/positions.ts';
import { runtimeError } from '../../data/errors.ts';

/** Where a partition goes on: the next offset, the offset to stop before (null: never), the epoch of the leader seen last. */
export interface PartitionPosition {
  readonly offset: number;
  readonly end: number | null;
  readonly leaderEpoch: number;
}

/** As it is kept in checkpoints: offsets as decimal text, since JSON readers round large numbers. */
export function encodePosition(position: PartitionPosition): SplitPosition {
  return {
    offset: position.offset.toFixed(0),
    end: position.end === null ? null : position.end.toFixed(0),
    leaderEpoch: position.leaderEpoch,
  };
}

export function decodePosition(splitId: string, position: SplitPosition): PartitionPosition {
  const { offset, end, leaderEpoch } = position;
  return {
    offset: parseOffset(splitId, offset),
    end: end === null || end === undefined ? null : parseOffset(splitId, end),
    leaderEpoch: typeof leaderEpoch === 'number' ? leaderEpoch : -1,
  };
}

function parseOffset(splitId: string, text: unknown): number {
  const value = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) {
    throw runtimeError('invalid-position', `position of ${splitId}: '${String(text)}' is not an offset`);
  }
  return value;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The id of a split: `topic/partition`. Topics contain no slash. */
export function splitId(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

export function partitionOfSplit(id: string): TopicPartition {
  const match = /^([^/]+)\/(\d{1,9})$/.exec(id);
  if (match === null) {
    throw runtimeError('invalid-position', `split '${id}' of the checkpoint is not a partition of a topic`);
  }
  return { topic: match[1], partition: Number(match[2]) };
}

/** Where a split goes on, as consumer groups have it. */
export function offsetOf(at: { readonly split: string; readonly position: SplitPosition }) {
  return { ...partitionOfSplit(at.split), offset: decodePosition(at.split, at.position).offset };
}
