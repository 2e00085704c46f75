import type { AbortedTransaction } from '../record-batch/aborted.ts';
import { readInt64 } from '../record-batch/header.ts';
import { RequestWriter } from './request-writer.ts';
import type { ResponseBytes } from './response-buffers.ts';

export interface ApiCall {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly body: Buffer;
}

export interface FetchTarget {
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchLimits {
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly readCommitted: boolean;
}

export interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Where its record batches are in the response. */
  readonly start: number;
  readonly end: number;
}

/** Fetch v11 of some partitions of one topic, without a fetch session. */
export function encodeFetch(topic: string, targets: readonly FetchTarget[], limits: FetchLimits): ApiCall {
  const body = new RequestWriter()
    .int32(-1) // not a replica
    .int32(limits.maxWaitMs)
    .int32(1) // answer with the first byte
    .int32(limits.maxBytes)
    .int8(limits.readCommitted ? 1 : 0)
    .int32(0) // no session
    .int32(-1)
    .int32(1)
    .string(topic)
    .int32(targets.length);
  for (const target of targets) {
    body.int32(target.partition).int32(-1).int64(target.offset).int64(-1).int32(target.maxBytes);
  }
  body.int32(0).string('');
  return { apiKey: 1, apiVersion: 11, apiName: 'Fetch', body: body.finish() };
}

/** The partitions of a Fetch v11 response of one topic, or the error code of the whole response. */
export function decodeFetch(response: ResponseBytes): { errorCode: number; partitions: FetchedPartition[] } {
  const { view } = response;
  let at = response.start + 4; // throttle time
  const errorCode = view.getInt16(at);
  at += 2 + 4; // session id
  const partitions: FetchedPartition[] = [];
  const topics = view.getInt32(at);
  at += 4;
  for (let t = 0; t < topics; t++) {
    at += 2 + view.getInt16(at);
    const count = view.getInt32(at);
    at += 4;
    for (let p = 0; p < count; p++) at = decodePartition(view, at, partitions);
  }
  return { errorCode, partitions };
}

function decodePartition(view: DataView, at: number, out: FetchedPartition[]): number {
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
  out.push({ partition, errorCode, highWatermark, lastStableOffset, aborted, start: at, end: at + size });
  return at + size;
}

export const EARLIEST = -2;
export const LATEST = -1;

/** ListOffsets v3: the earliest (-2) or latest (-1) offset of partitions, or the first not older than a time (-1: none); committed reading ends at the last stable one. */
export function encodeListOffsets(
  topic: string,
  partitions: readonly number[],
  time: number,
  readCommitted: boolean,
): ApiCall {
  const body = new RequestWriter().int32(-1).int8(readCommitted ? 1 : 0);
  body.int32(1).string(topic).int32(partitions.length);
  for (const partition of partitions) body.int32(partition).int64(time);
  return { apiKey: 2, apiVersion: 3, apiName: 'ListOffsets', body: body.finish() };
}

export function decodeListOffsets(response: ResponseBytes): { partition: number; errorCode: number; offset: number }[] {
  const { view } = response;
  const out: { partition: number; errorCode: number; offset: number }[] = [];
  let at = response.start + 4; // throttle time
  const topics = view.getInt32(at);
  at += 4;
  for (let t = 0; t < topics; t++) {
    at += 2 + view.getInt16(at);
    const count = view.getInt32(at);
    at += 4;
    for (let p = 0; p < count; p++, at += 22) {
      out.push({ partition: view.getInt32(at), errorCode: view.getInt16(at + 4), offset: readInt64(view, at + 14) });
    }
  }
  return out;
}
