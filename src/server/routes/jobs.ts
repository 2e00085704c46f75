import { HeadwaterError } from '../../data/errors.ts';
import { eventTime } from '../freshness.ts';
import type { HttpReply } from '../http.ts';
import { checkMembers, parseJsonObject, settingsMember, stringMember } from '../json-body.ts';
import type { JobView, ServerPlatform, SubmitRequest } from '../platform.ts';
import { json } from '../reply.ts';
import type { Route, RoutedRequest } from '../router.ts';
import { decodeName } from './tables.ts';

export function jobRoutes(platform: ServerPlatform): Route[] {
  const ofJob = (request: RoutedRequest): JobView => findJob(platform, request.parameters[0]);
  return [
    { method: 'GET', path: '/v1/jobs', handle: () => json({ jobs: platform.jobs().map(jobJson) }) },
    { method: 'POST', path: '/v1/jobs', handle: (request) => submit(platform, parseSubmit(request.body)) },
    { method: 'GET', path: '/v1/jobs/:name', handle: (request) => json(jobJson(ofJob(request))) },
    {
      method: 'POST',
      path: '/v1/jobs/:name/stop',
      handle: async (request) => json(jobJson(await platform.stop(ofJob(request).name))),
    },
    {
      method: 'POST',
      path: '/v1/jobs/:name/cancel',
      handle: async (request) => json(jobJson(await platform.cancel(ofJob(request).name))),
    },
    {
      method: 'DELETE',
      path: '/v1/jobs/:name',
      handle: async (request) => {
        const { name } = ofJob(request);
        await platform.drop(name);
        return json({ dropped: name });
      },
    },
  ];
}

function findJob(platform: ServerPlatform, segment: string): JobView {
  const name = decodeName(segment);
  const job = platform.job(name);
  if (job !== undefined) return job;
  const names = platform.jobs().map((other) => other.name);
  throw new HeadwaterError(
    'job-not-found',
    `there is no job '${name}': expected ${names.length === 0 ? 'one that was submitted' : `one of ${names.join(', ')}`}`,
  );
}

function parseSubmit(body: Uint8Array): SubmitRequest {
  const object = parseJsonObject(body);
  checkMembers(object, ['sql', 'name', 'settings']);
  const sql = stringMember(object, 'sql');
  if (sql === undefined) throw new HeadwaterError('bad-request', "'sql' is missing: expected the text of an SQL file");
  return { sql, name: stringMember(object, 'name'), settings: settingsMember(object, 'settings') ?? {} };
}

async function submit(platform: ServerPlatform, request: SubmitRequest): Promise<HttpReply> {
  return json(jobJson(await platform.submit(request)), 201);
}

function jobJson(job: JobView): unknown {
  return {
    name: job.name,
    status: job.status,
    parallelism: job.parallelism,
    tables: job.tables,
    epoch: job.epoch,
    ...eventTime(job.watermark),
    epochs_committed: job.epochsCommitted,
    bytes_written: job.bytesWritten,
    rows_in: job.rowsIn,
    bytes_in: job.bytesIn,
    late_rows_dropped: job.lateRowsDropped,
    records_skipped: job.recordsSkipped,
    registry_retries: job.registryRetries,
    state_bytes: job.stateBytes,
    lag: job.lag ?? null,
    restarts: job.restarts,
    error: job.error === undefined ? null : { code: job.error.code, message: job.error.message },
  };
}
