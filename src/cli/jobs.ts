import { existsSync } from 'node:fs';
import { HeadwaterError } from '../data/errors.ts';
import { DataDir } from '../runtime/data-dir.ts';
import type { CliOptions } from './arguments.ts';
import { alignColumns } from './columns.ts';
import { ServerClient } from './server-client.ts';

const ACTIONS = ['list', 'stop', 'cancel', 'drop'] as const;

/**
 * `headwater jobs [list]`, `jobs stop|cancel|drop NAME`: asks the server that holds the data directory; without one the
 * jobs that the directory remembers are listed and dropped here.
 */
export async function jobsCommand(cli: CliOptions, write: (text: string) => void): Promise<void> {
  const [word = 'list', name, ...more] = cli.positionals;
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined || more.length > 0 || (action === 'list') !== (name === undefined)) {
    throw new HeadwaterError(
      'bad-arguments',
      `headwater jobs ${cli.positionals.join(' ')} is not understood: expected jobs [list], or jobs stop|cancel|drop NAME`,
    );
  }
  const dataDir = cli.dataDir ?? '.headwater';
  const client = await ServerClient.find(dataDir);
  const say = (value: unknown, text: string): void => write(cli.json ? `${JSON.stringify(value)}\n` : `${text}\n`);
  if (client === undefined) return withoutServer(dataDir, action, name, say);
  switch (action) {
    case 'list': {
      const jobs = await client.jobs();
      return say({ server: client.url, jobs }, table(jobs));
    }
    case 'stop':
    case 'cancel': {
      const job = await client.end(name, action);
      return say(job, `${job.name} ${job.status} at epoch ${job.epoch}`);
    }
    case 'drop':
      await client.drop(name);
      return say({ dropped: name }, `${name} dropped`);
  }
}

function withoutServer(
  dataDir: string,
  action: (typeof ACTIONS)[number],
  name: string,
  say: (value: unknown, text: string) => void,
): void {
  const names = existsSync(dataDir) ? withDirectory(dataDir, (dir) => dir.jobNames()) : [];
  if (action === 'list') {
    const jobs = names.map((one) => ({ name: one, status: 'not running' }));
    return say({ server: null, jobs }, table(jobs));
  }
  if (!names.includes(name)) {
    throw new HeadwaterError(
      'job-not-found',
      `there is no job '${name}' in ${dataDir}: expected ${names.length === 0 ? 'one that was run' : `one of ${names.join(', ')}`}`,
    );
  }
  if (action !== 'drop')
    throw new HeadwaterError('job-not-running', `no server is running on ${dataDir}, nor is ${name}`);
  withDirectory(dataDir, (dir) => dir.forgetJob(name));
  say({ dropped: name }, `${name} dropped`);
}

function withDirectory<T>(path: string, use: (dir: DataDir) => T): T {
  const dir = new DataDir(path);
  try {
    return use(dir);
  } finally {
    dir.close();
  }
}

interface ListedJob {
  readonly name: string;
  readonly status: string;
  readonly epoch?: number;
  readonly rows_in?: number;
  readonly tables?: readonly string[];
  readonly error?: { readonly code: string } | null;
}

function table(jobs: readonly ListedJob[]): string {
  if (jobs.length === 0) return 'no jobs';
  const rows = jobs.map((job) => [
    job.name,
    job.status,
    job.epoch?.toString() ?? '-',
    job.rows_in?.toString() ?? '-',
    job.tables?.join(', ') ?? '-',
    job.error?.code ?? '',
  ]);
  return alignColumns([['JOB', 'STATUS', 'EPOCH', 'ROWS', 'TABLES', 'ERROR'], ...rows]);
}
