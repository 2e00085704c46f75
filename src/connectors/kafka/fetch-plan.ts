import type { TopicPartition } from './position.ts';
import type { FetchTarget } from './protocol.ts';

/** A fetch answers with at most this much: rows flow soon after the start, and what each request costs is spread over many. */
export const MAX_FETCH_BYTES = 8 * 1024 * 1024;
const MIN_PARTITION_BYTES = 256 * 1024;
/** Unread bytes of one partition, above which it is left out of fetches. */
export const MAX_PARTITION_PREFETCH = MAX_FETCH_BYTES;
/** Unread bytes of one reader: twice a fetch, so that one is in flight while the other is read. */
export const MAX_PREFETCH_BYTES = 2 * MAX_FETCH_BYTES;
const MAX_WAIT_MS = 500;
/** While partitions are left out, a fetch that finds nothing must end soon to let them back in. */
const SHORT_WAIT_MS = 20;

/** What the fetch loop knows of a partition. */
export interface PartitionFetchState extends TopicPartition {
  nextOffset: number;
  readonly end: number;
  leader: number;
  queuedBytes: number;
  endOffset: number | undefined;
  /** Fetches in a row that brought only the beginning of a batch. */
  stalls: number;
}

/** The next fetch to a broker: undefined when nothing is wanted now. `turn` moves the first place from fetch to fetch. */
export function planFetch(
  led: readonly PartitionFetchState[],
  turn: number,
  queuedBytes: number,
): { targets: FetchTarget[]; maxWaitMs: number } | undefined {
  const open = led.filter((state) => state.nextOffset < state.end);
  if (open.length === 0 || queuedBytes >= MAX_PREFETCH_BYTES) return undefined;
  const wanted = open.filter((state) => state.queuedBytes < MAX_PARTITION_PREFETCH);
  if (wanted.length === 0) return undefined;
  const maxBytes = Math.max(MIN_PARTITION_BYTES, Math.floor(MAX_FETCH_BYTES / wanted.length));
  // Brokers fill partitions in the order of the request until the answer is full.
  const targets = wanted.map((_, i) => {
    const state = wanted[(i + turn) % wanted.length];
    return { topic: state.topic, partition: state.partition, offset: state.nextOffset, maxBytes };
  });
  return { targets, maxWaitMs: wanted.length < open.length ? SHORT_WAIT_MS : MAX_WAIT_MS };
}
