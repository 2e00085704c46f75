import type { SplitRow } from '../checkpoint/epoch-commit.ts';
import type { ConnectorContext, ProgressReporter } from '../connectors/contracts.ts';
import type { PhysicalPlan, SourceNode } from '../planner/physical.ts';
import type { ConnectorSet } from './connector-set.ts';

/** A last report may take so long when a job ends. */
const LAST_REPORT_MS = 2_000;

type Host = Pick<ConnectorContext, 'dataDir' | 'now' | 'random' | 'log'>;

/** Tells consumer groups how far the checkpoints of jobs have come. One report of a source is on its way at a time. */
export class ProgressReports {
  private readonly connectors: ConnectorSet;
  private readonly host: Host;
  private readonly jobs = new Map<string, SourceReports[]>();

  constructor(connectors: ConnectorSet, host: Host) {
    this.connectors = connectors;
    this.host = host;
  }

  async follow(plan: PhysicalPlan): Promise<void> {
    const sources = plan.nodes.filter((node) => node.op === 'source');
    const reports = await Promise.all(sources.map((node) => this.open(node)));
    this.jobs.set(plan.jobName, reports.flat());
  }

  private async open(node: SourceNode): Promise<SourceReports[]> {
    const { table } = node;
    const reporter = await this.connectors.sources.get(table.options.connector)?.reporter?.(table, this.host);
    return reporter === undefined ? [] : [new SourceReports(node, reporter, this.host)];
  }

  /** The splits' positions are durable. */
  onCommitted(job: string, splits: readonly SplitRow[]): void {
    for (const reports of this.jobs.get(job) ?? []) reports.offer(splits);
  }

  /** Ends the job's reports with its last positions. */
  async drain(job: string): Promise<void> {
    await this.end(job, LAST_REPORT_MS);
  }

  /** Ends the job's reports. */
  async leave(job: string): Promise<void> {
    await this.end(job, 0);
  }

  private async end(job: string, waitMs: number): Promise<void> {
    const reports = this.jobs.get(job) ?? [];
    this.jobs.delete(job);
    await Promise.all(reports.map((of) => of.end(waitMs)));
  }
}

class SourceReports {
  private readonly node: SourceNode;
  private readonly reporter: ProgressReporter;
  private readonly host: Host;
  private wanted: readonly SplitRow[] | undefined;
  private reported = '';
  private working: Promise<void> | undefined;
  private failing = false;
  private ended = false;

  constructor(node: SourceNode, reporter: ProgressReporter, host: Host) {
    this.node = node;
    this.reporter = reporter;
    this.host = host;
  }

  offer(splits: readonly SplitRow[]): void {
    this.wanted = splits.filter((row) => row.source === this.node.id);
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  private async work(): Promise<void> {
    while (this.wanted !== undefined && !this.ended) {
      const splits = this.wanted;
      this.wanted = undefined;
      const text = JSON.stringify(splits.map(({ split, position }) => [split, position]));
      if (splits.length === 0 || text === this.reported) continue;
      try {
        await this.reporter.report(splits);
        this.reported = text;
        this.failing = false;
      } catch (error) {
        this.warn(error);
      }
    }
  }

  /** Once in an outage. */
  private warn(error: unknown): void {
    if (this.failing || this.ended) return;
    this.failing = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.host.log('warn', `table ${this.node.table.name}: how far it was read cannot be told: ${reason}`);
  }

  async end(waitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
    if (waitMs > 0) await Promise.race([this.working, late]);
    clearTimeout(timer);
    this.ended = true;
    await Promise.race([
      this.reporter.close().catch(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 500).unref()),
    ]);
  }
}
