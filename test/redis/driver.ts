import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';
import { EpochStore } from '../../src/checkpoint/epoch-store.ts';
import { FOLD_LIMITS } from '../../src/checkpoint/output-log.ts';
import { TableFollower } from '../../src/connectors/redis/follower.ts';
import { parseRedisOptions } from '../../src/connectors/redis/options.ts';
import { tableFolder } from '../../src/store/fold.ts';
import { chunksOf, SCHEMA, TABLE } from './history.ts';
import { protocolOf } from './wrong-protocols.ts';

/** What one run of the driver does. */
export interface DriverTask {
  readonly path: string;
  readonly options: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Commits epochs up to this one, then waits until Redis has them. */
  readonly upTo: number;
  /** Commits one epoch after the other without waiting for Redis. */
  readonly ahead?: boolean;
  readonly fresh?: boolean;
  readonly force?: boolean;
  /** Folds the log after this epoch: all of it, or what Redis has acknowledged. */
  readonly foldAfter?: number;
  /** Only commits; nothing follows. */
  readonly withoutRedis?: boolean;
  /** Goes on after the end, until killed. */
  readonly stay?: boolean;
  readonly wrong?: string;
  /** Signals itself when a point is reached for the nth time. */
  readonly signal?: { readonly point: string; readonly nth: number; readonly name: 'SIGKILL' | 'SIGSTOP' };
}

/** A writer of committed epochs and its follower in a process that can be killed anywhere: half of Headwater, in small. */
async function main(task: DriverTask): Promise<void> {
  const tell = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
  let passed = 0;
  const at = (point: string): void => {
    if (point !== task.signal?.point || ++passed !== task.signal.nth) return;
    process.kill(process.pid, task.signal.name);
  };
  const store = new EpochStore(task.path, () => Date.now());
  at('generation-taken');
  if (task.fresh === true) store.discard();
  const follower = new TableFollower(
    {
      job: 'job',
      table: TABLE,
      path: task.path,
      schema: SCHEMA,
      primaryKey: [0],
      generation: store.generation,
      force: task.force ?? false,
      ...addressed(task),
    },
    {
      log: (level, message) => tell({ level, message }),
      changed: () => undefined,
      failed: (error) => {
        tell({ failed: error.code, message: error.message });
        process.exit(3);
      },
      random: Math.random,
      monotonic: () => performance.now(),
      nonce: String(process.pid),
    },
    { ...protocolOf(task.wrong), at, checkMs: 100 },
  );
  if (task.withoutRedis !== true) {
    try {
      await follower.start();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : 'unknown';
      tell({ refused: code, message: String(error) });
      process.exit(2);
    }
  }
  for (let epoch = (store.summary()?.epoch ?? 0) + 1; epoch <= task.upTo; epoch++) {
    store.commit(commitOf(task.seed, epoch, store.generation), [], task.options.ttl !== undefined);
    at('epoch-committed');
    follower.notify();
    if (task.withoutRedis !== true && task.ahead !== true) await applied(follower, epoch);
    if (epoch === task.foldAfter) {
      const limits = { ...FOLD_LIMITS, minimum: 1 };
      const fold = store.outputs.foldWhenLarge(TABLE, tableFolder(SCHEMA, [0]), limits);
      while (fold?.step() === false);
    }
  }
  if (task.withoutRedis !== true) await applied(follower, task.upTo);
  tell({ done: task.upTo, synchronous, ...follower.status });
  if (task.stay === true) return;
  await follower.stop();
  store.close();
}

function addressed(task: DriverTask) {
  const options = parseRedisOptions({ name: TABLE, columns: SCHEMA, primaryKey: ['id'], options: task.options });
  if (options.address === undefined) throw new Error('the driver needs a Redis');
  return { options, address: options.address };
}

function commitOf(seed: number, epoch: number, generation: number) {
  return {
    epoch,
    generation,
    watermark: epoch,
    parallelism: 1,
    finished: false,
    full: true,
    state: [],
    splits: [],
    schemas: [],
    outputs: chunksOf(seed, epoch),
  };
}

async function applied(follower: TableFollower, epoch: number): Promise<void> {
  while (follower.status.appliedEpoch < epoch) await new Promise((resolve) => setTimeout(resolve, 2));
}

// What a power cut may take depends on this setting: a wrong one is put in its place, and the real one is told.
const given = JSON.parse(process.argv[2]) as DriverTask;
let synchronous = '';
const pragma = Database.prototype.pragma;
Database.prototype.pragma = function (source: string, ...more) {
  if (!source.startsWith('synchronous')) return pragma.call(this, source, ...more);
  synchronous = given.wrong === 'synchronous = NORMAL' ? given.wrong : source;
  return pragma.call(this, synchronous, ...more);
};
await main(given);
