import type { SplitRow } from '../checkpoint/epoch-commit.ts';
import { type Batch, MAX_WATERMARK, MIN_WATERMARK } from '../data/batch.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { SourcePoll, SourceReader, SplitPosition } from '../connectors/contracts.ts';
import { type Calc, compileCalc, RowError } from '../expressions/index.ts';
import { mergeWatermarks } from '../operators/watermark-merge.ts';
import { type SegmentTarget, WatermarkGenerator } from '../operators/watermark.ts';
import { sessionZone } from '../planner/physical.ts';
import { type ClockedPane, clockedPanes, nextCrossing } from '../operators/window-time.ts';
import { unknownConnector } from './connector-errors.ts';
import { connectorContext } from './connector-context.ts';
import { sourceSpec } from './discovery.ts';
import type { Fanout } from './fanout.ts';
import type { TaskSpec } from './messages.ts';
import type { SourceChain } from './source-chain.ts';
import type { GraphContext } from './task-graph.ts';

export { sourceChains } from './source-chain.ts';

interface OpenSplit {
  readonly id: string;
  position: SplitPosition;
  watermark: number;
  finished: boolean;
  lastActive: number;
}

/** A source that has had something to read at every poll for this long works through a backlog. */
const BACKLOG_MS = 1000;

type RowsPoll = Extract<SourcePoll, { type: 'rows' }>;

/** Opens a source's reader for this task's splits. */
export async function openSource(
  chain: SourceChain,
  spec: TaskSpec,
  output: Fanout,
  context: GraphContext,
): Promise<SourceNode> {
  const name = chain.source.table.options.connector;
  const connector = context.connectors.sources.get(name);
  if (connector === undefined) throw unknownConnector(name, 'source');
  const rows = spec.splits.filter((row) => row.source === chain.source.id);
  const open = rows.filter((row) => !row.finished).map((row) => ({ split: { id: row.split }, position: row.position }));
  const reader = await connector.open(sourceSpec(chain.source), open, connectorContext(chain.source.id, spec, context));
  return new SourceNode(chain, rows, reader, output, sessionZone(spec.plan), context);
}

/** The source loop of one source in one task: polls, applies computed columns, generates watermarks, pushes. */
export class SourceNode implements SegmentTarget {
  readonly id: string;
  readonly output: Fanout;
  finished = false;
  rowsIn = 0;
  bytesIn = 0;
  private readonly chain: SourceChain;
  private readonly reader: SourceReader;
  private readonly context: GraphContext;
  private readonly calc: Calc | undefined;
  private readonly generator: WatermarkGenerator | undefined;
  private readonly splits = new Map<string, OpenSplit>();
  private merged = MIN_WATERMARK;
  private readonly panes: readonly ClockedPane[];
  private boundary: number;
  private waiting = false;
  /** It waits with everything read that is there. */
  private caughtUp = false;
  private caughtUpAt: number;
  private idleTimer: NodeJS.Timeout | undefined;

  constructor(
    chain: SourceChain,
    rows: readonly SplitRow[],
    reader: SourceReader,
    output: Fanout,
    zone: string,
    context: GraphContext,
  ) {
    this.id = chain.source.id;
    this.output = output;
    this.chain = chain;
    this.reader = reader;
    this.context = context;
    const { calc, watermark } = chain;
    const expressions = { zone, now: context.now, watermark: () => this.merged };
    this.calc = calc && compileCalc(calc.filter, calc.projections, expressions);
    this.generator = watermark && new WatermarkGenerator(watermark, expressions);
    this.panes = clockedPanes(watermark?.panes ?? [], zone);
    this.boundary = nextCrossing(MIN_WATERMARK, this.panes);
    const now = context.monotonic();
    this.caughtUpAt = now;
    for (const row of rows) {
      this.splits.set(row.split, {
        id: row.split,
        position: row.position,
        watermark: row.watermark,
        finished: row.finished,
        lastActive: now,
      });
      if (row.watermark > MIN_WATERMARK) this.generator?.set(row.split, row.watermark);
    }
  }

  /** One poll; false when there was nothing to read. */
  step(maxRows: number): boolean {
    if (this.waiting) return this.stillWaiting();
    const poll = this.reader.poll(maxRows);
    switch (poll.type) {
      case 'rows':
        this.onRows(poll);
        return true;
      case 'split-found':
        this.addSplit(poll.splitId, poll.position);
        return true;
      case 'split-finished':
        this.split(poll.splitId).finished = true;
        this.forwardWatermark();
        return true;
      case 'finished':
        for (const split of this.splits.values()) split.finished = true;
        this.forward(MAX_WATERMARK);
        this.finished = true;
        return true;
      case 'wait':
        this.wait(poll.behind === true);
        return false;
    }
  }

