import { HeadwaterError } from '../data/errors.ts';
import { checkScript } from '../planner/index.ts';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import { formatSqlError, parseAll } from '../sql/index.ts';
import type { CliOptions } from './arguments.ts';
import { jobNameOf, readSql } from './plan-file.ts';

/**
 * `headwater validate FILE.sql`: says what the file holds, or all that is wrong with it, in the order of the file. The
 * exit code: 0, or 2 when something is wrong. With --json one object: `{"valid":true,"inserts":1,"selects":0}` or
 * `{"valid":false,"errors":[{"code":..,"message":..,"position":[line,column]}]}`.
 */
export function validateCommand(
  cli: CliOptions,
  write: (text: string) => void,
  writeError: (text: string) => void,
): number {
  const path = cli.positionals[0];
  if (path === undefined) throw new HeadwaterError('bad-arguments', 'headwater validate expects a file');
  const text = readSql(path);
  const parsed = parseAll(text);
  const env = { registry: builtinConnectors().registry, settings: cli.settings, defaultName: jobNameOf(path) };
  const { script, errors: planning } = checkScript(parsed.statements, env, parsed.broken);
  const errors = [...parsed.errors, ...planning].sort(byPlace);
  if (errors.length > 0 || script === undefined) {
    report(errors, text, cli.json, write, writeError);
    return 2;
  }
  const inserts = script.plan?.nodes.filter((node) => node.op === 'sink').length ?? 0;
  const selects = script.queries.length;
  write(
    cli.json
      ? `${JSON.stringify({ valid: true, inserts, selects })}\n`
      : `valid: ${inserts} INSERT, ${selects} SELECT\n`,
  );
  return 0;
}

function report(
  errors: readonly HeadwaterError[],
  text: string,
  json: boolean,
  write: (text: string) => void,
  writeError: (text: string) => void,
): void {
  const shown = errors.map((error) => ({ error, message: formatSqlError(error, text) }));
  if (json) {
    const list = shown.map(({ error: { code, position }, message }) => ({
      code,
      message,
      position: position === undefined ? null : [position.line, position.column],
    }));
    write(`${JSON.stringify({ valid: false, errors: list })}\n`);
    return;
  }
  writeError(shown.map(({ error, message }) => `error [${error.code}] ${message}\n`).join('\n'));
  if (errors.length > 1) writeError(`\n${errors.length} errors\n`);
}

/** Errors without a place come last. */
function byPlace(a: HeadwaterError, b: HeadwaterError): number {
  const [first, second] = [a.position, b.position];
  if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined);
  return first.line - second.line || first.column - second.column;
}
