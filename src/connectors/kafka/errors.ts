import { HeadwaterError, runtimeError } from '../../data/errors.ts';

export const OFFSET_OUT_OF_RANGE = 1;
export const CORRUPT_MESSAGE = 2;

/** Error codes of the protocol after which asking again is useless. */
const FATAL: Readonly<Record<number, string>> = {
  2: 'CORRUPT_MESSAGE',
  17: 'INVALID_TOPIC_EXCEPTION',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  30: 'GROUP_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  35: 'UNSUPPORTED_VERSION',
  42: 'INVALID_REQUEST',
  58: 'SASL_AUTHENTICATION_FAILED',
};

const RETRIABLE: Readonly<Record<number, string>> = {
  [-1]: 'UNKNOWN_SERVER_ERROR',
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  9: 'REPLICA_NOT_AVAILABLE',
  56: 'KAFKA_STORAGE_ERROR',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
  78: 'OFFSET_NOT_AVAILABLE',
};

/** Codes that only writers and groups meet. */
const WRITERS: Readonly<Record<number, string>> = {
  10: 'MESSAGE_TOO_LARGE',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  18: 'RECORD_LIST_TOO_LARGE',
  19: 'NOT_ENOUGH_REPLICAS',
  20: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  45: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  46: 'DUPLICATE_SEQUENCE_NUMBER',
  47: 'INVALID_PRODUCER_EPOCH',
  48: 'INVALID_TXN_STATE',
  49: 'INVALID_PRODUCER_ID_MAPPING',
  22: 'ILLEGAL_GENERATION',
  24: 'INVALID_GROUP_ID',
  25: 'UNKNOWN_MEMBER_ID (the group has active members)',
  27: 'REBALANCE_IN_PROGRESS',
  50: 'INVALID_TRANSACTION_TIMEOUT',
  51: 'CONCURRENT_TRANSACTIONS',
  53: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  59: 'UNKNOWN_PRODUCER_ID',
  87: 'INVALID_RECORD',
  88: 'UNSTABLE_OFFSET_COMMIT',
  90: 'PRODUCER_FENCED',
};

export function errorName(code: number): string {
  return FATAL[code] ?? RETRIABLE[code] ?? WRITERS[code] ?? `error code ${code}`;
}

/** Asking again, later, may help. */
export function isRetriable(code: number): boolean {
  return code in RETRIABLE;
}

/** The error to fail with when a partition answered with a code that no retry cures; undefined: try again later. */
export function fatalPartitionError(code: number, topic: string, partition: number, offset: number) {
  const where = `topic ${topic}, partition ${partition}, offset ${offset}`;
  if (code === OFFSET_OUT_OF_RANGE) {
    return runtimeError(
      'offset-out-of-range',
      `${where}: the broker no longer has this offset (deleted by retention, or the topic was created anew). ` +
        'Headwater does not jump over lost records: start the job with fresh state, or restore the topic.',
    );
  }
  if (code === CORRUPT_MESSAGE) {
    return runtimeError('corrupt-batch', `${where}: the broker reports that its own copy is corrupt (CORRUPT_MESSAGE)`);
  }
  if (code in FATAL) return runtimeError('kafka-refused', `${where}: the broker refused the fetch: ${FATAL[code]}`);
  return undefined;
}

export function unreachable(brokers: readonly string[], cause: unknown): HeadwaterError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return runtimeError('kafka-unreachable', `no Kafka broker answers at ${brokers.join(', ')}: ${reason}`, cause);
}

export function topicNotFound(topic: string, brokers: readonly string[]): HeadwaterError {
  return new HeadwaterError(
    'topic-not-found',
    `topic ${topic} does not exist on ${brokers.join(', ')}; create it first (a table that is written creates it when 'sink.topic.partitions' is set)`,
  );
}

/** What a cluster that cannot be used says, as an error with a code that names it. `topics`: what was wanted of it. */
export function explainFailure(error: unknown, topics: string, brokers: readonly string[]): unknown {
  if (error instanceof HeadwaterError) return error;
  const type = kafkaErrorType(error);
  const refuses = type?.endsWith('_AUTHORIZATION_FAILED') || (error instanceof Error && error.name.includes('SASL'));
  if (refuses) return refusedBy(brokers, topics, error instanceof Error ? error.message : String(error), error);
  const reason = error instanceof Error ? error.message : String(error);
  if (/certificate|self.signed|altname/i.test(reason)) {
    return unreachable(
      brokers,
      `${reason}; expected one that 'properties.ssl.truststore.location' or the system trusts`,
    );
  }
  if (/wrong version number|packet length too long|before secure TLS connection/i.test(reason)) {
    return unreachable(brokers, `${reason}; expected TLS, as 'properties.security.protocol' says`);
  }
  return unreachable(brokers, error);
}

export function refusedBy(brokers: readonly string[], topics: string, reason: string, cause?: unknown): HeadwaterError {
  return runtimeError('kafka-refused', `Kafka at ${brokers.join(', ')} refuses ${topics}: ${reason}`, cause);
}

/** kafkajs puts the protocol's name of an error into `type`. */
export function kafkaErrorType(error: unknown): string | undefined {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : undefined;
}
