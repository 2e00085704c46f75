import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PhysicalPlan, SinkNode } from '../../planner/physical.ts';
import type { CollectedRow } from '../../runtime/collected-rows.ts';
import { decodeCollected } from '../../runtime/collected-rows.ts';
import type { Platform } from '../../runtime/platform.ts';
import type { CliOptions } from '../arguments.ts';
import { commandThreads, jobOptions, openPlatform } from '../open-platform.ts';

/** A running query of the shell. */
export interface RunningQuery {
  /** Resolves when it has ended, rejects with its error. */
  readonly done: Promise<void>;
  stop(): void;
}

/** Runs the queries of a session, one at a time, over the data directory's log; their state lies aside and goes with it. */
export class QueryRunner {
  private platform: Platform | undefined;
  private readonly stateDir = mkdtempSync(join(tmpdir(), 'headwater-sql-'));
  private readonly cli: CliOptions;

  constructor(cli: CliOptions) {
    this.cli = cli;
  }

  /** Threads start with the first query. `onRows` gets what each epoch commits. */
  async start(
    plan: PhysicalPlan,
    onRows: (rows: readonly CollectedRow[], sink: SinkNode) => void,
  ): Promise<RunningQuery> {
    const { dataDir = '.headwater', threads } = this.cli;
    this.platform ??= openPlatform(dataDir, commandThreads(threads), this.stateDir);
    const { platform } = this;
    platform.events.removeAllListeners('committed');
    platform.events.on('committed', (job, _commit, snapshots) => {
      if (job.plan !== plan) return;
      for (const part of snapshots.flatMap((snapshot) => snapshot.collected)) {
        const sink = plan.nodes[part.node] as SinkNode;
        onRows(decodeCollected(sink.schema, part.bytes), sink);
      }
    });
    for (const name of platform.jobs.keys()) this.forget(platform, name);
    const job = await platform.submit(plan, jobOptions(plan, { ...this.cli, fresh: true }));
    const done = job.done.then(({ error }) => {
      if (error !== undefined) throw error;
    });
    return { done, stop: () => void job.stop() };
  }

  /** Tables of an earlier statement may be written again. */
  private forget(platform: Platform, name: string): void {
    platform.jobs.delete(name);
    for (const [table, served] of platform.tables) if (served.job === name) platform.tables.delete(table);
  }

  async close(): Promise<void> {
    await this.platform?.shutdown();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
