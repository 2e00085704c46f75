import type { Job } from './job.ts';

/** Counters of a job, over its tasks. */
export interface JobTotals {
  readonly rowsIn: number;
  readonly bytesIn: number;
  readonly lateRowsDropped: number;
  /** Records that could not be decoded and were left out, because the table says so. */
  readonly recordsSkipped: number;
  /** Attempts to reach a schema registry that did not answer. */
  readonly registryRetries: number;
  readonly stateBytes: number;
  /** Records that the sources have not read yet, where that is known. */
  readonly lag: number | undefined;
}

export function jobTotals(job: Job): JobTotals {
  let [rowsIn, bytesIn, lateRowsDropped, recordsSkipped, registryRetries, stateBytes] = [0, 0, 0, 0, 0, 0];
  let lag: number | undefined = 0;
  for (const task of job.counters) {
    if (task === undefined) continue;
    rowsIn += task.rowsIn;
    bytesIn += task.bytesIn;
    stateBytes += task.stateBytes;
    lag = lag === undefined || task.lag === undefined ? undefined : lag + task.lag;
    for (const [name, value] of Object.entries(task.named)) {
      if (name.endsWith('/lateRecordsDropped')) lateRowsDropped += value;
      if (name.endsWith('/records_skipped')) recordsSkipped += value;
      if (name.endsWith('/registry_retries')) registryRetries += value;
    }
  }
  return { rowsIn, bytesIn, lateRowsDropped, recordsSkipped, registryRetries, stateBytes, lag };
}
