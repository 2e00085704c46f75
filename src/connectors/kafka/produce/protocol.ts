import { readInt64 } from '../../record-batch/header.ts';
import type { ApiCall } from '../protocol.ts';
import { RequestWriter } from '../request-writer.ts';
import type { ResponseBytes } from '../response-buffers.ts';

/** A record batch for a partition of the one topic of a request. */
export interface PartitionBatch {
  readonly partition: number;
  readonly batch: Uint8Array;
}

/** Produce v7 (the first that takes zstd) of one record batch a partition, acknowledged by all in-sync replicas. */
export function encodeProduce(
  topic: string,
  batches: readonly PartitionBatch[],
  timeoutMs: number,
  transactionalId: string | null = null,
): ApiCall {
  const body = new RequestWriter(batches.reduce((sum, { batch }) => sum + batch.length, 256 + 12 * batches.length));
  body.string(transactionalId).int16(-1).int32(timeoutMs).int32(1).string(topic).int32(batches.length);
  for (const { partition, batch } of batches) body.int32(partition).int32(batch.length).raw(batch);
  return { apiKey: 0, apiVersion: 7, apiName: 'Produce', body: body.finish() };
}

export interface ProducedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
}

export function decodeProduce(response: ResponseBytes): ProducedPartition[] {
  const { view } = response;
  const out: ProducedPartition[] = [];
  let at = response.start + 4; // one topic
  at += 2 + view.getInt16(at);
  const count = view.getInt32(at);
  at += 4;
  for (let i = 0; i < count; i++, at += 30) {
    out.push({
      partition: view.getInt32(at),
      errorCode: view.getInt16(at + 4),
      baseOffset: readInt64(view, at + 6),
    });
  }
  return out;
}

export interface ProducerId {
  readonly id: bigint;
  readonly epoch: number;
}

/** InitProducerId v1: a producer id of its own, or that of the transactional id with the next epoch. */
export function encodeInitProducerId(transactionalId: string | null, transactionTimeoutMs: number): ApiCall {
  const body = new RequestWriter().string(transactionalId).int32(transactionTimeoutMs);
  return { apiKey: 22, apiVersion: 1, apiName: 'InitProducerId', body: body.finish() };
}

export function decodeInitProducerId({ view, start }: ResponseBytes): { errorCode: number; producer: ProducerId } {
  const at = start + 4; // throttle time
  return {
    errorCode: view.getInt16(at),
    producer: { id: view.getBigInt64(at + 2), epoch: view.getInt16(at + 10) },
  };
}

export type CoordinatorOf = 'group' | 'transaction';

/** FindCoordinator v1. */
export function encodeFindCoordinator(of: CoordinatorOf, key: string): ApiCall {
  const body = new RequestWriter().string(key).int8(of === 'group' ? 0 : 1);
  return { apiKey: 10, apiVersion: 1, apiName: 'FindCoordinator', body: body.finish() };
}

export function decodeFindCoordinator({ view, start }: ResponseBytes): { errorCode: number; nodeId: number } {
  const errorCode = view.getInt16(start + 4);
  const message = view.getInt16(start + 6);
  return { errorCode, nodeId: view.getInt32(start + 8 + Math.max(0, message)) };
}

/** AddPartitionsToTxn v1, of one topic. */
export function encodeAddPartitions(
  transactionalId: string,
  { id, epoch }: ProducerId,
  topic: string,
  partitions: readonly number[],
): ApiCall {
  const body = new RequestWriter().string(transactionalId).int64(id).int16(epoch);
  body.int32(1).string(topic).int32(partitions.length);
  for (const partition of partitions) body.int32(partition);
  return { apiKey: 24, apiVersion: 1, apiName: 'AddPartitionsToTxn', body: body.finish() };
}

