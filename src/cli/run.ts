import { HeadwaterError } from '../data/errors.ts';
import { describeAddress, parseRedisOptions } from '../connectors/redis/options.ts';
import type { ConnectorTable } from '../planner/connector.ts';
import type { HistoryRange } from '../planner/history.ts';
import type { PhysicalPlan, SinkNode } from '../planner/physical.ts';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import { decodeCollected } from '../runtime/collected-rows.ts';
import type { Job, JobOptions } from '../runtime/job.ts';
import { jobTotals } from '../runtime/job-totals.ts';
import type { Platform } from '../runtime/platform.ts';
import type { CliOptions } from './arguments.ts';
import { commandThreads, jobOptions } from './open-platform.ts';
import { printLine } from './output.ts';
import { planFile, settingsOf } from './plan-file.ts';
import { ServerClient } from './server-client.ts';
import type { StopSignal } from './stop-signal.ts';
import { whileOpen, whileServing } from './while-open.ts';

/** `headwater run FILE.sql`: one job, served over HTTP while it runs. Resolves when it has ended well. */
export async function runCommand(cli: CliOptions, write: (text: string) => void): Promise<void> {
  const path = cli.positionals[0];
  if (path === undefined)
    throw new HeadwaterError('bad-arguments', 'headwater run expects a file: headwater run FILE.sql');
  const dataDir = cli.dataDir ?? '.headwater';
  const client = await ServerClient.find(dataDir);
  if (client !== undefined) return submitTo(client, planJob(path, cli), cli, write);
  // When planning fails, they end with the process; nothing is opened before, so that wrong SQL leaves no data directory behind.
  const threads = commandThreads(cli.threads);
  const planned = planJob(path, cli);
  const runServed = (platform: Platform, stop: StopSignal): Promise<void> =>
    whileServing(platform, cli, write, async () => {
      const job = await startJob(platform, planned, cli, write);
      await untilEnd(job, cli, stop);
      write(summary(job));
      if (cli.keepServing && job.status === 'finished') await untilInterrupted(cli, stop);
    });
  await whileOpen(dataDir, cli, runServed, threads);
}

/** A server holds the data directory: it runs the job. */
async function submitTo(
  client: ServerClient,
  { plan, text }: PlannedJob,
  cli: CliOptions,
  write: (text: string) => void,
): Promise<void> {
  const local = {
    '--fresh': cli.fresh,
    '--accept-changed-state': cli.acceptChangedState.length > 0,
    '--rebuild': cli.rebuildTables.length > 0,
    '--duration': cli.duration !== undefined,
    '--keep-serving': cli.keepServing,
  };
  const given = Object.entries(local).find(([, is]) => is);
  if (given !== undefined) {
    throw new HeadwaterError(
      'data-dir-in-use',
      `${given[0]} is not possible while a server holds the data directory (${client.url}): expected none, or stop the server first`,
    );
  }
  for (const warning of plan.warnings) write(`warning: ${warning}\n`);
  const job = await client.submit(text, plan.jobName, settingsOf(text, cli.settings));
  write(cli.json ? `${JSON.stringify(job)}\n` : `${job.name} submitted to ${client.url}: ${job.status}\n`);
}

/** What a run did, for people and scripts. */
export function summary(job: Job): string {
  if (job.recovery?.action === 'already-finished') {
    return `${job.name} finished earlier, at epoch ${job.committedEpoch}: nothing to do (--fresh runs it anew)\n`;
  }
  const { rowsIn, lateRowsDropped, recordsSkipped } = jobTotals(job);
  const skipped = recordsSkipped === 0 ? '' : `skipped ${recordsSkipped} records that could not be decoded, `;
  return (
    `${job.name} ${job.status}: read ${rowsIn} rows, dropped ${lateRowsDropped} late rows, ` +
    `${skipped}committed ${job.epochsCommitted} epochs (last: ${job.committedEpoch}), wrote ${job.bytesWritten} bytes\n`
  );
}

export interface PlannedJob {
  readonly plan: PhysicalPlan;
  readonly text: string;
}

/** Plans the INSERTs of a file. Errors: `nothing-to-run`, and all of planning. */
export function planJob(path: string, cli: CliOptions, history?: HistoryRange): PlannedJob {
  const { script, text } = planFile(path, builtinConnectors().registry, cli.settings, history);
  if (script.plan === undefined) {
    throw new HeadwaterError(
      'nothing-to-run',
      `${path} has no INSERT statement: expected at least one (headwater sql runs SELECTs)`,
    );
  }
  return { plan: script.plan, text };
}

/** Submits a job; shows print sinks, warnings, and what each connector resolved to. `settings` are kept with its name. */
export async function startJob(
  platform: Platform,
  { plan, text }: PlannedJob,
  cli: CliOptions & Pick<JobOptions, 'rateLimit'>,
  write: (text: string) => void,
  settings: Readonly<Record<string, string>> = {},
): Promise<Job> {
  for (const warning of plan.warnings) write(`warning: ${warning}\n`);
  for (const node of plan.nodes) {
    if (node.op !== 'source' && node.op !== 'sink') continue;
    const { options } = node.table;
    const where = whereOf(node.table);
    write(`${node.op} ${node.table.name}: ${options.connector}${where === '' ? '' : ` at ${where}`}\n`);
  }
  platform.events.on('committed', (job, _commit, snapshots) => {
    if (job.plan !== plan) return;
    for (const part of snapshots.flatMap((snapshot) => snapshot.collected)) {
      const sink = plan.nodes[part.node] as SinkNode;
      for (const row of decodeCollected(sink.schema, part.bytes)) {
        write(printLine(sink.table.options['print-identifier'], sink.schema, row));
      }
    }
  });
  const job = await platform.submit(plan, jobOptions(plan, cli));
  platform.dir.rememberJob(job.name, text, settings);
  return job;
}

/** The address that a table's options resolve to, without secrets. */
function whereOf(table: ConnectorTable): string {
  const { options } = table;
  if (options.connector !== 'redis') return options['properties.bootstrap.servers'] ?? '';
  const { address } = parseRedisOptions(table);
  return address === undefined ? 'embedded' : describeAddress(address);
}

/** Waits for the job's end; SIGINT, SIGTERM or --duration stops it with a checkpoint. */
export async function untilEnd(job: Job, cli: CliOptions, signal: StopSignal): Promise<void> {
  const stop = (): void => void job.stop();
  void signal.asked.then(stop);
  const timer = cli.duration === undefined ? undefined : setTimeout(stop, cli.duration);
  const end = await job.done;
  clearTimeout(timer);
  if (end.error !== undefined) throw end.error;
}

export async function untilInterrupted(cli: CliOptions, signal: StopSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    if (cli.duration !== undefined) timer = setTimeout(resolve, cli.duration);
  });
  await Promise.race([passed, signal.asked]);
  clearTimeout(timer);
}
