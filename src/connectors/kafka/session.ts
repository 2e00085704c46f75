import type { Cluster, KafkaBroker } from 'kafkajs/src/cluster/index.js';
import type { InstrumentationEventEmitter } from 'kafkajs/src/instrumentation/emitter.js';
import type { Loggers } from 'kafkajs/src/loggers/index.js';
import { lazyPackage } from '../../data/lazy-package.ts';
import type { BrokerSettings } from './options.ts';
import { frameResponses } from './framing.ts';
import { decodeMetadata, encodeMetadata, type TopicMetadata } from './metadata.ts';
import type { ApiCall } from './protocol.ts';
import { kafkaSockets } from './sockets.ts';
import { tlsOptions } from './tls.ts';
import { ResponseBuffers, type ResponseBytes, responseBytes } from './response-buffers.ts';

const clusterClass = lazyPackage<typeof Cluster>('kafkajs/src/cluster/index.js');
const emitterClass = lazyPackage<typeof InstrumentationEventEmitter>('kafkajs/src/instrumentation/emitter.js');
const loggers = lazyPackage<Loggers>('kafkajs/src/loggers/index.js');

const CONNECT_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Below this kafkajs repeats by itself; the fetch loop has its own back-off around it. */
const RETRY = { retries: 1, initialRetryTime: 200, maxRetryTime: 500 };
const METADATA_MAX_AGE_MS = 300_000;

export interface PartitionLeader {
  readonly partition: number;
  /** Node id of the leader, -1 while there is none. */
  readonly leader: number;
}

/** Connections to one Kafka cluster: kafkajs connects, authenticates and reads metadata; requests and answers are bytes. */
export class KafkaSession {
  readonly buffers = new ResponseBuffers();
  private readonly cluster: Cluster;

  constructor(settings: BrokerSettings, requestTimeoutMs = REQUEST_TIMEOUT_MS) {
    const ClusterClass = clusterClass();
    const Emitter = emitterClass();
    this.cluster = new ClusterClass({
      // Errors come back as rejections; what is worth saying is said by the caller.
      logger: loggers().createLogger({ level: 0, logCreator: () => () => undefined }),
      socketFactory: kafkaSockets(),
      brokers: settings.brokers,
      ssl: settings.ssl === false ? false : tlsOptions(settings.ssl),
      sasl: settings.sasl,
      clientId: settings.clientId,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      authenticationTimeout: CONNECT_TIMEOUT_MS,
      reauthenticationThreshold: 10_000,
      requestTimeout: requestTimeoutMs,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      retry: RETRY,
      allowAutoTopicCreation: false,
      maxInFlightRequests: null,
      instrumentationEmitter: new Emitter(),
    });
  }

  /** Connects if needed and asks anew who leads the partitions of the topic. */
  async leaders(topic: string): Promise<PartitionLeader[]> {
    await this.cluster.connect();
    await this.cluster.addTargetTopic(topic);
    await this.cluster.refreshMetadata();
    return this.cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId, leader }) => ({ partition: partitionId, leader }))
      .sort((a, b) => a.partition - b.partition);
  }

  /** What the cluster says of some topics, or of all (undefined): whatever it says of one, the others are answered. */
  async topics(names: readonly string[] | undefined): Promise<TopicMetadata[]> {
    await this.cluster.connect();
    const broker = await this.cluster.brokerPool.findConnectedBroker();
    const found = decodeMetadata(await this.send(broker, encodeMetadata(names)));
    // Brokers come and go: kafkajs learns their addresses with a topic that it can ask for.
    const there = found.filter(({ errorCode, internal }) => errorCode === 0 && !internal);
    if (there.length > 0) await this.cluster.brokerPool.refreshMetadata([there[0].topic]);
    return found;
  }

  /** A broker that can be asked what any of them knows. */
  async anyNode(): Promise<number> {
    await this.cluster.connect();
    const { nodeId } = await this.cluster.brokerPool.findConnectedBroker();
    return Number(nodeId);
  }

  async request(nodeId: number, call: ApiCall): Promise<ResponseBytes> {
    return this.send(await this.cluster.findBroker({ nodeId }), call);
  }

  private send(broker: KafkaBroker, call: ApiCall): Promise<ResponseBytes> {
    for (const connection of broker.connectionPool.pool) frameResponses(connection, this.buffers);
    const { apiKey, apiVersion, apiName, body } = call;
    return broker.connectionPool.send({
      request: {
        apiKey,
        apiVersion,
        apiName,
        encode: async () => ({ buf: body, buffer: body }),
        expectResponse: () => true,
      },
      response: { decode: async (bytes) => responseBytes(bytes), parse: async (decoded) => decoded },
      logResponseError: false,
    });
  }

  async close(): Promise<void> {
    await this.cluster.disconnect();
  }
}
