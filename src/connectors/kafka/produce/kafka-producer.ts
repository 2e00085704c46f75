import { HeadwaterError } from '../../../data/errors.ts';
import type { Compression } from '../../record-batch/codecs/index.ts';
import type { RecordProducer } from '../../produce.ts';
import { backOffMs } from '../back-off.ts';
import { errorName, unreachable } from '../errors.ts';
import { explainFailure, kafkaErrorType, topicNotFound } from '../errors.ts';
import type { BrokerSettings } from '../options.ts';
import { KafkaSession } from '../session.ts';
import { CoordinatorClient, type CoordinatorSettings } from './coordinator.ts';
import { fenced, outcomeOf, refused } from './errors.ts';
import { PartitionQueue } from './partition-queue.ts';
import { decodeProduce, encodeProduce, type ProducedPartition, type ProducerId } from './protocol.ts';
import { initProducerId, type ProgressNote, Transactions } from './transaction.ts';

const PRODUCE_TIMEOUT_MS = 30_000;
const MAX_HELD_BYTES = 16 * 1024 * 1024;

export interface ProducerSettings {
  readonly broker: BrokerSettings;
  readonly topic: string;
  readonly compression: Compression;
  /** Records become visible with `commit` only; a later producer of the same id shuts this one out. */
  readonly transactionalId?: string;
  /** The broker aborts a transaction that is open for longer. */
  readonly transactionTimeoutMs: number;
  /** How long one outage of the cluster is waited for before the producer fails. */
  readonly deliveryTimeoutMs: number;
  readonly log: (level: 'info' | 'warn', message: string) => void;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * Writes record batches of its own to the partitions of one topic, acknowledged by all replicas, each exactly once: every
 * batch is numbered, and is sent again, as it is, until a broker says that it has it. One batch of a partition is on
 * its way at a time, so order holds whatever is lost; meanwhile the next one grows.
 */
export class KafkaProducer implements RecordProducer {
  readonly linger = 5;
  private readonly settings: ProducerSettings;
  private readonly session: KafkaSession;
  private readonly queues: readonly PartitionQueue[];
  private readonly transactions: Transactions | undefined;
  private leaders: ReadonlyMap<number, number>;
  private readonly busy = new Set<number>();
  private readonly waiting = new Set<() => void>();
  private relearning = false;
  private failures = 0;
  private outageSince: number | undefined;
  private failure: unknown;
  private closed = false;

  private constructor(
    settings: ProducerSettings,
    session: KafkaSession,
    leaders: ReadonlyMap<number, number>,
    producer: ProducerId,
    transactions: Transactions | undefined,
  ) {
    this.settings = settings;
    this.session = session;
    this.leaders = leaders;
    this.transactions = transactions;
    const { compression } = settings;
    this.queues = [...leaders.keys()].map(
      (partition) => new PartitionQueue(partition, producer, compression, transactions !== undefined),
    );
  }

  /** Errors: `kafka-unreachable`, `topic-not-found`, `kafka-refused`. */
  static async open(settings: ProducerSettings): Promise<KafkaProducer> {
    const session = new KafkaSession(settings.broker);
    try {
      const leaders = new Map<number, number>();
      for (const { partition, leader } of await session.leaders(settings.topic)) leaders.set(partition, leader);
      const { now, random, transactionalId: id } = settings;
      const clientOf = (of: CoordinatorSettings['of'], key: string) =>
        new CoordinatorClient(session, { now, random, of, key, deadlineMs: settings.deliveryTimeoutMs });
      const transactions = id === undefined ? undefined : await takeTransactions(settings, id, clientOf);
      const producer = transactions?.producer ?? (await initProducerId(clientOf('any', ''), null, 0));
      return new KafkaProducer(settings, session, leaders, producer, transactions);
    } catch (error) {
      await session.close().catch(() => undefined);
      const { broker, topic } = settings;
      if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw topicNotFound(topic, broker.brokers);
      throw explainFailure(error, `topic ${topic}`, broker.brokers);
    }
  }

  get partitions(): number {
    return this.queues.length;
  }

  /** Records that brokers have acknowledged, by partition. */
  acknowledged(): number[] {
    return this.queues.map((queue) => queue.acknowledged);
  }

  /** Takes a record in; call `push` after some. `timestamp` in epoch milliseconds; a null value is a tombstone. */
  append(partition: number, key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    this.queues[partition].append(key, value, timestamp);
  }

  /** Sends what was appended, as far as brokers are free. Throws what made the producer fail. */
  push(): void {
    if (this.failure !== undefined) throw this.failure;
    const byLeader = new Map<number, PartitionQueue[]>();
    for (const queue of this.queues) {
      const leader = this.leaders.get(queue.partition) ?? -1;
      if (queue.sending || queue.empty || leader < 0 || this.busy.has(leader)) continue;
      const led = byLeader.get(leader);
      if (led === undefined) byLeader.set(leader, [queue]);
      else led.push(queue);
    }
    for (const [leader, queues] of byLeader) void this.send(leader, queues);
  }

