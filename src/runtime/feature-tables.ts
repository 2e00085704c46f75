import { parseTopicSink, type TopicSinkOptions } from '../connectors/kafka/sink/options.ts';
import { parseRedisOptions, type RedisAddress, type RedisOptions } from '../connectors/redis/options.ts';
import type { PhysicalPlan, SinkNode } from '../planner/physical.ts';
import type { StoreTable } from './messages.ts';

/** Sinks that have a committed log and an image. */
export function featureSinks(plan: PhysicalPlan): SinkNode[] {
  return plan.nodes
    .filter((node) => node.op === 'sink')
    .filter((node) => ['feature', 'redis'].includes(node.table.options.connector));
}

/** A sink whose log a follower applies to Redis. */
export interface RedisSink {
  readonly node: SinkNode;
  readonly address: RedisAddress;
  readonly options: RedisOptions;
}

/** The tables of a plan that are kept in a Redis; `embedded` ones are not. */
export function redisSinks(plan: PhysicalPlan): RedisSink[] {
  return featureSinks(plan).flatMap((node) => {
    if (node.table.options.connector !== 'redis') return [];
    const options = parseRedisOptions(node.table);
    return options.address === undefined ? [] : [{ node, address: options.address, options }];
  });
}

/** A sink whose log a follower writes to a topic. */
export interface TopicSink {
  readonly node: SinkNode;
  readonly options: TopicSinkOptions;
}

/** The tables of a plan that are written to topics: they have a committed log until it is written, and no image. */
export function topicSinks(plan: PhysicalPlan): TopicSink[] {
  return plan.nodes
    .filter((node) => node.op === 'sink')
    .filter((node) => ['kafka', 'upsert-kafka'].includes(node.table.options.connector))
    .map((node) => ({ node, options: parseTopicSink(node.table) }));
}

/** What the store thread knows of a plan's output tables. */
export function storeTables(plan: PhysicalPlan): StoreTable[] {
  const redis = new Map(redisSinks(plan).map((sink) => [sink.node.table.name, sink]));
  return featureSinks(plan).map(({ table, schema, primaryKey }) => {
    const follower = redis.get(table.name);
    return {
      name: table.name,
      schema,
      primaryKey,
      followed: follower !== undefined,
      ttlMs: follower?.options.ttlMs ?? 0,
    };
  });
}