/** The error code of each partition. */
export function decodeAddPartitions({ view, start }: ResponseBytes): { partition: number; errorCode: number }[] {
  const out: { partition: number; errorCode: number }[] = [];
  let at = start + 8; // throttle time, one topic
  at += 2 + view.getInt16(at);
  const count = view.getInt32(at);
  at += 4;
  for (let i = 0; i < count; i++, at += 6) out.push({ partition: view.getInt32(at), errorCode: view.getInt16(at + 4) });
  return out;
}

/** EndTxn v1. */
export function encodeEndTransaction(transactionalId: string, { id, epoch }: ProducerId, commit: boolean): ApiCall {
  const body = new RequestWriter()
    .string(transactionalId)
    .int64(id)
    .int16(epoch)
    .int8(commit ? 1 : 0);
  return { apiKey: 26, apiVersion: 1, apiName: 'EndTxn', body: body.finish() };
}

/** AddOffsetsToTxn v1: the group whose offsets the transaction is going to hold. */
export function encodeAddOffsets(transactionalId: string, { id, epoch }: ProducerId, group: string): ApiCall {
  const body = new RequestWriter().string(transactionalId).int64(id).int16(epoch).string(group);
  return { apiKey: 25, apiVersion: 1, apiName: 'AddOffsetsToTxn', body: body.finish() };
}

/** The answer of EndTxn and of AddOffsetsToTxn. */
export function decodeThrottledError({ view, start }: ResponseBytes): number {
  return view.getInt16(start + 4);
}

/** TxnOffsetCommit v2 of one offset with its metadata, in partition 0 of a topic. */
export function encodeOffsetInTransaction(
  transactionalId: string,
  { id, epoch }: ProducerId,
  group: string,
  commit: { readonly topic: string; readonly offset: number; readonly metadata: string },
): ApiCall {
  const body = new RequestWriter().string(transactionalId).string(group).int64(id).int16(epoch);
  body.int32(1).string(commit.topic).int32(1).int32(0).int64(commit.offset).int32(-1).string(commit.metadata);
  return { apiKey: 28, apiVersion: 2, apiName: 'TxnOffsetCommit', body: body.finish() };
}

export function decodeOffsetInTransaction({ view, start }: ResponseBytes): number {
  let at = start + 8; // throttle time, one topic
  at += 2 + view.getInt16(at);
  return view.getInt16(at + 8); // one partition, its number
}

/** OffsetFetch v7 of partition 0 of a topic: what open transactions hold is waited for, not passed over. */
export function encodeOffsetFetch(group: string, topic: string): ApiCall {
  // The flexible request header ends with tagged fields, as does every structure of the body; there are none.
  const body = new RequestWriter().int8(0).compactString(group);
  body.unsignedVarint(2).compactString(topic).unsignedVarint(2).int32(0).int8(0);
  body.int8(1).int8(0);
  return { apiKey: 9, apiVersion: 7, apiName: 'OffsetFetch', body: body.finish() };
}

/** `offset` is -1 where nothing was committed. */
export function decodeOffsetFetch({ view, bytes, start }: ResponseBytes): {
  errorCode: number;
  offset: number;
  metadata: string;
} {
  let at = start + 1 + 4; // tagged fields of the header, throttle time
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = view.getUint8(at++);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const partitionsOf = (): number => {
    const topics = varint() - 1;
    if (topics < 1) return 0;
    const name = varint() - 1;
    at += name;
    return varint() - 1;
  };
  if (partitionsOf() < 1) return { errorCode: view.getInt16(at), offset: -1, metadata: '' };
  const offset = readInt64(view, at + 4);
  at += 16; // partition, offset, leader epoch
  const length = varint() - 1;
  const metadata = length > 0 ? Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8') : '';
  at += Math.max(0, length);
  const ofPartition = view.getInt16(at);
  at += 2 + 1 + 1; // tagged fields of the partition and of the topic
  return { errorCode: ofPartition === 0 ? view.getInt16(at) : ofPartition, offset, metadata };
}
