import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { auditTable, type AuditReport, type Findings } from '../connectors/redis/audit.ts';
import { HeadwaterError } from '../data/errors.ts';
import { builtinConnectors } from '../runtime/builtin-connectors.ts';
import { type RememberedJob, rememberedJobs } from '../runtime/data-dir.ts';
import { type RedisSink, redisSinks } from '../runtime/feature-tables.ts';
import type { CliOptions } from './arguments.ts';
import { jobNameOf, planText, readSql } from './plan-file.ts';

interface Audited {
  readonly job: string;
  readonly sink: RedisSink;
}

/**
 * `headwater audit TABLE`: compares Redis with the table's image, also beside a running process. Returns the exit code:
 * 1 when they differ. Errors: `table-not-found`, `data-dir-in-use`, and those of planning and of the connection.
 */
export async function auditCommand(cli: CliOptions, write: (text: string) => void): Promise<number> {
  const table = cli.positionals[0];
  if (table === undefined) {
    throw new HeadwaterError('bad-arguments', 'headwater audit expects a table: headwater audit TABLE [-f FILE.sql]');
  }
  const dataDir = cli.dataDir ?? '.headwater';
  const { job, sink } = find(table, dataDir, cli);
  const { node, address, options } = sink;
  const report = await auditTable(
    { table, schema: node.schema, primaryKey: node.primaryKey, address, options },
    join(dataDir, 'jobs', job, 'state.db'),
    { now: () => Date.now(), pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  );
  write(cli.json ? `${JSON.stringify(report)}\n` : describe(report));
  return report.equal ? 0 : 1;
}

/** The job that writes the table: of the file that was given, or of the jobs that the data directory remembers. */
function find(table: string, dataDir: string, cli: CliOptions): Audited {
  const { registry } = builtinConnectors();
  if (!existsSync(join(dataDir, 'catalog.db'))) {
    throw new HeadwaterError(
      'data-dir-not-found',
      `${dataDir} is no data directory: expected --data-dir of a job that ran`,
    );
  }
  const jobs =
    cli.file === undefined ? knownJobs(dataDir) : [{ name: jobNameOf(cli.file), sql: readSql(cli.file), settings: {} }];
  const others: string[] = [];
  for (const { name, sql, settings } of jobs) {
    const { plan } = planText(sql, name, registry, new Map([...cli.settings, ...Object.entries(settings)]));
    if (plan === undefined) continue;
    for (const sink of redisSinks(plan)) {
      if (sink.node.table.name === table) return { job: plan.jobName, sink };
      others.push(sink.node.table.name);
    }
  }
  throw new HeadwaterError(
    'table-not-found',
    `no job here keeps a table '${table}' in Redis: expected ${others.length === 0 ? 'one that does' : `one of ${others.join(', ')}`}`,
  );
}

/** A running process holds the catalog. */
function knownJobs(dataDir: string): readonly RememberedJob[] {
  try {
    return rememberedJobs(dataDir);
  } catch (error) {
    if (!(error instanceof HeadwaterError) || error.code !== 'data-dir-in-use') throw error;
    throw new HeadwaterError(
      'data-dir-in-use',
      `a running Headwater holds data directory ${dataDir}: give the file of its job with -f FILE.sql`,
      { cause: error },
    );
  }
}

function describe(report: AuditReport): string {
  const { table, where, epoch, keys, missing, extra, different, marker, equal } = report;
  const lines = [`table ${table} in ${where}, compared with the image of epoch ${epoch}: ${keys} keys`];
  for (const [what, found] of Object.entries({ missing, extra, different } satisfies Record<string, Findings>)) {
    if (found.count > 0)
      lines.push(`  ${what}: ${found.count}, ${found.keys.slice(0, 5).join(', ')}${found.count > 5 ? ', ...' : ''}`);
  }
  if (marker.found !== marker.expected) {
    lines.push(`  the progress marker is '${marker.found}', expected '${marker.expected}'`);
  }
  lines.push(equal ? '  equal' : `  not equal; headwater run --rebuild ${table} writes it anew`);
  return `${lines.join('\n')}\n`;
}
