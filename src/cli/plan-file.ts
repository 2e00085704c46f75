import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { HeadwaterError } from '../data/errors.ts';
import { planScript, type ScriptPlan } from '../planner/index.ts';
import type { ConnectorRegistry } from '../planner/connector.ts';
import type { HistoryRange } from '../planner/history.ts';
import { formatSqlError, parseScript } from '../sql/index.ts';

export interface PlannedScript {
  readonly text: string;
  readonly script: ScriptPlan;
}

/** Reads and plans a .sql file; the job is named after its stem unless pipeline.name says otherwise. */
export function planFile(
  path: string,
  registry: ConnectorRegistry,
  settings: ReadonlyMap<string, string>,
  history?: HistoryRange,
): PlannedScript {
  const text = readSql(path);
  return { text, script: planText(text, jobNameOf(path), registry, settings, history) };
}

export function planText(
  text: string,
  defaultName: string,
  registry: ConnectorRegistry,
  settings: ReadonlyMap<string, string>,
  history?: HistoryRange,
): ScriptPlan {
  try {
    return planScript(parseScript(text), { registry, settings, defaultName, history });
  } catch (error) {
    if (!(error instanceof HeadwaterError) || error.position === undefined) throw error;
    throw new HeadwaterError(error.code, formatSqlError(error, text), {
      kind: error.kind,
      position: error.position,
      cause: error,
    });
  }
}

export function readSql(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new HeadwaterError('file-not-found', `cannot read ${path}: expected a file with SQL statements`, {
      cause: error,
    });
  }
}

/** The file's stem, with what a job name cannot have as `_`. */
export function jobNameOf(path: string): string {
  const stem = basename(path).replace(/\.sql$/i, '');
  return (
    stem
      .replace(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^\.+/, '')
      .slice(0, 100) || 'job'
  );
}

/** The values that a file's `${NAME}`s have here: the server's own environment may be another. */
export function settingsOf(text: string, settings: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const names = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = settings.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
