import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { ConnectorContext } from '../contracts.ts';
import { AbortedTransactions } from '../record-batch/aborted.ts';
import { isCutOff, nextFetchOffset } from '../record-batch/assembler.ts';
import { backOffMs } from './back-off.ts';
import { withDeadline } from './deadline.ts';
import { errorName, fatalPartitionError } from './errors.ts';
import { MAX_FETCH_BYTES, type PartitionFetchState, planFetch } from './fetch-plan.ts';
import { decodeFetch, encodeFetch, type FetchedPartition, type FetchTarget } from './protocol.ts';
import { splitId } from './position.ts';
import type { ResponseBytes } from './response-buffers.ts';
import { type HeldRun, type PartitionRange, ReadySignal, type RunSource } from './run-source.ts';
import type { KafkaSession } from './session.ts';
import { SharedBuffer } from './shared-buffer.ts';
import { Sleepers } from './sleepers.ts';

const NO_LEADER = -1;
/** More than there are partitions to come first: every one has been first in a fetch by then. */
const MAX_STALLS = 1000;
const CLOSE_DEADLINE_MS = 3_000;

/**
 * Fetches partitions into a queue that is bounded in bytes: one loop per broker, one fetch in flight
 * each, the next one sent before the last one is read. Outages are retried with back-off for ever; an error of one
 * partition leaves the others alone.
 */
export class KafkaFetcher implements RunSource {
  private readonly session: KafkaSession;
  private readonly readCommitted: boolean;
  private readonly context: ConnectorContext;
  /** By split. */
  private readonly states = new Map<string, PartitionFetchState>();
  private readonly queue: HeldRun[] = [];
  private queuedBytes = 0;
  private readonly loops = new Map<number, Promise<void>>();
  private readonly ready = new ReadySignal();
  private readonly sleepers = new Sleepers();
  private leadersWanted = true;
  private failure: unknown;
  private closed = false;
  private readonly main: Promise<void>;

  constructor(
    session: KafkaSession,
    ranges: readonly PartitionRange[],
    readCommitted: boolean,
    context: ConnectorContext,
  ) {
    this.session = session;
    this.readCommitted = readCommitted;
    this.context = context;
    for (const range of ranges) this.hold(range);
    this.main = this.followLeaders().catch((error: unknown) => this.fail(error));
  }

  take(): HeldRun | undefined {
    const next = this.queue.shift();
    // What was fetched before the failure is good: it is read first, so that the position is as far as it can be.
    if (next === undefined && this.failure !== undefined) throw this.failure;
    return next;
  }

  onReady(callback: () => void): void {
    this.ready.wait(callback);
    if (this.queue.length > 0 || this.failure !== undefined) queueMicrotask(() => this.ready.fire());
  }

  bytes(): number {
    return this.queuedBytes;
  }

  endOffset(split: string): number | undefined {
    return this.states.get(split)?.endOffset;
  }

  add(range: PartitionRange): void {
    this.hold(range);
    this.leadersWanted = true;
    this.sleepers.wake();
  }

  private hold({ topic, partition, offset, end }: PartitionRange): void {
    const fresh = { leader: NO_LEADER, queuedBytes: 0, endOffset: undefined, stalls: 0 };
    this.states.set(splitId(topic, partition), { topic, partition, nextOffset: offset, end, ...fresh });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.sleepers.wake();
    // A broker that hangs must not keep the job from ending.
    await withDeadline(this.finish(), CLOSE_DEADLINE_MS, () => new Error('closing took too long')).catch(
      () => undefined,
    );
    this.queue.length = 0;
  }

  private async finish(): Promise<void> {
    await this.session.close();
    await this.main;
    await Promise.all(this.loops.values());
  }

  /** Keeps the leaders of the partitions known, and one fetch loop running for each broker that leads one. */
  private async followLeaders(): Promise<void> {
    let failures = 0;
    while (!this.stopped()) {
      if (!this.leadersWanted) {
        await this.sleepers.sleep(60_000);
        continue;
      }
      try {
        this.leadersWanted = false;
        await this.learnLeaders();
        const orphan = [...this.states.values()].find((state) => state.leader === NO_LEADER);
        if (orphan === undefined) {
          failures = 0;
          continue;
        }
        this.leadersWanted = true;
        await this.retryLater(
          `topic ${orphan.topic}, partition ${orphan.partition} has no leader`,
          undefined,
          ++failures,
        );
      } catch (error) {
        this.leadersWanted = true;
        await this.retryLater('the leaders of its partitions cannot be learned', error, ++failures);
      }
    }
  }

