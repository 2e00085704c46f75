import { readInt64 } from '../record-batch/header.ts';
import type { ConnectorContext } from '../contracts.ts';
import { splitId, type TopicPartition } from './position.ts';
import { CoordinatorClient } from './produce/coordinator.ts';
import { type ApiCall, byTopic, readTopics } from './protocol.ts';
import { RequestWriter } from './request-writer.ts';
import type { ResponseBytes } from './response-buffers.ts';
import type { KafkaSession } from './session.ts';

/** Within the ten seconds that are promised at a start. */
const DEADLINE_MS = 3_000;

type Host = Pick<ConnectorContext, 'now' | 'random'>;

export interface GroupOffset extends TopicPartition {
  readonly offset: number;
}

export function groupCoordinator(session: KafkaSession, group: string, { now, random }: Host): CoordinatorClient {
  return new CoordinatorClient(session, { of: 'group', key: group, deadlineMs: DEADLINE_MS, now, random });
}

/** By split, what a group has committed; -1: nothing. Errors: `kafka-refused`, and those of the connection. */
export async function committedOffsets(
  session: KafkaSession,
  group: string,
  partitions: readonly TopicPartition[],
  host: Host,
): Promise<Map<string, number>> {
  const what = `the offsets of group ${group}`;
  const request = encodeOffsetFetch(group, partitions);
  return groupCoordinator(session, group, host).call(what, request, decodeOffsetFetch);
}

/** OffsetFetch v5. */
function encodeOffsetFetch(group: string, partitions: readonly TopicPartition[]): ApiCall {
  const topics = byTopic(partitions);
  const body = new RequestWriter().string(group).int32(topics.length);
  for (const { topic, partitions: ofTopic } of topics) {
    body.string(topic).int32(ofTopic.length);
    for (const { partition } of ofTopic) body.int32(partition);
  }
  return { apiKey: 9, apiVersion: 5, apiName: 'OffsetFetch', body: body.finish() };
}

function decodeOffsetFetch(response: ResponseBytes): { errorCode: number; answer: Map<string, number> } {
  const { view } = response;
  const answer = new Map<string, number>();
  let failed = 0;
  // Behind the throttle time.
  const end = readTopics(response, response.start + 4, (topic, from) => {
    answer.set(splitId(topic, view.getInt32(from)), readInt64(view, from + 4));
    let at = from + 16; // and the leader epoch
    at += 2 + Math.max(0, view.getInt16(at)); // metadata
    failed ||= view.getInt16(at);
    return at + 2;
  });
  return { errorCode: failed === 0 ? view.getInt16(end) : failed, answer };
}

/** OffsetCommit v6 of somebody who is no member: taken as long as the group has none. */
export function encodeOffsetCommit(group: string, offsets: readonly GroupOffset[]): ApiCall {
  const topics = byTopic(offsets);
  const body = new RequestWriter().string(group).int32(-1).string('').int32(topics.length);
  for (const { topic, partitions } of topics) {
    body.string(topic).int32(partitions.length);
    for (const { partition, offset } of partitions) body.int32(partition).int64(offset).int32(-1).string('');
  }
  return { apiKey: 8, apiVersion: 6, apiName: 'OffsetCommit', body: body.finish() };
}

/** The first error code of a partition. */
export function decodeOffsetCommit(response: ResponseBytes): { errorCode: number; answer: undefined } {
  let errorCode = 0;
  // Behind the throttle time.
  readTopics(response, response.start + 4, (_topic, from) => {
    errorCode ||= response.view.getInt16(from + 4);
    return from + 6;
  });
  return { errorCode, answer: undefined };
}
