import type { SplitRow } from '../checkpoint/epoch-commit.ts';
import { MAX_WATERMARK } from '../data/batch.ts';
import type { ChannelMemory } from './channel-memory.ts';
import type { Fanout } from './fanout.ts';
import type { InputGate } from './input-gate.ts';
import type { OperatorNode } from './operator-node.ts';
import type { SinkNode } from './sink-node.ts';
import type { RateLimit } from './rate-limit.ts';
import type { SourceNode } from './source-node.ts';

interface Parts {
  readonly sources: readonly SourceNode[];
  readonly operators: readonly OperatorNode[];
  readonly sinks: readonly SinkNode[];
  readonly gates: readonly { readonly gate: InputGate; readonly output: Fanout | undefined }[];
  readonly memories: readonly ChannelMemory[];
  readonly maxRows: number;
  readonly rateLimit: RateLimit | undefined;
  readonly monotonic: () => number;
  /** Wall clock, epoch milliseconds. */
  readonly now: () => number;
}

/** The running parts of a task: gates first (they free credit), then sources. */
export class TaskGraph {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Nodes that pass a barrier one by one (sources pass it together). */
  get nodeCount(): number {
    return this.parts.operators.length + this.parts.sinks.length;
  }

  /** Works until the deadline; true when there is more to do at once. */
  work(deadline: number, sourcesPaused: boolean): boolean {
    for (;;) {
      let progress = this.fireTimers();
      for (const { gate, output } of this.parts.gates) {
        if (output?.blocked === true) continue;
        if (gate.step()) progress = true;
      }
      for (const source of this.parts.sources) {
        if (sourcesPaused || source.finished || source.output.blocked) continue;
        if (this.step(source)) progress = true;
      }
      if (!progress) return false;
      if (this.parts.monotonic() >= deadline) return true;
    }
  }

  private step(source: SourceNode): boolean {
    const { maxRows, rateLimit, now } = this.parts;
    if (rateLimit === undefined) return source.step(maxRows);
    const rows = rateLimit.room(maxRows, now());
    if (rows === 0) return false;
    const before = source.rowsIn;
    const progress = source.step(rows);
    rateLimit.took(source.rowsIn - before, now());
    return progress;
  }

  /** Milliseconds until sources may read again under the rate limit; 0: they may. */
  limitedFor(): number {
    return this.parts.rateLimit?.wait(this.parts.now()) ?? 0;
  }

  /** When an operator has something to do by the wall clock; Infinity when none has. */
  nextTimer(): number {
    return this.parts.operators.reduce((next, node) => Math.min(next, node.nextTimer()), Infinity);
  }

  private fireTimers(): boolean {
    let fired = false;
    for (const node of this.parts.operators) {
      if (node.blocked || node.nextTimer() === Infinity) continue;
      const now = this.parts.now();
      if (node.nextTimer() > now) continue;
      node.onTimer(now);
      fired = true;
    }
    return fired;
  }

  /** Injects a barrier at the sources; gives their positions at that point. */
  sourceBarrier(epoch: number): { splits: SplitRow[]; finished: boolean } {
    const splits = this.parts.sources.flatMap((source) => source.positions());
    const finished = this.sourcesFinished();
    for (const source of this.parts.sources) source.output.barrier(epoch);
    return { splits, finished };
  }

  sourcesFinished(): boolean {
    return this.parts.sources.every((source) => source.finished);
  }

  stagedBytes(): number {
    return this.parts.sinks.reduce((sum, sink) => sum + sink.target.stagedBytes(), 0);
  }

  /** Event time reached by the source that is furthest behind. */
  eventTime(): number {
    return Math.min(MAX_WATERMARK, ...this.parts.sources.map((source) => source.eventTime()));
  }

  /** The largest pane of event time of the plan; 0 when windows play no part in it. */
  largestPane(): number {
    return Math.max(0, ...this.parts.sources.map((source) => source.largestPane()));
  }

  rowsIn(): number {
    return this.parts.sources.reduce((sum, source) => sum + source.rowsIn, 0);
  }

  bytesIn(): number {
    return this.parts.sources.reduce((sum, source) => sum + source.bytesIn, 0);
  }

  /** Lowest watermark that reached a sink. */
  watermark(): number {
    return Math.min(MAX_WATERMARK, ...this.parts.sinks.map((sink) => sink.lastWatermark));
  }

  /** Whether a source works through a backlog. */
  hasBacklog(now: number): boolean {
    return this.parts.sources.some((source) => source.hasBacklog(now));
  }

  lag(): number | undefined {
    const lags = this.parts.sources.map((source) => source.lag());
    return lags.some((lag) => lag === undefined) ? undefined : lags.reduce<number>((sum, lag) => sum + (lag ?? 0), 0);
  }

  /** Bytes held, and who holds the most. */
  bytes(): { total: number; largest: string; largestBytes: number } {
    const holders = [
      ...this.parts.operators.map((node) => ({ name: node.id, bytes: node.bytes() })),
      ...this.parts.sinks.map((sink) => ({ name: sink.id, bytes: sink.target.stagedBytes() })),
      ...this.parts.sources.map((source) => ({ name: source.id, bytes: source.bytesHeld() })),
      { name: 'channels', bytes: this.channelBytes() },
    ];
    const largest = holders.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    return {
      total: holders.reduce((sum, holder) => sum + holder.bytes, 0),
      largest: largest.name,
      largestBytes: largest.bytes,
    };
  }

  /** Rows that wait here, wherever they are, and the memory of the channels in which this task sends. */
  private channelBytes(): number {
    const { gates, memories } = this.parts;
    return (
      gates.reduce((sum, { gate }) => sum + gate.bytes(), 0) + memories.reduce((sum, memory) => sum + memory.bytes(), 0)
    );
  }

  async close(): Promise<void> {
    for (const sink of this.parts.sinks) sink.target.close();
    await Promise.all(this.parts.sources.map((source) => source.close()));
  }
}
