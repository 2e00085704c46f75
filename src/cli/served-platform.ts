import { MIN_WATERMARK } from '../data/batch.ts';
import { HeadwaterError } from '../data/errors.ts';
import type { Job } from '../runtime/job.ts';
import { jobTotals } from '../runtime/job-totals.ts';
import type { Platform } from '../runtime/platform.ts';
import type { SinkSample } from '../observability/metrics.ts';
import type { JobView, Readiness, ServerPlatform, SubmitRequest } from '../server/platform.ts';
import type { CliOptions } from './arguments.ts';
import { jobOptions } from './open-platform.ts';
import { planText } from './plan-file.ts';

export const VERSION = '0.1.0';

/** What the HTTP server sees of the process's platform. */
export function servedPlatform(platform: Platform, cli: CliOptions): ServerPlatform {
  const viewOf = (name: string): JobView => {
    const job = platform.jobs.get(name);
    if (job === undefined) throw new HeadwaterError('job-not-found', `there is no job ${name}`);
    return jobView(platform, job);
  };
  return {
    version: VERSION,
    tableNames: () => [...platform.tables.keys()],
    image: (table) => platform.tables.get(table)?.image,
    remote: (table) => platform.redis.tables.get(table),
    sinks: () => sinkSamples(platform),
    feeds: platform.feeds,
    readiness: () => readiness(platform),
    jobs: () => [...platform.jobs.values()].map((job) => jobView(platform, job)),
    job: (name) => (platform.jobs.has(name) ? viewOf(name) : undefined),
    submit: async (request) => {
      const job = await submit(platform, cli, request);
      return viewOf(job.name);
    },
    stop: async (name) => {
      await platform.jobs.get(name)?.stop();
      return viewOf(name);
    },
    cancel: async (name) => {
      await platform.jobs.get(name)?.cancel();
      return viewOf(name);
    },
    drop: (name) => {
      platform.drop(name);
      return Promise.resolve();
    },
  };
}

function sinkSamples(platform: Platform): SinkSample[] {
  return platform.options.threads.followers.all().map(({ appliedEpoch, parts, ...status }) => ({
    ...status,
    chunks: parts,
    logBytes: platform.retained.bytes(status.job, status.table),
    lagEpochs: Math.max(0, (platform.jobs.get(status.job)?.committedEpoch ?? 0) - appliedEpoch),
  }));
}

async function submit(platform: Platform, cli: CliOptions, request: SubmitRequest): Promise<Job> {
  const settings = new Map([...cli.settings, ...Object.entries(request.settings)]);
  const script = planText(request.sql, request.name ?? 'job', platform.options.connectors.registry, settings);
  if (script.plan === undefined) {
    throw new HeadwaterError('nothing-to-run', 'the SQL has no INSERT statement: expected at least one');
  }
  const job = await platform.submit(script.plan, jobOptions(script.plan, cli));
  platform.dir.rememberJob(job.name, request.sql, request.settings);
  return job;
}

function readiness(platform: Platform): Readiness {
  const waitingFor: string[] = [];
  for (const job of platform.jobs.values()) {
    if (job.status === 'starting' || job.status === 'restarting') {
      waitingFor.push(`job ${job.name} is ${job.status}`);
    }
  }
  for (const [table, { image }] of platform.tables) {
    if (image.error !== undefined) waitingFor.push(`the image of table ${table} stopped: ${String(image.error)}`);
  }
  return { ready: waitingFor.length === 0, waitingFor };
}

function jobView(platform: Platform, job: Job): JobView {
  return {
    name: job.name,
    status: job.status,
    parallelism: job.options.parallelism,
    tables: [...platform.tables].filter(([, served]) => served.job === job.name).map(([table]) => table),
    epoch: job.committedEpoch,
    epochsCommitted: job.epochsCommitted,
    bytesWritten: job.bytesWritten,
    watermark: Math.max(MIN_WATERMARK, job.watermark),
    ...jobTotals(job),
    restarts: job.restarts,
    error: job.error,
  };
}
