import type { MessagePort } from 'node:worker_threads';
import type { EpochCommit } from '../checkpoint/epoch-commit.ts';
import type { RestoredState } from '../checkpoint/epoch-store.ts';
import type { TableFiles } from '../checkpoint/output-log.ts';
import type { CheckpointSummary, OperatorIdentity } from '../checkpoint/recovery.ts';
import type { HeadwaterError } from '../data/errors.ts';
import type { StoreCommand, StoreReply, StoreTable } from './messages.ts';
import { deserializeError } from './serialized-error.ts';

type Request = StoreCommand extends infer C ? (C extends { id: number } ? Omit<C, 'id'> : never) : never;

/** Why a commit did not happen; `retry`: the disk was full, nothing is lost. */
export class StoreFailure extends Error {
  readonly error: HeadwaterError;
  readonly retry: boolean;
  constructor(error: HeadwaterError, retry: boolean) {
    super(error.message);
    this.error = error;
    this.retry = retry;
  }
}

/** Main's side of the store thread. */
export class StoreClient {
  private readonly port: MessagePort;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  private nextId = 1;

  constructor(port: MessagePort) {
    this.port = port;
    port.on('message', (reply: StoreReply) => this.onReply(reply));
  }

  async open(
    job: string,
    path: string,
    tables: readonly StoreTable[],
    /** What the file holds is about to be forgotten: it need not be whole. */
    fresh: boolean,
  ): Promise<{ generation: number; summary: CheckpointSummary | undefined }> {
    return (await this.send({ type: 'open', job, path, tables, fresh })) as {
      generation: number;
      summary: CheckpointSummary | undefined;
    };
  }
  async discard(job: string): Promise<void> {
    await this.send({ type: 'discard', job });
  }
  async restore(job: string): Promise<RestoredState | undefined> {
    return (await this.send({ type: 'restore', job })) as RestoredState | undefined;
  }
  async loadTable(job: string, table: string): Promise<TableFiles> {
    return (await this.send({ type: 'load-table', job, table })) as TableFiles;
  }
  /** The caller keeps the commit until this resolves, so that it can ask again when the disk was full. */
  async commit(job: string, commit: EpochCommit, operators: readonly OperatorIdentity[]): Promise<void> {
    await this.send({ type: 'commit', job, commit, operators });
  }
  /** The table's log may be folded up to this epoch. */
  async release(job: string, table: string, epoch: number): Promise<void> {
    await this.send({ type: 'release', job, table, epoch });
  }
  /** The table's log up to this epoch is deleted. */
  async forget(job: string, table: string, epoch: number): Promise<void> {
    await this.send({ type: 'forget', job, table, epoch });
  }
  /** Bytes of the log that the job's file holds, by table. */
  async logBytes(job: string): Promise<Readonly<Record<string, number>>> {
    return (await this.send({ type: 'log-bytes', job })) as Readonly<Record<string, number>>;
  }
  async close(job: string): Promise<void> {
    await this.send({ type: 'close', job });
  }

  private send(request: Request): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.port.postMessage({ ...request, id });
    });
  }

  private onReply(reply: StoreReply): void {
    const waiter = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.type === 'ok') waiter?.resolve(reply.value);
    else waiter?.reject(new StoreFailure(deserializeError(reply.error), reply.retry));
  }

  shutdown(): void {
    this.port.postMessage({ type: 'shutdown' } satisfies StoreCommand);
  }
}
