import { BYTES_SLACK } from '../../data/column.ts';
import { HeadwaterError } from '../../data/errors.ts';
import { hashBytes } from '../../data/hash.ts';
import type { ConnectorContext } from '../contracts.ts';
import { splitId } from './position.ts';
import { type PartitionRange, ReadySignal } from './run-source.ts';

export interface DiscoverySettings {
  /** Milliseconds between looks. */
  readonly interval: number;
  /** All partitions that are there, but for the known ones. */
  readonly list: (known: ReadonlySet<string>) => Promise<readonly PartitionRange[]>;
  /** A new split is read by one task; the others leave it alone. */
  readonly isMine: (split: string) => boolean;
}

/** Looks now and then for partitions that were not there before. What cannot be listed now may be listed later. */
export class PartitionDiscovery {
  private readonly settings: DiscoverySettings;
  private readonly context: ConnectorContext;
  private readonly known: Set<string>;
  private readonly found: PartitionRange[] = [];
  private readonly ready = new ReadySignal();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(settings: DiscoverySettings, context: ConnectorContext) {
    this.settings = settings;
    this.context = context;
    this.known = new Set(context.knownSplits);
    this.schedule();
  }

  /** The next one that was found and is this task's. */
  take(): PartitionRange | undefined {
    return this.found.shift();
  }

  /** Calls back once when `take` has something. */
  onFound(callback: () => void): void {
    this.ready.wait(callback);
    if (this.found.length > 0) queueMicrotask(() => this.ready.fire());
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    this.timer = setTimeout(() => void this.look(), this.settings.interval);
  }

  private async look(): Promise<void> {
    try {
      for (const range of await this.settings.list(this.known)) this.add(range);
    } catch (error) {
      this.context.log('warn', `new partitions cannot be looked for: ${reasonOf(error)}; trying again later`);
    }
    if (this.closed) return;
    this.schedule();
    if (this.found.length > 0) this.ready.fire();
  }

  private add(range: PartitionRange): void {
    const split = splitId(range.topic, range.partition);
    if (this.closed || this.known.has(split)) return;
    this.known.add(split);
    if (!this.settings.isMine(split)) return;
    this.found.push(range);
    this.context.log(
      'info',
      `topic ${range.topic}, partition ${range.partition} is new, read from offset ${range.offset}`,
    );
  }
}

/** The one of the tasks that reads a split that was found while they run: each task finds the same one. */
export function readerOf(split: string, readers: readonly number[]): number {
  const length = Buffer.byteLength(split);
  const bytes = Buffer.alloc(length + BYTES_SLACK, split);
  const hash = hashBytes(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, length);
  return readers[(hash >>> 0) % readers.length];
}

function reasonOf(error: unknown): string {
  if (error instanceof HeadwaterError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
