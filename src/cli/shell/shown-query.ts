import { performance } from 'node:perf_hooks';
import type { PhysicalPlan, SinkNode } from '../../planner/physical.ts';
import { printLine, rowTexts } from '../output.ts';
import { LiveRows } from './live-rows.ts';
import type { QueryRunner, RunningQuery } from './runner.ts';
import { liveText, redraw } from './terminal.ts';
import { textTable } from './text-table.ts';

const REDRAW_MS = 200;
/** Different rows that a terminal keeps of a result that only grows: it may have no end. */
const KEPT_ROWS = 10_000;
/** Lines around the rows of a live table: its frame, head and status, and the prompt. */
const LINES_AROUND = 7;

/** The size of a terminal. */
interface Screen {
  readonly rows: number;
  readonly columns: number;
}

/** A query while it runs: on a terminal its result is drawn again in place, otherwise the final rows are shown. */
export class ShownQuery {
  private readonly plan: PhysicalPlan;
  private readonly runner: QueryRunner;
  private readonly write: (text: string) => void;
  private readonly screen: Screen | undefined;
  private readonly columns: readonly string[];
  private readonly rows: LiveRows;
  private query: RunningQuery | undefined;
  private stopped = false;
  private drawn = 0;

  constructor(plan: PhysicalPlan, runner: QueryRunner, write: (text: string) => void, screen: Screen | undefined) {
    const sink = plan.nodes.find((node): node is SinkNode => node.op === 'sink');
    if (sink === undefined) throw new Error('a plan has a sink');
    this.plan = plan;
    this.runner = runner;
    this.write = write;
    this.screen = screen;
    this.columns = sink.schema.map((field) => field.name);
    const most = screen !== undefined && sink.mode === 'append' ? KEPT_ROWS : Infinity;
    this.rows = new LiveRows((row) => rowTexts(sink.schema, row), most);
  }

  stop(): void {
    this.stopped = true;
    this.query?.stop();
  }

  /** The number of rows at its end. */
  async run(): Promise<number> {
    const started = performance.now();
    const select = this.plan.nodes.some((node) => node.op === 'sink' && node.table.options.connector === 'collect');
    this.query = await this.runner.start(this.plan, (rows, sink) => {
      if (select) this.rows.apply(rows);
      else this.write(rows.map((row) => printLine(sink.table.options['print-identifier'], sink.schema, row)).join(''));
    });
    if (this.stopped) this.query.stop();
    const live = this.screen !== undefined && select;
    const timer = live ? setInterval(() => this.draw(started), REDRAW_MS) : undefined;
    try {
      await this.query.done;
    } finally {
      clearInterval(timer);
      if (this.drawn > 0) this.write(`\x1b[${this.drawn}A\r\x1b[J`);
    }
    if (this.rows.size > 0) this.write(`${textTable(this.columns, this.rows.last(Infinity))}\n`);
    return this.rows.size;
  }

  private draw(started: number): void {
    if (this.screen === undefined) return;
    const view = {
      columns: this.columns,
      rows: this.rows.last(Math.max(1, this.screen.rows - LINES_AROUND)),
      total: this.rows.size,
      seconds: (performance.now() - started) / 1000,
      width: this.screen.columns,
    };
    const text = liveText(view);
    this.write(redraw(this.drawn, text));
    this.drawn = text.split('\n').length;
  }
}
