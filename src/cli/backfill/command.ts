import { performance } from 'node:perf_hooks';
import { HeadwaterError } from '../../data/errors.ts';
import type { HistoryRange } from '../../planner/history.ts';
import type { Job } from '../../runtime/job.ts';
import { jobTotals } from '../../runtime/job-totals.ts';
import type { CliOptions } from '../arguments.ts';
import { planJob, type PlannedJob, startJob, summary, untilEnd, untilInterrupted } from '../run.ts';
import { ServerClient } from '../server-client.ts';
import type { StopSignal } from '../stop-signal.ts';
import { whileOpen, whileServing } from '../while-open.ts';
import { backfillOptions, checkSameRange, rangeSettings } from './options.ts';
import { type ProgressStyle, ProgressWatch } from './watch.ts';

/**
 * `headwater backfill FILE.sql`: the file over a range of history, as a job of its own beside the file's live one. It
 * goes on from its checkpoint after a kill, and ends when everything up to the end of the range is committed.
 */
export async function backfillCommand(cli: CliOptions, write: (text: string) => void): Promise<void> {
  const path = cli.positionals[0];
  if (path === undefined) {
    throw new HeadwaterError(
      'bad-arguments',
      'headwater backfill expects a file: headwater backfill FILE.sql --from TIME',
    );
  }
  const { range, rateLimit } = backfillOptions(cli.history);
  const planned = backfillOf(planJob(path, cli, range));
  const dataDir = cli.dataDir ?? '.headwater';
  const client = await ServerClient.find(dataDir);
  if (client !== undefined) {
    throw new HeadwaterError(
      'data-dir-in-use',
      `a server holds the data directory (${client.url}): expected another --data-dir for the backfill, or no server`,
    );
  }
  const say = cli.json ? (text: string) => void process.stderr.write(text) : write;
  await whileOpen(dataDir, cli, async (platform, stop) => {
    const kept = cli.fresh ? undefined : platform.dir.rememberedSettings(planned.plan.jobName);
    if (kept !== undefined) checkSameRange(planned.plan.jobName, kept, range);
    await whileServing(platform, cli, say, async () => {
      const begin = performance.now();
      const job = await startJob(platform, planned, { ...cli, rateLimit }, say, rangeSettings(range));
      await watched(job, range, cli, stop, write);
      write(cli.json ? `${totals(job, performance.now() - begin)}\n` : summary(job));
      if (cli.keepServing && job.status === 'finished') await untilInterrupted(cli, stop);
    });
  });
}

/** Its own name, and so its own state: the file's live job is not touched. */
function backfillOf({ plan, text }: PlannedJob): PlannedJob {
  return { plan: { ...plan, jobName: `${plan.jobName}-backfill` }, text };
}

async function watched(
  job: Job,
  range: HistoryRange,
  cli: CliOptions,
  stop: StopSignal,
  write: (text: string) => void,
): Promise<void> {
  const watch = new ProgressWatch(job, range, styleOf(cli), write);
  try {
    await untilEnd(job, cli, stop);
  } finally {
    watch.stop();
  }
}

function styleOf(cli: CliOptions): ProgressStyle {
  if (cli.json) return 'json';
  return process.stdout.isTTY ? 'in-place' : 'lines';
}

function totals(job: Job, elapsed: number): string {
  const { rowsIn, lateRowsDropped, recordsSkipped } = jobTotals(job);
  return JSON.stringify({
    job: job.name,
    status: job.status,
    alreadyFinished: job.recovery?.action === 'already-finished',
    rows: rowsIn,
    lateRowsDropped,
    recordsSkipped,
    epoch: job.committedEpoch,
    seconds: Math.round(elapsed) / 1000,
    rowsPerSecond: Math.round((rowsIn * 1000) / Math.max(1, elapsed)),
  });
}
