import { dirname, join } from 'node:path';
import { FilePublisher } from '../connectors/filesystem/publisher.ts';
import { HeadwaterError, runtimeError } from '../data/errors.ts';
import type { PhysicalPlan, SinkNode } from '../planner/physical.ts';

export interface FileTablesHost {
  readonly jobPath: (job: string) => string;
  /** Files cannot be written. */
  readonly failed: (job: string, error: HeadwaterError) => void;
}

interface FileJob {
  readonly publishers: readonly FilePublisher[];
  /** What is being written; one after the other. */
  work: Promise<void>;
}

/** Where the rows of a table wait until they are in files; `jobDir` is the job's own folder. */
export function stageFolder(jobDir: string, table: string): string {
  return join(jobDir, 'files', encodeURIComponent(table));
}

/** The tables of this process's jobs that are files: their rows appear once their epoch is committed. */
export class FileTables {
  private readonly host: FileTablesHost;
  private readonly jobs = new Map<string, FileJob>();

  constructor(host: FileTablesHost) {
    this.host = host;
  }

  /** Before a run: what earlier runs committed becomes files, what they did not is dropped. Errors: `file-access`. */
  async recover(plan: PhysicalPlan, epoch: number): Promise<void> {
    const sinks = plan.nodes.filter((node): node is SinkNode => node.op === 'sink');
    const jobDir = dirname(this.host.jobPath(plan.jobName));
    const publishers = sinks
      .filter(({ table }) => table.options.connector === 'filesystem')
      .map(({ table }) => new FilePublisher(table, stageFolder(jobDir, table.name)));
    // A thread that died may have left work of an earlier run.
    await this.jobs.get(plan.jobName)?.work;
    this.jobs.set(plan.jobName, { publishers, work: Promise.resolve() });
    for (const publisher of publishers) {
      await publisher.check();
      await publisher.publishAll(epoch);
    }
  }

  onCommitted(job: string, epoch: number): void {
    void this.enqueue(job, (publisher) => publisher.publishClosed(epoch));
  }

  /** After the last epoch of a run that came to its end: all of its rows are in files when this resolves. */
  finish(job: string, epoch: number): Promise<void> {
    return this.enqueue(job, (publisher) => publisher.publishAll(epoch));
  }

  private enqueue(job: string, publish: (publisher: FilePublisher) => Promise<void>): Promise<void> {
    const entry = this.jobs.get(job);
    if (entry === undefined || entry.publishers.length === 0) return Promise.resolve();
    entry.work = entry.work
      .then(async () => {
        for (const publisher of entry.publishers) await publish(publisher);
      })
      .catch((error: unknown) => this.host.failed(job, asError(error)));
    return entry.work;
  }
}

function asError(error: unknown): HeadwaterError {
  if (error instanceof HeadwaterError) return error;
  return runtimeError('file-access', error instanceof Error ? error.message : String(error), error);
}
