/**
 * The parts of kafkajs 2.2.4 below its consumer that the fetch reader uses: connections, TLS, SASL, metadata. The
 * package has no `exports` map, so these files can be loaded; its version is pinned in package.json. They are CommonJS: what
 * is declared here is what `module.exports` is.
 */
declare module 'kafkajs/src/cluster/index.js' {
  export interface KafkaConnection {
    readonly host: string;
    readonly port: number;
    authHandlers: object | null;
    readonly socket: object | undefined;
    readonly requestQueue: {
      readonly pending: readonly unknown[];
      fulfillRequest(response: { correlationId: number; payload: Buffer; size: number }): void;
      scheduleCheckPendingRequests(): void;
    };
    processData(chunk: Buffer): void;
  }

  export interface KafkaRequest<T> {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
      readonly expectResponse: () => boolean;
    };
    readonly response: {
      readonly decode: (body: Buffer) => Promise<T>;
      readonly parse: (decoded: T) => Promise<T>;
    };
    readonly logResponseError: boolean;
  }

  export interface KafkaBroker {
    readonly nodeId: number | string;
    readonly connectionPool: {
      readonly pool: readonly KafkaConnection[];
      send<T>(request: KafkaRequest<T>): Promise<T>;
    };
    disconnect(): Promise<void>;
  }

  export interface PartitionMetadata {
    readonly partitionId: number;
    readonly leader: number;
    readonly partitionErrorCode: number;
  }

  export class Cluster {
    constructor(options: {
      readonly logger: object;
      readonly socketFactory: object;
      readonly brokers: readonly string[];
      readonly ssl?: boolean | object;
      readonly sasl?: object;
      readonly clientId: string;
      readonly connectionTimeout: number;
      readonly authenticationTimeout: number;
      readonly reauthenticationThreshold: number;
      readonly requestTimeout: number;
      readonly metadataMaxAge: number;
      readonly retry: { readonly retries: number; readonly initialRetryTime: number; readonly maxRetryTime: number };
      readonly allowAutoTopicCreation: boolean;
      readonly maxInFlightRequests: number | null;
      readonly instrumentationEmitter: object;
    });
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    addTargetTopic(topic: string): Promise<void>;
    refreshMetadata(): Promise<void>;
    findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
    findBroker(target: { readonly nodeId: number }): Promise<KafkaBroker>;
    readonly brokerPool: {
      findConnectedBroker(): Promise<KafkaBroker>;
      refreshMetadata(topics: readonly string[]): Promise<void>;
    };
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { Socket } from 'node:net';
  export interface SocketRequest {
    readonly host: string;
    readonly port: number;
    readonly ssl?: object | false;
    readonly onConnect: () => void;
  }
  export type SocketFactory = () => (request: SocketRequest) => Socket;
}

declare module 'kafkajs/src/loggers/index.js' {
  export interface Loggers {
    createLogger(options: { level: number; logCreator: (level: number) => (entry: object) => void }): object;
  }
}

declare module 'kafkajs/src/instrumentation/emitter.js' {
  export class InstrumentationEventEmitter {}
}
