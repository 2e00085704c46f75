import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PhysicalPlan, SinkNode } from '../planner/physical.ts';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import { decodeCollected } from '../runtime/collected-rows.ts';
import type { Platform } from '../runtime/platform.ts';
import type { CliOptions } from './arguments.ts';
import { commandThreads, jobOptions, openPlatform } from './open-platform.ts';
import { rowPrinter } from './output.ts';
import { planText, readSql } from './plan-file.ts';

/**
 * `headwater sql`: runs the SELECTs of a script, one after the other, and shows their rows as epochs commit; without a
 * script it is a shell.
 */
export async function sqlCommand(cli: CliOptions, write: (text: string) => void): Promise<void> {
  const text = cli.execute ?? (cli.file === undefined ? undefined : readSql(cli.file));
  if (text === undefined) {
    const { Shell } = await import('./shell/shell.ts');
    return new Shell(cli, write, process.stdin.isTTY === true).run();
  }
  // When planning fails, they end with the process.
  const threads = commandThreads(cli.threads);
  const script = planText(text, 'sql', builtinConnectors().registry, cli.settings);
  for (const explain of script.explains) write(`${explain}\n`);
  const plans = [...script.queries, ...(script.plan === undefined ? [] : [script.plan])];
  if (plans.length === 0) return;
  const stateDir = mkdtempSync(join(tmpdir(), 'headwater-sql-'));
  const platform = openPlatform(cli.dataDir ?? '.headwater', threads, stateDir);
  try {
    for (const plan of plans) await runQuery(platform, plan, cli, write);
  } finally {
    await platform.shutdown();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function runQuery(
  platform: Platform,
  plan: PhysicalPlan,
  cli: CliOptions,
  write: (text: string) => void,
): Promise<void> {
  const sink = plan.nodes.find((node): node is SinkNode => node.op === 'sink');
  const printer =
    sink?.table.options.connector === 'collect'
      ? rowPrinter(cli.output, sink.schema, sink.mode !== 'append', write)
      : undefined;
  platform.events.on('committed', (job, _commit, snapshots) => {
    if (job.plan !== plan || printer === undefined || sink === undefined) return;
    for (const snapshot of snapshots) {
      for (const part of snapshot.collected) printer.rows(decodeCollected(sink.schema, part.bytes));
    }
  });
  const job = await platform.submit(plan, jobOptions(plan, cli));
  const stop = (): void => void job.stop();
  process.once('SIGINT', stop);
  const timer = cli.duration === undefined ? undefined : setTimeout(stop, cli.duration);
  const end = await job.done;
  clearTimeout(timer);
  process.off('SIGINT', stop);
  platform.events.removeAllListeners('committed');
  if (end.error !== undefined) throw end.error;
  printer?.finish();
}
