import type { MessagePort } from 'node:worker_threads';
import type { SchemaRow, StateRow } from '../checkpoint/epoch-commit.ts';
import { MAX_WATERMARK, MIN_WATERMARK } from '../data/batch.ts';
import { SlabPool } from '../data/slab-pool.ts';
import type { ConnectorSet } from './connector-set.ts';
import type { CollectedRows, EngineReport, TaskCounters, TaskSnapshot, TaskSpec } from './messages.ts';
import { MEMORY_CHECK_MS, MemoryGuard, mustWaitForCommits } from './memory-guard.ts';
import { Pacing } from './pacing.ts';
import { PeerLink } from './peer-channel.ts';
import { serializeError } from './serialized-error.ts';
import type { SinkOutput } from './sink-node.ts';
import { buildTaskGraph, type TaskGraph } from './task-graph.ts';

export interface TaskHost {
  readonly connectors: ConnectorSet;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly checked: boolean;
  report(report: EngineReport): void;
  /** The task may have something to do. */
  wake(): void;
}

type Report = EngineReport extends infer R
  ? R extends EngineReport
    ? Omit<R, 'job' | 'task' | 'generation'>
    : never
  : never;

interface OpenSnapshot {
  waitingFor: number;
  readonly state: StateRow[];
  readonly outputs: SinkOutput['outputs'][number][];
  readonly collected: CollectedRows[];
  splits: TaskSnapshot['splits'];
  schemas: SchemaRow[];
  sourcesFinished: boolean;
}

const STATS_MS = 100;
/** The longest that a timer of Node waits, less a little. */
const MAX_WAIT_MS = 2_000_000_000;
const PACE_CHECK_MS = 1;

/** One task of a job: its share of all operators, run in turns on an engine thread. */
export class Task {
  readonly spec: TaskSpec;
  private readonly host: TaskHost;
  private readonly links: PeerLink[] = [];
  private readonly slabs: SlabPool[] = [];
  private readonly snapshots = new Map<number, OpenSnapshot>();
  private readonly fullEpochs = new Set<number>();
  private readonly named = new Map<string, number>();
  private readonly memory: MemoryGuard;
  private readonly newSchemas: SchemaRow[] = [];
  private graph: TaskGraph | undefined;
  private running = false;
  private paused = false;
  private disposed = false;
  private reportedFinished = false;
  private reportedStaged = 0;
  private reportedBacklog = false;
  private nextStats = 0;
  private recheck: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;
  private pacing: Pacing | undefined;

  constructor(spec: TaskSpec, host: TaskHost) {
    this.spec = spec;
    this.host = host;
    this.memory = new MemoryGuard(spec.task, spec.memoryLimit, {
      monotonic: host.monotonic,
      warn: (message) => this.send({ type: 'log', level: 'warn', message }),
    });
  }

  async deploy(peers: readonly (MessagePort | undefined)[]): Promise<void> {
    try {
      const links = peers.map((port) => (port === undefined ? undefined : new PeerLink(port, () => this.host.wake())));
      for (const link of links) if (link !== undefined) this.links.push(link);
      const graph = await buildTaskGraph(this.spec, links, {
        connectors: this.host.connectors,
        now: this.host.now,
        monotonic: this.host.monotonic,
        checked: this.host.checked,
        wake: () => this.host.wake(),
        count: (name, by) => this.named.set(name, (this.named.get(name) ?? 0) + by),
        log: (level, message) => this.send({ type: 'log', level, message }),
        onSchema: (row) => this.newSchemas.push(row),
        newSlabs: () => {
          const slabs = new SlabPool();
          this.slabs.push(slabs);
          return slabs;
        },
        isFull: (epoch) => this.fullEpochs.has(epoch),
        onOperatorBarrier: (epoch, state) => this.passed(epoch, (open) => open.state.push(...state)),
        onSinkBarrier: (epoch, output) =>
          this.passed(epoch, (open) => {
            open.outputs.push(...output.outputs);
            open.collected.push(...output.collected);
          }),
      });
      if (this.disposed) {
        await graph.close();
        return;
      }
      this.graph = graph;
      const pane = graph.largestPane();
      if (this.spec.parallelism > 1 && pane > 0) this.pacing = new Pacing(this.spec.pace, this.spec.task, pane);
      this.send({ type: 'ready' });
    } catch (error) {
      this.fail(error);
    }
  }

  start(): void {
    this.running = true;
    this.host.wake();
  }

  /** Sources read nothing while paused; what is on its way goes on. */
  pause(paused: boolean): void {
    this.paused = paused;
    this.memory.forgive();
    this.host.wake();
  }

