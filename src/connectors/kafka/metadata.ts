import type { ApiCall } from './protocol.ts';
import { textAt } from './protocol.ts';
import { RequestWriter } from './request-writer.ts';
import type { ResponseBytes } from './response-buffers.ts';

/** What a broker says of one topic. */
export interface TopicMetadata {
  readonly topic: string;
  readonly errorCode: number;
  /** A topic of Kafka's own, such as that of the groups' offsets. */
  readonly internal: boolean;
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
}

/** Metadata v5 of some topics, or of all (undefined); none is created by asking. */
export function encodeMetadata(topics: readonly string[] | undefined): ApiCall {
  const body = new RequestWriter().int32(topics?.length ?? -1);
  for (const topic of topics ?? []) body.string(topic);
  body.int8(0);
  return { apiKey: 3, apiVersion: 5, apiName: 'Metadata', body: body.finish() };
}

export function decodeMetadata(response: ResponseBytes): TopicMetadata[] {
  const { view } = response;
  let at = response.start + 4; // throttle time
  const int32 = () => {
    at += 4;
    return view.getInt32(at - 4);
  };
  const int16 = () => {
    at += 2;
    return view.getInt16(at - 2);
  };
  const skipText = () => {
    at += 2 + Math.max(0, view.getInt16(at));
  };
  const skipNumbers = () => {
    at += 4 + 4 * Math.max(0, view.getInt32(at));
  };
  for (let brokers = int32(); brokers > 0; brokers--) {
    at += 4; // node id
    skipText(); // host
    at += 4; // port
    skipText(); // rack
  }
  skipText(); // cluster id
  at += 4; // controller
  return Array.from({ length: int32() }, () => {
    const errorCode = int16();
    const topic = textAt(response, at);
    skipText();
    const internal = view.getInt8(at++) !== 0;
    const partitions = Array.from({ length: int32() }, () => {
      at += 2; // error code: the leader says it as well
      const partition = int32();
      const leader = int32();
      skipNumbers(); // replicas
      skipNumbers(); // in sync
      skipNumbers(); // offline
      return { partition, leader };
    });
    return { topic, errorCode, internal, partitions };
  });
}
