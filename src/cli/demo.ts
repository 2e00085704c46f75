import { fileURLToPath } from 'node:url';
import type { Job } from '../runtime/job.ts';
import type { CliOptions } from './arguments.ts';
import { LiveLine } from './live-line.ts';
import { planJob, startJob, untilEnd } from './run.ts';
import { whileOpen, whileServing } from './while-open.ts';
import { DemoEvents } from './demo-events.ts';

const QUERY = fileURLToPath(new URL('../queries/user_activity.sql', import.meta.url));

/**
 * `headwater demo` (and `npm start`): a generator of user activity writes Avro record batches into the embedded log,
 * queries/user_activity.sql computes features over them, and they are served. Until Ctrl-C or --duration.
 */
export async function demoCommand(cli: CliOptions, write: (text: string) => void): Promise<void> {
  const dataDir = cli.dataDir ?? '.headwater';
  await whileOpen(dataDir, cli, async (platform, stop) => {
    const events = await DemoEvents.open(dataDir, platform.options.log);
    await whileServing(platform, cli, write, async (server) => {
      try {
        const job = await startJob(platform, planJob(QUERY, cli), cli, write);
        events.start();
        write(whatToTry(server.port));
        const live = new LiveLine(platform, job, process.stdout.isTTY === true, write);
        await untilEnd(job, cli, stop);
        live.stop();
        write(goodbye(job));
      } finally {
        await events.stop();
      }
    });
  });
}

function whatToTry(port: number): string {
  const base = `http://127.0.0.1:${port}`;
  return `
Features over all time change every second; those of a finished minute, and of the five minutes up to it, appear about a
second after its end (events may be late by a second). Try:

  curl ${base}/v1/features/user_activity/user_0000042
  curl ${base}/v1/features/user_activity_1m/user_0000042
  curl -d '{"keys":["user_0000001","user_0000002"],"columns":["events","spent"]}' ${base}/v1/features/user_activity
  curl ${base}/v1/jobs
  curl ${base}/metrics

Ctrl-C stops with a checkpoint; the next start goes on from there.

`;
}

function goodbye(job: Job): string {
  return `${job.status} at epoch ${job.committedEpoch}, ${job.epochsCommitted} epochs committed\n`;
}
