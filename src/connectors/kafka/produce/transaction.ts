import type { CoordinatorClient } from './coordinator.ts';
import {
  decodeAddPartitions,
  decodeInitProducerId,
  decodeOffsetFetch,
  decodeOffsetInTransaction,
  decodeThrottledError,
  encodeAddOffsets,
  encodeAddPartitions,
  encodeEndTransaction,
  encodeInitProducerId,
  encodeOffsetFetch,
  encodeOffsetInTransaction,
  type ProducerId,
} from './protocol.ts';

/** Where a transaction notes how far its writer has come: an offset with metadata, visible with the transaction. */
export interface ProgressNote {
  readonly group: string;
  readonly offset: number;
  readonly metadata: string;
}

/** The transactions of one transactional id into one topic, one after another. */
export class Transactions {
  readonly producer: ProducerId;
  readonly id: string;
  private readonly topic: string;
  private readonly coordinator: CoordinatorClient;
  private readonly groups: (group: string) => CoordinatorClient;
  private readonly added = new Set<number>();
  private noted = false;

  private constructor(
    id: string,
    topic: string,
    producer: ProducerId,
    coordinator: CoordinatorClient,
    groups: (group: string) => CoordinatorClient,
  ) {
    this.id = id;
    this.topic = topic;
    this.producer = producer;
    this.coordinator = coordinator;
    this.groups = groups;
  }

  /**
   * Takes the transactional id: what an earlier holder left open is aborted (or finished, when it was being committed),
   * and that holder can write no more.
   */
  static async take(
    id: string,
    topic: string,
    timeoutMs: number,
    coordinator: CoordinatorClient,
    groups: (group: string) => CoordinatorClient,
  ): Promise<Transactions> {
    const producer = await initProducerId(coordinator, id, timeoutMs);
    return new Transactions(id, topic, producer, coordinator, groups);
  }

  /** Tells the coordinator of partitions before the first record of the transaction goes to them. */
  async include(partitions: readonly number[]): Promise<void> {
    const missing = partitions.filter((partition) => !this.added.has(partition));
    if (missing.length === 0) return;
    const request = encodeAddPartitions(this.id, this.producer, this.topic, missing);
    await this.coordinator.call(`partitions of the transaction ${this.id}`, request, (response) => {
      const failed = decodeAddPartitions(response).find(({ errorCode }) => errorCode !== 0);
      return { errorCode: failed?.errorCode ?? 0, answer: undefined };
    });
    for (const partition of missing) this.added.add(partition);
  }

  /** Makes the note part of the open transaction. */
  async note({ group, offset, metadata }: ProgressNote): Promise<void> {
    const what = `progress of the transaction ${this.id}`;
    await this.coordinator.call(what, encodeAddOffsets(this.id, this.producer, group), errorOnly);
    const commit = { topic: this.topic, offset, metadata };
    const request = encodeOffsetInTransaction(this.id, this.producer, group, commit);
    await this.groups(group).call(what, request, (response) => ({
      errorCode: decodeOffsetInTransaction(response),
      answer: undefined,
    }));
    this.noted = true;
  }

  /** The last note that was committed; waits while the transaction of another one is being ended. */
  async progress(group: string): Promise<ProgressNote | undefined> {
    const what = `progress of the transaction ${this.id}`;
    const request = encodeOffsetFetch(group, this.topic);
    const { offset, metadata } = await this.groups(group).call(what, request, (response) => {
      const answer = decodeOffsetFetch(response);
      return { errorCode: answer.errorCode, answer };
    });
    return offset < 0 ? undefined : { group, offset, metadata };
  }

  /** Everything was acknowledged before. A transaction without records and notes is nothing to the broker. */
  async end(commit: boolean): Promise<void> {
    if (this.added.size === 0 && !this.noted) return;
    const request = encodeEndTransaction(this.id, this.producer, commit);
    await this.coordinator.call(`${commit ? 'commit' : 'abort'} of ${this.id}`, request, errorOnly);
    this.added.clear();
    this.noted = false;
  }
}

/** A producer id of its own, or that of a transactional id with the next epoch. */
export function initProducerId(
  coordinator: CoordinatorClient,
  transactionalId: string | null,
  transactionTimeoutMs: number,
): Promise<ProducerId> {
  const what = transactionalId === null ? 'a producer id' : `transactional id ${transactionalId}`;
  return coordinator.call(what, encodeInitProducerId(transactionalId, transactionTimeoutMs), (response) => {
    const { errorCode, producer } = decodeInitProducerId(response);
    return { errorCode, answer: producer };
  });
}

function errorOnly(response: Parameters<typeof decodeThrottledError>[0]) {
  return { errorCode: decodeThrottledError(response), answer: undefined };
}
