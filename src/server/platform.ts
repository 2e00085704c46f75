import type { HeadwaterError } from '../data/errors.ts';
import type { SinkSample } from '../observability/metrics.ts';
import type { ChangeFeeds } from '../store/change-feed.ts';
import type { Freshness, TableImage } from '../store/table-image.ts';

/** What the server serves: implemented by the process that runs the jobs. */
export interface ServerPlatform {
  readonly version: string;
  /** Names of the tables that have an image. */
  tableNames(): readonly string[];
  /** The image of an output table, or undefined when no job writes such a table. */
  image(table: string): TableImage | undefined;
  /** The table as another store holds it, or undefined when only the image does. */
  remote?(table: string): RemoteTable | undefined;
  /** The tables' committed changes; absent: they cannot be followed. */
  readonly feeds?: ChangeFeeds;
  /** Tables that are kept in another store, and how that goes. */
  sinks?(): readonly SinkSample[];
  /** Whether every job is restored and every image loaded. */
  readiness(): Readiness;
  jobs(): readonly JobView[];
  job(name: string): JobView | undefined;
  /** Plans and starts a job; throws HeadwaterError when the SQL is wrong or the job exists. */
  submit(request: SubmitRequest): Promise<JobView>;
  /** Ends a job with a last checkpoint. The routes have checked that it exists. */
  stop(name: string): Promise<JobView>;
  /** Ends a job at its last committed epoch. */
  cancel(name: string): Promise<JobView>;
  /** Forgets an ended job and deletes its files. Throws `job-running`. */
  drop(name: string): Promise<void>;
}

/** A table in another store (Redis), for lookups. */
export interface RemoteTable {
  /** Its address, without secrets. */
  readonly where: string;
  waitForEpoch(epoch: number, timeoutMs: number): Promise<boolean> | true;
  /** Throws `bad-feature-key`, `redis-unavailable`. */
  get(keys: readonly string[], columns: readonly number[]): Promise<RemoteRows>;
}

export interface RemoteRows {
  readonly rows: readonly (Readonly<Record<string, unknown>> | undefined)[];
  /** The epoch that was complete before the rows were read. */
  readonly asOf: Freshness;
  /** The epoch that was complete after they were read. */
  readonly highestEpoch: number;
}

export interface Readiness {
  readonly ready: boolean;
  /** What is not there yet, such as `job flights is starting`. */
  readonly waitingFor: readonly string[];
}

export interface SubmitRequest {
  readonly sql: string;
  /** Job name when the SQL does not set `pipeline.name`. */
  readonly name: string | undefined;
  /** Values of `${NAME}` in the SQL. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A job as its callers see it; counters are those of the last barrier. */
export interface JobView {
  readonly name: string;
  readonly status: string;
  readonly parallelism: number;
  /** Output tables served from images. */
  readonly tables: readonly string[];
  /** Last committed epoch, 0 before the first. */
  readonly epoch: number;
  /** Epochs committed since the process started. */
  readonly epochsCommitted: number;
  /** Bytes of state and output committed since the process started. */
  readonly bytesWritten: number;
  /** Watermark of the last epoch, epoch milliseconds; MIN_WATERMARK before the first. */
  readonly watermark: number;
  readonly rowsIn: number;
  readonly bytesIn: number;
  readonly lateRowsDropped: number;
  /** Records that could not be decoded and were skipped. */
  readonly recordsSkipped: number;
  /** Attempts to reach a schema registry that did not answer. */
  readonly registryRetries: number;
  readonly stateBytes: number;
  /** Records that the sources have not read yet, where that is known. */
  readonly lag: number | undefined;
  /** How often it ran again after its engine thread had died. */
  readonly restarts: number;
  readonly error: HeadwaterError | undefined;
}