  /** Resolves when few enough bytes are held to append more. */
  async room(): Promise<void> {
    const isRoom = () => this.queues.reduce((sum, queue) => sum + queue.bytes, 0) < MAX_HELD_BYTES;
    if (!isRoom()) await this.until(isRoom);
  }

  /** Resolves when brokers have everything that was appended. */
  async flush(): Promise<void> {
    await this.until(() => this.queues.every((queue) => queue.empty));
  }

  /** Makes everything since the last commit visible at once, together with the note. */
  async commit(note?: ProgressNote): Promise<void> {
    await this.flush();
    if (note !== undefined) await this.transactions?.note(note);
    await this.transactions?.end(true);
  }

  /** The note of the last commit by any holder of the transactional id; undefined when there was none. */
  async progress(group: string): Promise<ProgressNote | undefined> {
    return this.transactions?.progress(group);
  }

  /** What was not flushed may be lost; a transaction that was not committed is aborted by the broker or the next holder. */
  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    await this.session.close();
  }

  private async until(condition: () => boolean): Promise<void> {
    for (;;) {
      this.push();
      if (condition()) return;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
      if (this.closed) throw new Error('the producer was closed');
    }
  }

  private wake(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Sends the next batch of each queue to their leader, and settles what it answers. */
  private async send(leader: number, queues: readonly PartitionQueue[]): Promise<void> {
    const { topic } = this.settings;
    this.busy.add(leader);
    for (const queue of queues) queue.sending = true;
    try {
      await this.transactions?.include(queues.map(({ partition }) => partition));
      const batches = queues.flatMap((queue) => {
        const batch = queue.next();
        return batch === undefined ? [] : [{ partition: queue.partition, batch }];
      });
      const call = encodeProduce(topic, batches, PRODUCE_TIMEOUT_MS, this.transactions?.id ?? null);
      const trouble = this.settle(decodeProduce(await this.session.request(leader, call)));
      if (trouble === undefined) this.recovered();
      else this.retry(trouble);
    } catch (error) {
      if (error instanceof HeadwaterError) this.failure ??= error;
      else this.retry(`broker ${leader} does not answer: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      for (const queue of queues) queue.sending = false;
      this.busy.delete(leader);
    }
    this.wake();
    if (this.failure === undefined && !this.relearning && !this.closed) this.push();
  }

  /** Takes what the broker has off the queues; what has to be sent again is named. Throws what cannot be retried. */
  private settle(answers: readonly ProducedPartition[]): string | undefined {
    let trouble: string | undefined;
    for (const { partition, errorCode } of answers) {
      const outcome = outcomeOf(errorCode);
      const where = `topic ${this.settings.topic}, partition ${partition}`;
      if (outcome === 'done') this.queues[partition].done();
      else if (outcome === 'fenced') throw fenced(this.transactions?.id ?? '(none)');
      else if (outcome === 'refused') throw refused(`${where}: produce`, errorCode);
      else trouble = `partition ${partition} answers ${errorName(errorCode)}`;
    }
    return trouble;
  }

  private recovered(): void {
    if (this.outageSince !== undefined) this.settings.log('info', `topic ${this.settings.topic}: it is written again`);
    this.failures = 0;
    this.outageSince = undefined;
  }

  /** Looks for the leaders after a while and sends again. One such look is under way at a time. */
  private retry(what: string): void {
    if (this.relearning || this.closed) return;
    const { now, random, log, topic, deliveryTimeoutMs, broker } = this.settings;
    this.outageSince ??= now();
    if (now() - this.outageSince > deliveryTimeoutMs) {
      this.failure ??= unreachable(broker.brokers, new Error(`${what}, for ${deliveryTimeoutMs / 1000} s`));
      this.wake();
      return;
    }
    this.relearning = true;
    const wait = backOffMs(++this.failures, random);
    log('warn', `topic ${topic}: ${what}; trying again in ${Math.round(wait)} ms`);
    setTimeout(() => void this.relearn(), wait);
  }

  private async relearn(): Promise<void> {
    let problem: string | undefined;
    try {
      const leaders = new Map<number, number>();
      for (const { partition, leader } of await this.session.leaders(this.settings.topic))
        leaders.set(partition, leader);
      this.leaders = leaders;
      if ([...leaders.values()].some((leader) => leader < 0)) problem = 'a partition has no leader';
    } catch (error) {
      problem = `its leaders cannot be learned: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.relearning = false;
    if (problem !== undefined) this.retry(problem);
    if (this.failure === undefined && !this.closed) this.push();
  }
}

function takeTransactions(
  settings: ProducerSettings,
  id: string,
  clientOf: (of: 'group' | 'transaction', key: string) => CoordinatorClient,
): Promise<Transactions> {
  const { topic, transactionTimeoutMs } = settings;
  const groups = (group: string) => clientOf('group', group);
  return Transactions.take(id, topic, transactionTimeoutMs, clientOf('transaction', id), groups);
}
