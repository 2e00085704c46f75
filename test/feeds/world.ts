import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EpochStore } from '../../src/checkpoint/epoch-store.ts';
import { FOLD_LIMITS } from '../../src/checkpoint/output-log.ts';
import { DELETE, INSERT, makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { readValue } from '../../src/data/read.ts';
import { BIGINT, notNull, type Schema, STRING } from '../../src/data/types.ts';
import { TableFeeds } from '../../src/runtime/feeds/table-feeds.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';
import type { FeedChange } from '../../src/store/change-feed.ts';
import { ChunkFormat } from '../../src/store/chunk.ts';
import { tableFolder } from '../../src/store/fold.ts';
import { TableImage } from '../../src/store/table-image.ts';

export const TABLE = 't';
export const SCHEMA: Schema = [
  { name: 'id', type: notNull(STRING) },
  { name: 'n', type: BIGINT },
];
const CHUNKS_PER_TASK = 1_000_000;

/** A key and its new value; null: deleted. */
export type Change = readonly [id: string, n: bigint | null];

/** A job's file, the image of its one table, and feeds over both, as a process has them; what must come out is kept beside. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'headwater-feeds-'));
  readonly path = join(this.folder, 'state.db');
  readonly logged: string[] = [];
  /** Every change of this history, in order. */
  history: FeedChange[] = [];
  rows = new Map<string, bigint>();
  epoch = 0;
  image: TableImage | undefined;
  feeds: TableFeeds;
  private store: EpochStore;

  constructor() {
    this.store = new EpochStore(this.path, () => 0);
    this.image = new TableImage(SCHEMA, [0]);
    this.feeds = this.newFeeds();
  }

  private newFeeds(): TableFeeds {
    return new TableFeeds({
      table: (name) => (name === TABLE && this.image !== undefined ? { image: this.image, job: 'job' } : undefined),
      tableNames: () => (this.image === undefined ? [] : [TABLE]),
      jobPath: () => this.path,
      monotonic: () => performance.now(),
      log: (_level, message) => this.logged.push(message),
    });
  }

  /** One epoch: net changes by task, one chunk for each task that has some. */
  commit(...tasks: readonly (readonly Change[])[]): void {
    this.epoch += 1;
    const { epoch } = this;
    const outputs = tasks.flatMap((changes, task) => {
      const index = task * CHUNKS_PER_TASK;
      return chunksOf(epoch, changes).map((bytes, i) => ({ table: TABLE, index: index + i, bytes }));
    });
    this.store.commit(
      {
        epoch,
        generation: this.store.generation,
        watermark: epoch * 1000,
        parallelism: 1,
        finished: false,
        full: true,
        state: [],
        splits: [],
        schemas: [],
        outputs,
      },
      [],
    );
    for (const { index, bytes } of outputs) this.note(index, bytes, new Map(tasks.flat()));
    this.image?.applyEpoch(
      epoch,
      epoch * 1000,
      outputs.map(({ bytes }) => bytes),
    );
    this.feeds.onCommitted([TABLE]);
  }

  /** A chunk has its rows in an order of its own. */
  private note(index: number, bytes: Uint8Array, values: ReadonlyMap<string, bigint | null>): void {
    const { columns, count } = new ChunkFormat(SCHEMA, [0]).decode(bytes);
    for (let row = 0; row < count; row++) {
      const id = String(readValue(SCHEMA[0].type, columns[0], row));
      const n = values.get(id) ?? null;
      const seq = [this.epoch, index, row] as const;
      const key = encodeURIComponent(id);
      if (n === null) this.rows.delete(key);
      else this.rows.set(key, n);
      this.history.push(
        n === null ? { seq, op: 'delete', key } : { seq, op: 'upsert', key, features: { id, n: String(n) } },
      );
    }
  }

  /** Folds the log into the base; `steps`: only so much of it. */
  fold(steps = Infinity): boolean {
    const fold = this.store.outputs.foldWhenLarge(TABLE, tableFolder(SCHEMA, [0]), { ...FOLD_LIMITS, minimum: 1 });
    if (fold === undefined) return false;
    for (let i = 0; i < steps; i++) if (fold.step()) return true;
    return false;
  }

  /** As after `--fresh`: the same file, another history. */
  async startAfresh(): Promise<void> {
    this.store.discard();
    await this.restart();
    this.history = [];
    this.rows.clear();
    this.epoch = 0;
  }

  /** Another run of the job, with an image of its own. */
  async restart(): Promise<void> {
    const { bases, chunks } = this.store.outputs.files(TABLE);
    const image = new TableImage(SCHEMA, [0]);
    await image.load(bases, chunks, { epoch: this.epoch, watermark: this.epoch * 1000 });
    this.image = image;
  }

  /** Another process over the same file. */
  async reopen(): Promise<void> {
    this.feeds.close();
    this.store.close();
    this.store = new EpochStore(this.path, () => 0);
    this.store.verify();
    this.feeds = this.newFeeds();
    await this.restart();
  }

  closeStore(): void {
    this.store.close();
  }

  close(): void {
    this.feeds.close();
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function chunksOf(epoch: number, changes: readonly Change[]): Uint8Array[] {
  if (changes.length === 0) return [];
  const buffer = new ChangeBuffer(SCHEMA, [0]);
  const columns = [
    columnFromValues(
      SCHEMA[0].type,
      changes.map(([id]) => id),
    ),
    columnFromValues(
      SCHEMA[1].type,
      changes.map(([, n]) => n),
    ),
  ];
  const kinds = Uint8Array.from(changes, ([, n]) => (n === null ? DELETE : INSERT));
  buffer.add(makeBatch(columns, changes.length, kinds));
  return buffer.take(epoch);
}
