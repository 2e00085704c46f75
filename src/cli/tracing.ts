import { performance } from 'node:perf_hooks';
import { type AnsweredRequest, epochSpan, requestSpan } from '../observability/spans.ts';
import { Tracing } from '../observability/tracing.ts';
import type { Platform } from '../runtime/platform.ts';
import { environmentWantsTraces } from './environment.ts';

export interface PlatformTraces {
  readonly answered: (request: AnsweredRequest) => void;
  readonly shutdown: () => Promise<void>;
}

/** Traces a platform's epochs and requests, when the environment names a collector. */
export function tracePlatform(platform: Platform): PlatformTraces | undefined {
  if (!environmentWantsTraces()) return undefined;
  const tracing = new Tracing();
  tracing.start();
  platform.events.on('committed', (job, commit, _snapshots, { triggered, aligned }) => {
    const stateBytes = commit.state.reduce((sum, row) => sum + row.bytes.length, 0);
    const outputBytes = commit.outputs.reduce((sum, row) => sum + row.bytes.length, 0);
    const times = { triggered: wall(triggered), aligned: wall(aligned), committed: wall(performance.now()) };
    tracing.record(
      epochSpan({ job: job.name, epoch: commit.epoch, full: commit.full, stateBytes, outputBytes, ...times }),
    );
  });
  return {
    answered: (request) =>
      tracing.record(requestSpan({ ...request, start: wall(request.start), end: wall(request.end) })),
    shutdown: async () => {
      const problem = await tracing.shutdown();
      if (problem !== undefined) platform.options.log('warn', `not all traces were sent: ${problem}`);
    },
  };
}

/** Of the process's monotonic clock. */
function wall(time: number): number {
  return performance.timeOrigin + time;
}
