import { makeBatch } from '../../src/data/batch.ts';
import { columnFromValues } from '../../src/data/builder.ts';
import { HeadwaterError } from '../../src/data/errors.ts';
import { BIGINT, decimal, DOUBLE, notNull, type Schema, STRING, timestamp } from '../../src/data/types.ts';
import type { JobView, Readiness, ServerPlatform, SubmitRequest } from '../../src/server/platform.ts';
import { ChangeBuffer } from '../../src/store/change-buffer.ts';
import { TableImage } from '../../src/store/table-image.ts';

export const ACTIVITY: Schema = [
  { name: 'user_id', type: notNull(STRING) },
  { name: 'events', type: notNull(BIGINT) },
  { name: 'average', type: DOUBLE },
  { name: 'spent', type: decimal(10, 2) },
  { name: 'last_at', type: timestamp(3) },
];

export type ActivityRow = readonly [string, bigint, number | null, bigint | null, { ms: number; nanos: number } | null];

/**
 * A platform whose tables are real images over real chunks, and whose jobs are rows of a list: what the server does
 * with a platform can be tested without threads.
 */
export class ServedTables implements ServerPlatform {
  readonly version = '0.0.0-test';
  readonly images = new Map<string, TableImage>();
  readonly list = new Map<string, JobView>();
  readonly submitted: SubmitRequest[] = [];
  waitingFor: string[] = [];

  constructor() {
    this.images.set('user_activity', new TableImage(ACTIVITY, [0]));
    const pairs = [ACTIVITY[0], { name: 'window_start', type: notNull(timestamp(3)) }, ACTIVITY[1]];
    this.images.set('per window', new TableImage(pairs, [0, 1]));
    this.list.set('activity', jobView('activity', 'running'));
  }
  tableNames(): readonly string[] {
    return [...this.images.keys()];
  }
  image(table: string): TableImage | undefined {
    return this.images.get(table);
  }
  readiness(): Readiness {
    return { ready: this.waitingFor.length === 0, waitingFor: this.waitingFor };
  }
  jobs(): readonly JobView[] {
    return [...this.list.values()];
  }
  job(name: string): JobView | undefined {
    return this.list.get(name);
  }
  async submit(request: SubmitRequest): Promise<JobView> {
    if (request.sql.includes('SELEC ')) {
      throw new HeadwaterError('syntax-error', "unexpected 'SELEC'", { position: { line: 1, column: 1 } });
    }
    if (request.sql.includes('crash')) throw new Error('secret of the inside');
    this.submitted.push(request);
    return this.set(request.name ?? 'unnamed', 'running');
  }
  async stop(name: string): Promise<JobView> {
    return this.set(name, 'stopped');
  }
  async cancel(name: string): Promise<JobView> {
    return this.set(name, 'cancelled');
  }
  async drop(name: string): Promise<void> {
    if (this.list.get(name)?.status === 'running') {
      throw new HeadwaterError('job-running', `job ${name} is running: stop it first`);
    }
    this.list.delete(name);
  }
  private set(name: string, status: string): JobView {
    const view = jobView(name, status);
    this.list.set(name, view);
    return view;
  }

  /** Commits an epoch of user_activity. */
  async commitActivity(epoch: number, watermark: number, rows: readonly ActivityRow[]): Promise<void> {
    const buffer = new ChangeBuffer(ACTIVITY, [0]);
    const columns = ACTIVITY.map(({ type }, i) =>
      columnFromValues(
        type,
        rows.map((row) => row[i]),
      ),
    );
    buffer.add(makeBatch(columns, rows.length));
    await this.apply('user_activity', epoch, watermark, buffer.take(epoch));
  }

  async apply(table: string, epoch: number, watermark: number, chunks: readonly Uint8Array[]): Promise<void> {
    const image = this.images.get(table);
    image?.applyEpoch(epoch, watermark, chunks);
    await image?.settled();
  }
}

function jobView(name: string, status: string): JobView {
  return {
    name,
    status,
    parallelism: 1,
    tables: ['user_activity'],
    epoch: 7,
    epochsCommitted: 7,
    bytesWritten: 1234,
    watermark: Date.UTC(2024, 0, 1),
    rowsIn: 100,
    bytesIn: 2000,
    lateRowsDropped: 3,
    restarts: 0,
    recordsSkipped: 0,
    registryRetries: 0,
    stateBytes: 4096,
    lag: undefined,
    error: undefined,
  };
}
