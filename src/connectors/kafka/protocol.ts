import type { AbortedTransaction } from '../record-batch/aborted.ts';
import { readInt64 } from '../record-batch/header.ts';
import type { TopicPartition } from './position.ts';
import { RequestWriter } from './request-writer.ts';
import type { ResponseBytes } from './response-buffers.ts';

export interface ApiCall {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly body: Buffer;
}

export interface FetchTarget extends TopicPartition {
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly readCommitted: boolean;
}

export interface FetchedPartition extends TopicPartition {
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Where its record batches are in the response. */
  readonly start: number;
  readonly end: number;
}

/** Fetch v11 of some partitions, without a fetch session. */
export function encodeFetch(targets: readonly FetchTarget[], limits: FetchLimits): ApiCall {
  const topics = byTopic(targets);
  const body = new RequestWriter()
    .int32(-1) // not a replica
    .int32(limits.maxWaitMs)
    .int32(1) // answer with the first byte
    .int32(limits.maxBytes)
    .int8(limits.readCommitted ? 1 : 0)
    .int32(0) // no session
    .int32(-1)
    .int32(topics.length);
  for (const { topic, partitions } of topics) {
    body.string(topic).int32(partitions.length);
    for (const { partition, offset, maxBytes } of partitions) {
      body.int32(partition).int32(-1).int64(offset).int64(-1).int32(maxBytes);
    }
  }
  body.int32(0).string('');
  return { apiKey: 1, apiVersion: 11, apiName: 'Fetch', body: body.finish() };
}

/** Partitions of one topic that follow each other; their order, which is the broker's, is kept. */
export function byTopic<T extends TopicPartition>(targets: readonly T[]): { topic: string; partitions: T[] }[] {
  const topics: { topic: string; partitions: T[] }[] = [];
  for (const target of targets) {
    const last = topics.at(-1);
    if (last?.topic === target.topic) last.partitions.push(target);
    else topics.push({ topic: target.topic, partitions: [target] });
  }
  return topics;
}

/** The partitions of a Fetch v11 response, or the error code of the whole response. */
export function decodeFetch(response: ResponseBytes): { errorCode: number; partitions: FetchedPartition[] } {
  const { view } = response;
  let at = response.start + 4; // throttle time
  const errorCode = view.getInt16(at);
  at += 2 + 4; // session id
  const partitions: FetchedPartition[] = [];
  readTopics(response, at, (topic, from) => decodePartition(view, from, topic, partitions));
  return { errorCode, partitions };
}

/**
 * Reads the topics of a response and the partitions of each, from their number at `at` on. `read` takes the partition that
 * begins at `from` and returns where the next one does; the result is where all of them end.
 */
export function readTopics(response: ResponseBytes, at: number, read: (topic: string, from: number) => number): number {
  const { view } = response;
  const topics = view.getInt32(at);
  at += 4;
  for (let t = 0; t < topics; t++) {
    const topic = textAt(response, at);
    at += 2 + view.getInt16(at);
    const count = view.getInt32(at);
    at += 4;
    for (let p = 0; p < count; p++) at = read(topic, at);
  }
  return at;
}

/** A string with a 16-bit length. */
export function textAt({ bytes, view }: ResponseBytes, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at + 2, Math.max(0, view.getInt16(at))).toString('utf8');
}

function decodePartition(view: DataView, at: number, topic: string, out: FetchedPartition[]): number {
  const partition = view.getInt32(at);
  const errorCode = view.getInt16(at + 4);
  const highWatermark = readInt64(view, at + 6);
  const lastStableOffset = readInt64(view, at + 14);
  at += 30; // and the log's start offset
  const abortedCount = view.getInt32(at);
  at += 4;
  const aborted: AbortedTransaction[] = [];
  for (let i = 0; i < abortedCount; i++, at += 16) {
    aborted.push({ producerId: view.getBigInt64(at), firstOffset: readInt64(view, at + 8) });
  }
  at += 4; // preferred read replica
  const size = Math.max(0, view.getInt32(at));
  at += 4;
  out.push({ topic, partition, errorCode, highWatermark, lastStableOffset, aborted, start: at, end: at + size });
  return at + size;
}

export const EARLIEST = -2;
export const LATEST = -1;

/** ListOffsets v3: the earliest (-2) or latest (-1) offset of partitions, or the first not older than a time (-1: none); committed reading ends at the last stable one. */
export function encodeListOffsets(
  partitions: readonly TopicPartition[],
  time: number,
  readCommitted: boolean,
): ApiCall {
  const body = new RequestWriter().int32(-1).int8(readCommitted ? 1 : 0);
  const topics = byTopic(partitions);
  body.int32(topics.length);
  for (const { topic, partitions: ofTopic } of topics) {
    body.string(topic).int32(ofTopic.length);
    for (const { partition } of ofTopic) body.int32(partition).int64(time);
  }
  return { apiKey: 2, apiVersion: 3, apiName: 'ListOffsets', body: body.finish() };
}

export interface PartitionOffset extends TopicPartition {
  readonly errorCode: number;
  readonly offset: number;
}

export function decodeListOffsets(response: ResponseBytes): PartitionOffset[] {
  const { view } = response;
  const out: PartitionOffset[] = [];
  // Behind the throttle time.
  readTopics(response, response.start + 4, (topic, from) => {
    const partition = view.getInt32(from);
    out.push({ topic, partition, errorCode: view.getInt16(from + 4), offset: readInt64(view, from + 14) });
    return from + 22;
  });
  return out;
}
