import { nextFetchOffset } from '../record-batch/assembler.ts';
import { type HeldRun, type PartitionRange, ReadySignal, type RunSource } from '../kafka/run-source.ts';
import { partitionOfSplit } from '../kafka/position.ts';
import type { EmbeddedLog } from './log.ts';

const READ_BYTES = 2 * 1024 * 1024;
/** How often a reader that has read everything looks whether something was appended. */
const LOOK_EVERY_MS = 5;

interface PartitionState {
  readonly topic: string;
  readonly partition: number;
  nextOffset: number;
  readonly end: number;
}

/** Reads partitions of the embedded log in turn. Reading is a local call, so nothing is fetched ahead. */
export class EmbeddedSource implements RunSource {
  private readonly log: EmbeddedLog;
  private readonly states: PartitionState[] = [];
  private readonly ready = new ReadySignal();
  private turn = 0;
  private held = 0;
  /** Versions of the topics when everything was read. */
  private versionsAtEnd: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(log: EmbeddedLog, ranges: readonly PartitionRange[]) {
    this.log = log;
    for (const range of ranges) this.add(range);
  }

  add({ topic, partition, offset, end }: PartitionRange): void {
    this.states.push({ topic, partition, nextOffset: offset, end });
    this.versionsAtEnd = undefined;
  }

  take(): HeldRun | undefined {
    // Taken before reading: what is committed meanwhile is then seen as a change.
    const versions = this.versions();
    if (versions === this.versionsAtEnd) return undefined;
    for (let i = 0; i < this.states.length; i++) {
      const state = this.states[this.turn++ % this.states.length];
      const run = state.nextOffset < state.end ? this.read(state) : undefined;
      if (run !== undefined) return run;
    }
    this.versionsAtEnd = versions;
    return undefined;
  }

  private versions(): string {
    const topics = new Set(this.states.map(({ topic }) => topic));
    return [...topics].map((topic) => this.log.version(topic)).join();
  }

  onReady(callback: () => void): void {
    this.ready.wait(callback);
    if (this.timer !== undefined) return;
    const look = () => {
      this.timer = undefined;
      if (this.versions() === this.versionsAtEnd) this.timer = setTimeout(look, LOOK_EVERY_MS);
      else this.ready.fire();
    };
    this.timer = setTimeout(look, 0);
  }

  bytes(): number {
    return this.held;
  }

  endOffset(split: string): number {
    const { topic, partition } = partitionOfSplit(split);
    return this.log.endOffset(topic, partition);
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    this.log.close();
  }

  private read(state: PartitionState): HeldRun | undefined {
    const { topic, partition, end, nextOffset } = state;
    const read = this.log.read(topic, partition, nextOffset, READ_BYTES);
    if (read === undefined) return undefined;
    const view = new DataView(read.bytes.buffer);
    const run = {
      topic,
      partition,
      bytes: read.bytes,
      view,
      at: 0,
      end: read.length,
      nextOffset,
      toOffset: end,
      leaderEpoch: 0,
      whole: true,
      taken: false,
      aborted: undefined,
    };
    state.nextOffset = nextFetchOffset(view, 0, read.length, nextOffset);
    this.held += read.length;
    return { run, release: () => (this.held -= read.length) };
  }
}
