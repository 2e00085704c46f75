/** The part of the connector that needs kafkajs: loaded with the first table of a real broker, not at the start. */
export { discoverPartitions } from './discover.ts';
export { KafkaFetcher } from './fetcher.ts';
export { reportToGroup } from './group-reporter.ts';
export { KafkaSession } from './session.ts';