  /** Works until the deadline (monotonic ms) or until there is nothing to do; true when there is more. */
  turn(deadline: number): boolean {
    if (!this.running || this.disposed || this.graph === undefined) return false;
    try {
      const { graph } = this;
      const ahead = this.pacing?.isAhead(graph.eventTime()) ?? false;
      const waits = this.isAheadOfCommits(graph);
      const paused = this.paused || waits || this.overMemoryLimit(graph);
      const more = graph.work(deadline, paused || ahead);
      this.pacing?.note(graph.eventTime(), more);
      this.reportProgress(graph);
      // Over its limit and with nothing else to do, nothing would wake it to see whether that helped.
      if (!more && this.memory.pausing) this.wakeIn(MEMORY_CHECK_MS);
      else if (!more && (ahead || waits)) this.wakeIn(PACE_CHECK_MS);
      else if (!more && !paused) this.wakeWhenAllowed(graph);
      if (!more) this.wakeAt(graph.nextTimer());
      return more;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  barrier(epoch: number, full: boolean): void {
    const graph = this.graph;
    if (graph === undefined || this.disposed) return;
    if (full) this.fullEpochs.add(epoch);
    this.snapshots.set(epoch, {
      waitingFor: graph.nodeCount + 1,
      state: [],
      outputs: [],
      collected: [],
      splits: [],
      schemas: [],
      sourcesFinished: false,
    });
    try {
      const sources = graph.sourceBarrier(epoch);
      this.passed(epoch, (open) => {
        open.splits = sources.splits;
        open.sourcesFinished = sources.finished;
        open.schemas = this.newSchemas.splice(0);
      });
    } catch (error) {
      this.fail(error);
    }
    this.host.wake();
  }

  /** What the task handed to this epoch, and to earlier ones, is not read any more. */
  release(epoch: number): void {
    for (const slabs of this.slabs) slabs.release(epoch);
  }

  private overMemoryLimit(graph: TaskGraph): boolean {
    return this.memory.check(
      () => graph.bytes(),
      () => this.bytesInFlight(),
    );
  }

  private isAheadOfCommits(graph: TaskGraph): boolean {
    return mustWaitForCommits(this.bytesInFlight(), graph.stagedBytes());
  }

  private bytesInFlight(): number {
    return this.slabs.reduce((sum, slabs) => sum + slabs.inFlightBytes(), 0);
  }

  /** A node (or the sources as a whole) has seen the barrier; the last one completes the snapshot. */
  private passed(epoch: number, add: (open: OpenSnapshot) => void): void {
    const open = this.snapshots.get(epoch);
    if (open === undefined) throw new Error(`barrier ${epoch} reached a node before the task was told of it`);
    add(open);
    open.waitingFor -= 1;
    if (open.waitingFor > 0) return;
    this.snapshots.delete(epoch);
    const full = this.fullEpochs.delete(epoch);
    this.reportedStaged = 0;
    const snapshot: TaskSnapshot = {
      epoch,
      full,
      state: open.state,
      splits: open.splits,
      schemas: open.schemas,
      outputs: open.outputs,
      collected: open.collected,
      counters: this.counters(),
      sourcesFinished: open.sourcesFinished,
    };
    this.send({ type: 'snapshot', snapshot });
  }

  private counters(): TaskCounters {
    const graph = this.graph;
    if (graph === undefined) throw new Error('counters of a task without a graph');
    return {
      rowsIn: graph.rowsIn(),
      bytesIn: graph.bytesIn(),
      watermark: Math.min(MAX_WATERMARK, Math.max(MIN_WATERMARK, graph.watermark())),
      eventTime: graph.eventTime(),
      stateBytes: graph.bytes().total,
      lag: graph.lag(),
      named: Object.fromEntries(this.named),
    };
  }

  private reportProgress(graph: TaskGraph): void {
    const now = this.host.monotonic();
    const backlog = graph.hasBacklog(now);
    if (backlog !== this.reportedBacklog) {
      this.reportedBacklog = backlog;
      this.send({ type: 'backlog', backlog });
    }
    const staged = graph.stagedBytes();
    if (staged > 0 && (this.reportedStaged === 0 || staged > 2 * this.reportedStaged)) {
      this.send({ type: 'staged', bytes: staged - this.reportedStaged });
      this.reportedStaged = staged;
    }
    if (now >= this.nextStats) {
      this.nextStats = now + STATS_MS;
      this.send({ type: 'stats', counters: this.counters() });
    }
    if (!this.reportedFinished && graph.sourcesFinished()) {
      this.reportedFinished = true;
      this.send({ type: 'sources-finished' });
    }
  }

  /** Timers of the wall clock go off without rows. */
  private wakeAt(time: number): void {
    clearTimeout(this.timer);
    if (time === Infinity) return;
    this.timer = setTimeout(() => this.host.wake(), Math.min(Math.max(time - this.host.now(), 0), MAX_WAIT_MS));
  }

  private wakeWhenAllowed(graph: TaskGraph): void {
    const wait = graph.limitedFor();
    if (wait > 0) this.wakeIn(wait);
  }

  private wakeIn(ms: number): void {
    clearTimeout(this.recheck);
    this.recheck = setTimeout(() => this.host.wake(), ms);
  }

  private fail(error: unknown): void {
    if (this.disposed) return;
    this.running = false;
    this.send({ type: 'failed', error: serializeError(error) });
  }

  private send(report: Report): void {
    if (this.disposed) return;
    const { job, task, generation } = this.spec;
    this.host.report({ ...report, job, task, generation });
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    this.running = false;
    clearTimeout(this.recheck);
    clearTimeout(this.timer);
    for (const link of this.links) link.close();
    await this.graph?.close();
  }
}
