import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { EpochStore } from '../../src/checkpoint/epoch-store.ts';
import {
  type FollowedTopic,
  TOPIC_PROTOCOL,
  TopicFollower,
  type TopicFollowerPoint,
  type TopicProtocol,
} from '../../src/connectors/kafka/sink/follower.ts';
import { parseTopicSink } from '../../src/connectors/kafka/sink/options.ts';
import type { FollowerStatus } from '../../src/connectors/follower/status.ts';
import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { type HeadwaterError, runtimeError } from '../../src/data/errors.ts';
import { BIGINT, type Schema, STRING } from '../../src/data/types.ts';
import { AppendBuffer } from '../../src/store/append-buffer.ts';

const SCHEMA: Schema = [
  { name: 'k', type: STRING },
  { name: 'n', type: BIGINT },
];
const KEYS = 5;

/** A job file whose epochs hold numbered rows, and the processes that write them to a topic, one after another. */
export class NumbersJob {
  readonly folder = mkdtempSync(join(tmpdir(), 'headwater-ksink-'));
  readonly logged: string[] = [];
  rows = 0;
  private readonly path = join(this.folder, 'state.db');
  private readonly options: Readonly<Record<string, string>>;
  private store: EpochStore;
  private epoch = 0;
  private processes = 0;

  constructor(options: Readonly<Record<string, string>>) {
    this.options = options;
    this.store = this.open();
  }

  /** What a reader has to see, per key in this order. */
  expected(): Map<string, number[]> {
    const byKey = new Map<string, number[]>();
    for (let n = 0; n < this.rows; n++) byKey.set(`k${n % KEYS}`, [...(byKey.get(`k${n % KEYS}`) ?? []), n]);
    return byKey;
  }

  /** Commits an epoch with so many rows, as chunks of at most ten. */
  commit(rows: number): void {
    const buffer = new AppendBuffer(SCHEMA);
    for (let done = 0; done < rows;) {
      const ns = Array.from({ length: Math.min(10, rows - done) }, (_, i) => this.rows + done + i);
      const keys = columnFromValues(
        STRING,
        ns.map((n) => `k${n % KEYS}`),
      );
      buffer.add(makeBatch([keys, columnFromValues(BIGINT, ns.map(BigInt))], ns.length));
      done += ns.length;
    }
    this.rows += rows;
    const epoch = ++this.epoch;
    const outputs = buffer.take(epoch).map((bytes, index) => ({ table: 'out', index, bytes }));
    const none = { state: [], splits: [], schemas: [] };
    const { generation } = this.store;
    this.store.commit(
      { epoch, generation, watermark: 0, parallelism: 1, finished: false, full: false, ...none, outputs },
      [],
    );
  }

  /** Another process takes the job over; the earlier one, if it still lives, is a zombie. */
  takeOver(): void {
    this.store.close();
    this.store = this.open();
  }

  /**
   * Writes until everything is in the topic, or until the process is killed at the `occurrence`-th time at a point:
   * its connections end, and it neither commits nor aborts. Returns whether it was killed.
   */
  async process(
    kill?: { readonly at: TopicFollowerPoint; readonly occurrence: number },
    protocol: Partial<TopicProtocol> = {},
    forgets = true,
  ): Promise<boolean> {
    let left = kill?.occurrence ?? Infinity;
    const at = (point: TopicFollowerPoint): void => {
      if (point === kill?.at && --left === 0) throw runtimeError('state-corrupt', 'killed');
    };
    let end: (killed: boolean, error?: HeadwaterError) => void = () => undefined;
    const ended = new Promise<boolean>((resolve, reject) => {
      end = (killed, error) => (error === undefined || error.message === 'killed' ? resolve(killed) : reject(error));
    });
    const changed = (status: FollowerStatus): void => {
      if (forgets) this.store.outputs.forget('out', status.appliedEpoch);
      if (status.state === 'following' && status.appliedEpoch === this.epoch) end(false);
    };
    const follower = this.follower({ ...TOPIC_PROTOCOL, at, ...protocol }, changed, (error) => end(true, error));
    try {
      await follower.start();
      return await ended;
    } catch (error) {
      if (error instanceof Error && error.message === 'killed') return true;
      throw error;
    } finally {
      await follower.stop();
    }
  }

  follower(
    protocol: TopicProtocol,
    changed: (status: FollowerStatus) => void,
    failed: (error: HeadwaterError) => void,
  ): TopicFollower {
    const table = { name: 'out', columns: SCHEMA, primaryKey: [], options: this.options };
    const spec: FollowedTopic = {
      job: 'numbers',
      table: 'out',
      path: this.path,
      dataDir: this.folder,
      schema: SCHEMA,
      primaryKey: [],
      options: parseTopicSink(table),
      generation: this.store.generation,
      force: false,
    };
    return new TopicFollower(
      spec,
      {
        log: (level, message) => this.logged.push(`${level}: ${message}`),
        changed,
        failed,
        random: Math.random,
        monotonic: () => performance.now(),
        now: () => Date.now(),
        nonce: String(++this.processes),
      },
      protocol,
    );
  }

  /** Chunks that the log still holds. */
  get pending(): number {
    return this.store.outputs.files('out').chunks.length;
  }

  private open(): EpochStore {
    const store = new EpochStore(this.path, () => 0);
    store.verify();
    return store;
  }

  remove(): void {
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Values `{"k":...,"n":...}` as numbers by key, in the order of each partition. */
export function byKey(partitions: ReadonlyMap<string, readonly string[]>): Map<string, number[]> {
  const seen = new Map<string, number[]>();
  for (const values of partitions.values()) {
    for (const value of values) {
      const { k, n } = JSON.parse(value) as { k: string; n: number };
      seen.set(k, [...(seen.get(k) ?? []), n]);
    }
  }
  return new Map([...seen].sort(([a], [b]) => (a < b ? -1 : 1)));
}