  private addSplit(id: string, position: SplitPosition): void {
    const lastActive = this.context.monotonic();
    this.splits.set(id, { id, position, watermark: MIN_WATERMARK, finished: false, lastActive });
  }

  private onRows(poll: RowsPoll): void {
    const split = this.split(poll.splitId);
    split.lastActive = this.context.monotonic();
    this.rowsIn += poll.batch.selectedCount;
    this.bytesIn += poll.bytes;
    try {
      const batch = this.calc === undefined ? poll.batch : this.calc.run(poll.batch);
      if (batch !== undefined) this.push(poll, batch);
    } catch (error) {
      throw error instanceof RowError ? locate(error, poll) : error;
    }
    split.position = poll.position;
  }

  private push(poll: RowsPoll, batch: Batch): void {
    if (this.generator === undefined) this.output.emit(batch);
    else this.generator.process(poll.splitId, batch, this, poll.describeRow);
  }

  rows(batch: Batch): void {
    this.output.emit(batch);
  }

  watermark(splitId: string, time: number): void {
    this.split(splitId).watermark = time;
    this.forwardWatermark();
  }

  /** Forwards the merged watermark when it rose across a pane boundary: nothing behind could tell values in between. */
  private forwardWatermark(): void {
    const splits = [...this.splits.values()];
    const merged = mergeWatermarks(splits, this.context.monotonic(), this.chain.watermark?.idleTimeout ?? 0);
    // All at their ends: the last word is the reader's, who may find more.
    if (merged === undefined || merged === MAX_WATERMARK) return;
    // Sessions may close at any time.
    const always = this.panes.length === 0 || this.chain.watermark?.sessions === true;
    if (!always && merged < this.boundary) return;
    this.boundary = nextCrossing(merged, this.panes);
    this.forward(merged);
  }

  private forward(time: number): void {
    if (time <= this.merged) return;
    this.merged = time;
    this.output.watermark(time);
  }

  private wait(behind: boolean): void {
    this.waiting = true;
    this.caughtUp = !behind;
    this.reader.onReady(() => {
      this.waiting = false;
      if (!behind) this.caughtUpAt = this.context.monotonic();
      this.caughtUp = false;
      this.context.wake();
    });
    const idle = this.chain.watermark?.idleTimeout ?? 0;
    if (idle > 0) {
      clearTimeout(this.idleTimer);
      this.idleTimer = setTimeout(() => this.context.wake(), idle);
    }
  }

  /** While it waits, splits may become idle. */
  private stillWaiting(): boolean {
    if ((this.chain.watermark?.idleTimeout ?? 0) > 0) this.forwardWatermark();
    return false;
  }

  /** Event time reached by the split that is furthest behind; MAX_WATERMARK when none is left to read. */
  eventTime(): number {
    let time = MAX_WATERMARK;
    for (const split of this.splits.values()) {
      if (!split.finished) time = Math.min(time, this.generator?.get(split.id) ?? MAX_WATERMARK);
    }
    return time;
  }

  /** The largest pane that the plan cuts this source's event time into; 0 when it cuts none. */
  largestPane(): number {
    return Math.max(0, ...(this.chain.watermark?.panes ?? []).map((pane) => pane.size));
  }

  /** The positions to save with a barrier. */
  positions(): SplitRow[] {
    return [...this.splits.values()].map((split) => ({
      source: this.id,
      split: split.id,
      position: split.position,
      watermark: this.generator === undefined ? split.watermark : this.generator.get(split.id),
      finished: split.finished,
    }));
  }

  private split(id: string): OpenSplit {
    const split = this.splits.get(id);
    if (split === undefined)
      throw new Error(`source ${this.id} gave rows of split ${id}, which it was not asked to read`);
    return split;
  }

  /** Whether it has been behind what is there to read for a while. */
  hasBacklog(now: number): boolean {
    return !this.finished && !this.caughtUp && now - this.caughtUpAt >= BACKLOG_MS;
  }

  lag(): number | undefined {
    return this.reader.lag();
  }

  bytesHeld(): number {
    return this.reader.bytes();
  }

  async close(): Promise<void> {
    clearTimeout(this.idleTimer);
    await this.reader.close();
  }
}

/** Adds where the row came from. */
function locate(error: RowError, poll: RowsPoll): HeadwaterError {
  return new HeadwaterError(error.code, `${error.message} (${poll.describeRow(error.row)})`, {
    kind: 'runtime',
    cause: error,
  });
}
