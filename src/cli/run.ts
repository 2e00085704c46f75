import { HeadwaterError } from '../data/errors.ts';
import type { SinkNode } from '../planner/physical.ts';
import { decodeCollected } from '../runtime/collected-rows.ts';
import type { Job } from '../runtime/job.ts';
import type { Platform } from '../runtime/platform.ts';
import type { CliOptions } from './arguments.ts';
import { jobOptions, openPlatform } from './open-platform.ts';
import { printLine } from './output.ts';
import { planFile, readSql } from './plan-file.ts';
import { serve } from './serve.ts';

/** `headwater run FILE.sql`: one job, served over HTTP while it runs. Resolves when it has ended well. */
export async function runCommand(cli: CliOptions, write: (text: string) => void): Promise<void> {
  const path = cli.positionals[0];
  if (path === undefined)
    throw new HeadwaterError('bad-arguments', 'headwater run expects a file: headwater run FILE.sql');
  const platform = openPlatform(cli.dataDir ?? '.headwater', cli.threads);
  try {
    const server = await serve(platform, cli, write);
    try {
      const job = await startJob(platform, path, cli, write);
      await untilEnd(job, cli);
      if (cli.keepServing && job.status === 'finished') await untilInterrupted(cli);
    } finally {
      await server.close();
    }
  } finally {
    await platform.shutdown();
  }
}

/** Plans and submits a file; shows print sinks, warnings, and what each connector resolved to. */
export async function startJob(
  platform: Platform,
  path: string,
  cli: CliOptions,
  write: (text: string) => void,
): Promise<Job> {
  const { script } = planFile(path, platform.options.connectors.registry, cli.settings);
  if (script.plan === undefined) {
    throw new HeadwaterError(
      'nothing-to-run',
      `${path} has no INSERT statement: expected at least one (headwater sql runs SELECTs)`,
    );
  }
  const plan = script.plan;
  for (const warning of plan.warnings) write(`warning: ${warning}\n`);
  for (const node of plan.nodes) {
    if (node.op !== 'source' && node.op !== 'sink') continue;
    const { options } = node.table;
    const where = options['properties.bootstrap.servers'] ?? '';
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
  platform.dir.rememberJob(job.name, readSql(path), {});
  return job;
}

/** Waits for the job's end; the first SIGINT or SIGTERM, or --duration, stops it with a checkpoint. */
export async function untilEnd(job: Job, cli: CliOptions): Promise<void> {
  const stop = (): void => void job.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const timer = cli.duration === undefined ? undefined : setTimeout(stop, cli.duration);
  const end = await job.done;
  clearTimeout(timer);
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  if (end.error !== undefined) throw end.error;
}

function untilInterrupted(cli: CliOptions): Promise<void> {
  return new Promise((resolve) => {
    const timer = cli.duration === undefined ? undefined : setTimeout(() => resolve(), cli.duration);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
}
