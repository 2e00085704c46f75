import { HeadwaterError } from '../data/errors.ts';
import { explainPlan } from '../planner/index.ts';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import type { CliOptions } from './arguments.ts';
import { planFile } from './plan-file.ts';

/** `headwater explain FILE.sql`: the plan of its job and of its SELECTs. */
export function explainCommand(cli: CliOptions, write: (text: string) => void): void {
  const { script } = plan(cli);
  for (const text of script.explains) write(`${text}\n`);
  for (const query of [...(script.plan === undefined ? [] : [script.plan]), ...script.queries]) {
    write(cli.json ? `${JSON.stringify(query)}\n` : `${explainPlan(query)}\n`);
  }
}

/** `headwater validate FILE.sql`: says what the file holds, or what is wrong with it (exit code 2). */
export function validateCommand(cli: CliOptions, write: (text: string) => void): void {
  const { script } = plan(cli);
  const sinks = script.plan?.nodes.filter((node) => node.op === 'sink').length ?? 0;
  write(`valid: ${sinks} INSERT, ${script.queries.length} SELECT\n`);
}

function plan(cli: CliOptions) {
  const path = cli.positionals[0];
  if (path === undefined) throw new HeadwaterError('bad-arguments', `headwater ${cli.command} expects a file`);
  return planFile(path, builtinConnectors().registry, cli.settings);
}
