import { availableParallelism } from 'node:os';
import { parseDuration } from '../planner/duration.ts';
import type { BackfillArguments } from './backfill/options.ts';
import { notUnderstood, parseAssignments, parseWords } from './command-line.ts';
import { environmentSettings } from './environment.ts';

export type OutputFormat = 'table' | 'json' | 'changelog';

/** The command line, checked. */
export interface CliOptions {
  readonly command: string;
  readonly positionals: readonly string[];
  /** Environment, overridden by --set. */
  readonly settings: ReadonlyMap<string, string>;
  readonly dataDir: string | undefined;
  readonly threads: number;
  readonly host: string;
  readonly port: number;
  readonly keepServing: boolean;
  readonly fresh: boolean;
  readonly acceptChangedState: readonly string[];
  /** Tables whose copy in Redis is to be replaced by the job's own. */
  readonly rebuildTables: readonly string[];
  readonly duration: number | undefined;
  /** Of `backfill`. */
  readonly history: BackfillArguments;
  readonly file: string | undefined;
  readonly execute: string | undefined;
  readonly output: OutputFormat;
  readonly json: boolean;
}

export const USAGE = `headwater: streaming SQL and online features in one process

  headwater run FILE.sql [options]        run a file as one job; bounded input ends with code 0
                                          (where a server holds the data directory: submits it there)
  headwater backfill FILE.sql [--from TIME] [--to TIME] [--rate-limit N/s] [options]
                                          the same file over history, from TIME up to TIME: a job of its own
  headwater jobs [list]                   jobs of the data directory, running or not
  headwater jobs stop|cancel|drop NAME    stop: with a last checkpoint; cancel: at the last one; drop: forget it
  headwater sql                           shell: SQL, SHOW, DESCRIBE, live results (statements on a pipe too)
  headwater sql -f FILE | -e SQL [--output table|json|changelog]
  headwater explain FILE.sql [--json]     the plan: types, changelog modes, what sources take over, state
  headwater validate FILE.sql [--json]    check without running: all that is wrong, not only the first
  headwater produce user-activity|flights|FILE   write events to a topic (headwater produce --help)
  headwater topics [list|create|alter|trim]        topics of the embedded log (headwater topics --help)
  headwater audit TABLE [-f FILE.sql]     compare a table in Redis with its image; 1 when they differ
  headwater demo [--duration 30s]         generated user activity through queries/user_activity.sql

options
  --set NAME=VALUE         value of \${NAME} in the file (else the environment's)
  --data-dir DIR           state, embedded log, feature store (default .headwater)
  --threads N              engine threads (default: cores - 1)
  --host ADDRESS           where HTTP listens (default 127.0.0.1); others need HEADWATER_API_KEYS=KEY,read:KEY,...
                           or HEADWATER_API_KEYS_FILE=FILE, and callers show a key
  --port N                 HTTP port (default 8000; 0 picks one)
  --keep-serving           go on serving after bounded input has ended
  --duration D             stop with a checkpoint after this time
  --fresh                  forget the job's checkpoint
  --accept-changed-state OPERATOR
  --rebuild TABLE          replace what Redis holds of the table by the job's own
  --json                   errors and results for machines

exit codes: 0 done, 1 failed while running, 2 the input was wrong`;

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = {
  set: texts,
  'data-dir': text,
  threads: text,
  host: text,
  port: text,
  'keep-serving': flag,
  fresh: flag,
  'accept-changed-state': texts,
  rebuild: texts,
  duration: text,
  from: text,
  to: text,
  'rate-limit': text,
  file: { type: 'string', short: 'f' },
  execute: { type: 'string', short: 'e' },
  output: text,
  json: flag,
  help: { type: 'boolean', short: 'h' },
} as const;

/** Errors: `bad-arguments`. */
export function parseCommandLine(argv: readonly string[]): CliOptions {
  const { values, positionals } = parseWords(argv, OPTIONS, USAGE);
  const settings = new Map([...environmentSettings(), ...parseAssignments('--set', values.set ?? [])]);
  const command = positionals[0] ?? 'help';
  refuseStray(command, values);
  return {
    command,
    positionals: positionals.slice(1),
    settings,
    dataDir: values['data-dir'],
    threads: integer('--threads', values.threads, Math.max(1, availableParallelism() - 1), 1),
    host: values.host ?? '127.0.0.1',
    port: integer('--port', values.port, 8000, 0, 65535),
    keepServing: values['keep-serving'] ?? false,
    fresh: values.fresh ?? false,
    acceptChangedState: values['accept-changed-state'] ?? [],
    rebuildTables: values.rebuild ?? [],
    duration: values.duration === undefined ? undefined : parseDuration(values.duration),
    history: { from: values.from, to: values.to, rateLimit: values['rate-limit'] },
    file: values.file,
    execute: values.execute,
    output: outputFormat(values.output ?? 'table'),
    json: values.json ?? false,
  };
}

/** Options of `backfill` would be ignored elsewhere. */
function refuseStray(command: string, values: ReturnType<typeof parseWords<typeof OPTIONS>>['values']): void {
  if (command === 'backfill') return;
  for (const name of ['from', 'to', 'rate-limit'] as const) {
    if (values[name] !== undefined)
      throw notUnderstood(`--${name} ${values[name]}`, `it with headwater backfill, not ${command}`);
  }
}

function outputFormat(text: string): OutputFormat {
  if (text === 'table' || text === 'json' || text === 'changelog') return text;
  throw notUnderstood(`--output ${text}`, 'table, json or changelog');
}

function integer(
  name: string,
  text: string | undefined,
  otherwise: number,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw notUnderstood(
      `${name} ${text}`,
      `an integer of at least ${least}${most < Number.MAX_SAFE_INTEGER ? ` and at most ${most}` : ''}`,
    );
  }
  return value;
}
