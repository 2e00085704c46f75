import { HeadwaterError } from '../data/errors.ts';
import { explainJson, explainPlan } from '../planner/index.ts';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import type { CliOptions } from './arguments.ts';
import { hideSecrets } from './hide-secrets.ts';
import { planFile } from './plan-file.ts';

/** `headwater explain FILE.sql`: the plan of its job and of its SELECTs; with --json one object a line. */
export function explainCommand(cli: CliOptions, write: (text: string) => void): void {
  const path = cli.positionals[0];
  if (path === undefined) throw new HeadwaterError('bad-arguments', 'headwater explain expects a file');
  const { script } = planFile(path, builtinConnectors().registry, cli.settings);
  // One object a line for programs: the answers of EXPLAIN statements are text for people.
  if (!cli.json) for (const text of script.explains) write(`${text}\n`);
  for (const plan of [...(script.plan === undefined ? [] : [script.plan]), ...script.queries]) {
    write(cli.json ? `${JSON.stringify(explainJson(plan), hideSecrets)}\n` : `${explainPlan(plan)}\n`);
  }
}
