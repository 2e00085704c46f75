import { statSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { EpochStore } from '../checkpoint/epoch-store.ts';
import { FOLD_LIMITS } from '../checkpoint/output-log.ts';
import { describeTrouble, diskTrouble, explainDamage } from '../checkpoint/job-file.ts';
import type { ChunkFolder, TableFold } from '../checkpoint/table-fold.ts';
import { runtimeError } from '../data/errors.ts';
import { tableFolder } from '../store/fold.ts';
import type { StoreCommand, StoreReply, StoreTable } from './messages.ts';
import { serializeError } from './serialized-error.ts';

interface FoldedTable extends StoreTable {
  readonly folder: ChunkFolder;
}

interface OpenJob {
  readonly store: EpochStore;
  readonly path: string;
  readonly tables: readonly FoldedTable[];
  /** Of followed tables: up to which epoch the log may be folded. */
  readonly released: Map<string, number>;
  /** The fold that is under way. */
  fold: TableFold | undefined;
  /** Why a fold or a WAL checkpoint broke off: told with the next commit, since nobody waits for it. */
  failure: unknown;
}

/**
 * The store thread: all SQLite writes of all jobs. Serves commands of one port, in order. A commit that fails because
 * the disk is full, or does not work, is answered with `retry`: nothing was acknowledged, the job waits and asks again.
 */
export class StoreService {
  private readonly port: MessagePort;
  private readonly jobs = new Map<string, OpenJob>();
  private readonly now: () => number;

  constructor(port: MessagePort, now: () => number) {
    this.port = port;
    this.now = now;
    port.on('message', (command: StoreCommand) => this.onCommand(command));
  }

  private onCommand(command: StoreCommand): void {
    if (command.type === 'shutdown') {
      this.kill();
      return;
    }
    try {
      const value = this.run(command);
      this.port.postMessage({ type: 'ok', id: command.id, value } satisfies StoreReply);
      if (command.type === 'commit') this.maintain(this.job(command.job));
    } catch (error) {
      const path = 'path' in command ? command.path : (this.jobs.get(command.job)?.path ?? 'the job file');
      const trouble = diskTrouble(error, path);
      const explained =
        trouble === undefined
          ? explainDamage(error, path)
          : runtimeError(trouble, describeTrouble(trouble, error, path), error);
      const retry = trouble !== undefined;
      const reply = { type: 'error', id: command.id, retry, error: serializeError(explained) } as const;
      this.port.postMessage(reply satisfies StoreReply);
    }
  }

  private run(command: Exclude<StoreCommand, { type: 'shutdown' }>): unknown {
    switch (command.type) {
      case 'open': {
        const store = new EpochStore(command.path, this.now);
        this.jobs.set(command.job, {
          store,
          path: command.path,
          tables: command.tables.map((table) => ({ ...table, folder: tableFolder(table.schema, table.primaryKey) })),
          released: new Map(),
          fold: undefined,
          failure: undefined,
        });
        if (!command.fresh) store.verify();
        return { generation: store.generation, summary: store.summary() };
      }
      case 'discard':
        this.job(command.job).fold = undefined;
        this.job(command.job).store.discard();
        return undefined;
      case 'restore':
        return this.job(command.job).store.restore();
      case 'load-table':
        return this.job(command.job).store.outputs.files(command.table);
      case 'commit': {
        const job = this.job(command.job);
        if (job.failure !== undefined) throw job.failure;
        job.store.commit(
          command.commit,
          command.operators,
          job.tables.some((table) => table.ttlMs > 0),
        );
        return undefined;
      }
      case 'release':
        this.job(command.job).released.set(command.table, command.epoch);
        return undefined;
      case 'forget':
        this.job(command.job).store.outputs.forget(command.table, command.epoch);
        return undefined;
      case 'log-bytes':
        return this.job(command.job).store.outputs.retained();
      case 'close':
        this.job(command.job).fold = undefined;
        this.job(command.job).store.close();
        this.jobs.delete(command.job);
        return undefined;
    }
  }

  /**
   * Folding and WAL checkpoints are housekeeping: the epoch is committed and nobody waits for them, a full disk only
   * delays them, and what else goes wrong is told with the next commit.
   */
  private maintain(job: OpenJob): void {
    try {
      this.startFold(job);
      const walBytes = statSync(`${job.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      if (walBytes > 16 << 20) job.store.checkpointWal(walBytes);
    } catch (error) {
      job.failure = diskTrouble(error, job.path) === undefined ? error : undefined;
    }
  }

  /** One table of a job at a time. */
  private startFold(job: OpenJob): void {
    const ttlMs = job.tables.reduce((longest, table) => Math.max(longest, table.ttlMs), 0);
    for (const table of job.tables) {
      if (job.fold !== undefined) return;
      const horizon = table.followed ? (job.released.get(table.name) ?? 0) : Infinity;
      job.fold = job.store.outputs.foldWhenLarge(table.name, table.folder, { ...FOLD_LIMITS, horizon }, ttlMs);
      if (job.fold !== undefined) setImmediate(() => this.foldOn(job));
    }
  }

  /** A step of a fold, with a turn of the event loop after it: commits that wait go first. */
  private foldOn(job: OpenJob): void {
    if (job.fold === undefined) return;
    try {
      if (!job.fold.step()) {
        setImmediate(() => this.foldOn(job));
        return;
      }
    } catch (error) {
      job.failure = diskTrouble(error, job.path) === undefined ? error : undefined;
    }
    job.fold = undefined;
  }

  private job(name: string): OpenJob {
    const job = this.jobs.get(name);
    if (job === undefined) throw new Error(`job ${name} is not open in the store thread`);
    return job;
  }

  /** Closes all files; what was not committed is gone. */
  kill(): void {
    for (const job of this.jobs.values()) {
      job.fold = undefined;
      job.store.close();
    }
    this.jobs.clear();
    this.port.close();
  }
}
