import { makeBatch } from '../../data/batch.ts';
import type { Column } from '../../data/column.ts';
import type { ConnectorContext, SourcePoll, SourceReader, SplitPosition } from '../contracts.ts';
import type { FoundFile } from './list-files.ts';
import type { FileReading, FileRows } from './reading.ts';

export interface FileSplit {
  readonly path: string;
  readonly position: SplitPosition;
}

/** What the reader asks of its table. */
export interface FileTable {
  /** Opens a file at a position. */
  open(split: FileSplit): Promise<FileReading>;
  /** The columns of a batch: those of the file, and those of its folders. */
  columns(path: string, rows: FileRows): readonly Column[];
  /** The files that are there now. */
  list(): Promise<readonly FoundFile[]>;
  /** Milliseconds between looks for new files; undefined: there are none. */
  readonly monitorInterval: number | undefined;
}

/** Reads files one after the other, in order; when it watches for new ones, each becomes a split when it is found. */
export class FileReader implements SourceReader {
  private readonly table: FileTable;
  private readonly context: ConnectorContext;
  private readonly queue: FileSplit[];
  private readonly known: Set<string>;
  private found: FileSplit[] = [];
  private current: { readonly split: FileSplit; readonly reading: FileReading } | undefined;
  private loading = false;
  private failure: unknown;
  private ready: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private listedAt: number;
  private closed = false;

  constructor(table: FileTable, splits: readonly FileSplit[], known: Iterable<string>, context: ConnectorContext) {
    this.table = table;
    this.context = context;
    this.queue = [...splits];
    this.known = new Set([...known, ...splits.map(({ path }) => path)]);
    this.listedAt = context.now();
  }

  poll(maxRows: number): SourcePoll {
    if (this.failure !== undefined) throw this.failure;
    if (this.loading) return { type: 'wait' };
    const found = this.found.shift();
    if (found !== undefined) {
      this.queue.push(found);
      return { type: 'split-found', splitId: found.path, position: found.position };
    }
    if (this.current !== undefined) return this.read(this.current, maxRows);
    const split = this.queue.shift();
    if (split !== undefined) {
      this.background(async () => {
        this.current = { split, reading: await this.table.open(split) };
      });
      return { type: 'wait' };
    }
    return this.table.monitorInterval === undefined ? { type: 'finished' } : { type: 'wait' };
  }

  private read({ split, reading }: NonNullable<typeof this.current>, maxRows: number): SourcePoll {
    const rows = reading.next(maxRows);
    if (rows === 'more') {
      this.background(() => reading.load());
      return { type: 'wait' };
    }
    if (rows === 'end') {
      this.current = undefined;
      this.background(() => reading.close());
      return { type: 'split-finished', splitId: split.path };
    }
    return {
      type: 'rows',
      splitId: split.path,
      batch: makeBatch(this.table.columns(split.path, rows), rows.count),
      position: rows.position,
      bytes: rows.bytes,
      describeRow: rows.describeRow,
    };
  }

  /** Waits for something of the file system; polling goes on afterwards. */
  private background(work: () => Promise<void>): void {
    this.loading = true;
    work()
      .catch((error: unknown) => (this.failure = error))
      .finally(() => {
        this.loading = false;
        if (this.closed) void this.current?.reading.close();
        this.fire();
      });
  }

  private async look(): Promise<void> {
    for (const file of await this.table.list()) {
      if (this.known.has(file.path)) continue;
      this.known.add(file.path);
      this.found.push({ path: file.path, position: { row: 0, size: file.size } });
    }
    this.listedAt = this.context.now();
  }

  onReady(callback: () => void): void {
    this.ready = callback;
    if (this.loading) return;
    if (this.found.length > 0 || this.failure !== undefined) {
      queueMicrotask(() => this.fire());
      return;
    }
    const interval = this.table.monitorInterval ?? 0;
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.background(() => this.look()),
      Math.max(0, this.listedAt + interval - this.context.now()),
    );
  }

  private fire(): void {
    const callback = this.ready;
    this.ready = undefined;
    callback?.();
  }

  bytes(): number {
    return this.current?.reading.bytes() ?? 0;
  }

  lag(): number | undefined {
    return this.current === undefined && this.queue.length === 0 ? 0 : undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    if (!this.loading) await this.current?.reading.close();
  }
}