  private async learnLeaders(): Promise<void> {
    const states = [...this.states.values()];
    const metadata = await this.session.topics([...new Set(states.map(({ topic }) => topic))]);
    const leaders = new Map(
      metadata.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, leader }) => [splitId(topic, partition), leader]),
      ),
    );
    for (const state of states) {
      state.leader = leaders.get(splitId(state.topic, state.partition)) ?? NO_LEADER;
      if (state.leader === NO_LEADER || this.loops.has(state.leader)) continue;
      const node = state.leader;
      const loop = this.fetchFrom(node)
        .catch((error: unknown) => this.fail(error))
        .finally(() => this.loops.delete(node));
      this.loops.set(node, loop);
    }
    this.sleepers.wake();
  }

  private async fetchFrom(node: number): Promise<void> {
    let failures = 0;
    let turn = 0;
    while (!this.stopped()) {
      const led = [...this.states.values()].filter((state) => state.leader === node);
      const plan = planFetch(led, turn++, this.queuedBytes);
      if (plan === undefined) {
        await this.sleepers.sleep(60_000);
        continue;
      }
      try {
        const { targets, maxWaitMs } = plan;
        const limits = { maxWaitMs, maxBytes: MAX_FETCH_BYTES, readCommitted: this.readCommitted };
        const response = await this.session.request(node, encodeFetch(targets, limits));
        const troubled = this.accept(node, response, targets);
        if (troubled === undefined) failures = 0;
        else await this.relearn(troubled, undefined, ++failures);
      } catch (error) {
        if (error instanceof HeadwaterError) throw error;
        await this.relearn(`broker ${node} does not answer`, error, ++failures);
      }
    }
  }

  /** Queues what the response holds; returns what went wrong with a partition where that can be retried. */
  private accept(node: number, response: ResponseBytes, targets: readonly FetchTarget[]): string | undefined {
    if (this.closed) return undefined;
    const { errorCode, partitions } = decodeFetch(response);
    if (errorCode !== 0) return `broker ${node} answers ${errorName(errorCode)}`;
    const hold = new SharedBuffer(() => this.session.buffers.release(response.bytes.buffer));
    let trouble: string | undefined;
    for (const fetched of partitions) {
      const state = this.states.get(splitId(fetched.topic, fetched.partition));
      const target = targets.find(({ topic, partition }) => topic === fetched.topic && partition === fetched.partition);
      // An answer for an offset that is no longer the next one would bring records twice.
      if (state === undefined || target === undefined || target.offset !== state.nextOffset) continue;
      if (fetched.errorCode === 0) {
        this.enqueue(state, fetched, response, hold);
        continue;
      }
      const fatal = fatalPartitionError(fetched.errorCode, fetched.topic, fetched.partition, target.offset);
      if (fatal !== undefined) this.fail(fatal);
      trouble = `topic ${fetched.topic}, partition ${fetched.partition} answers ${errorName(fetched.errorCode)}`;
    }
    hold.release();
    if (this.queue.length > 0) this.ready.fire();
    return trouble;
  }

  private enqueue(state: PartitionFetchState, fetched: FetchedPartition, response: ResponseBytes, hold: SharedBuffer) {
    const { start, end } = fetched;
    state.endOffset = this.readCommitted ? fetched.lastStableOffset : fetched.highWatermark;
    if (end === start) return;
    if (isCutOff(response.view, start, end)) return this.countStall(state);
    state.stalls = 0;
    const size = end - start;
    const run = {
      topic: state.topic,
      partition: state.partition,
      bytes: response.bytes,
      view: response.view,
      at: start,
      end,
      nextOffset: state.nextOffset,
      toOffset: state.end,
      leaderEpoch: -1,
      whole: false,
      taken: false,
      aborted: this.readCommitted ? new AbortedTransactions(fetched.aborted) : undefined,
    };
    state.nextOffset = nextFetchOffset(response.view, start, end, state.nextOffset);
    state.queuedBytes += size;
    this.queuedBytes += size;
    hold.retain();
    const release = () => {
      state.queuedBytes -= size;
      this.queuedBytes -= size;
      hold.release();
      this.sleepers.wake();
    };
    this.queue.push({ run, release });
  }

  /** A broker may cut the first batch off when others came first in the answer, but not again and again. */
  private countStall(state: PartitionFetchState): void {
    if (++state.stalls < MAX_STALLS) return;
    const where = `topic ${state.topic}, partition ${state.partition}, offset ${state.nextOffset}`;
    this.fail(runtimeError('corrupt-batch', `${where}: the record batch is cut off in ${MAX_STALLS} fetches in a row`));
  }

  private async relearn(what: string, error: unknown, failures: number): Promise<void> {
    this.leadersWanted = true;
    this.sleepers.wake();
    await this.retryLater(what, error, failures);
  }

  private async retryLater(what: string, error: unknown, failures: number): Promise<void> {
    if (this.stopped()) return;
    const wait = backOffMs(failures, this.context.random);
    const reason = error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`;
    this.context.count('source_retries', 1);
    const topics = [...new Set([...this.states.values()].map(({ topic }) => topic))].join(', ');
    this.context.log('warn', `topic ${topics}: ${what}${reason}; trying again in ${Math.round(wait)} ms`);
    const until = Date.now() + wait;
    while (!this.stopped() && Date.now() < until) await this.sleepers.sleep(until - Date.now());
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.sleepers.wake();
    this.ready.fire();
  }

  private stopped(): boolean {
    return this.closed || this.failure !== undefined;
  }
}
