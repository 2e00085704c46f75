import type { EpochCommit, SchemaRow } from '../checkpoint/epoch-commit.ts';
import type { Split, SplitPosition } from '../connectors/contracts.ts';
import type { PhysicalPlan, SourceNode } from '../planner/physical.ts';
import type { EnginePool } from './engine-pool.ts';
import type { EpochTiming } from './epochs.ts';
import type { Job, JobOptions } from './job.ts';
import type { StoreTable, TaskSnapshot } from './messages.ts';
import type { RestartPolicy } from './restart-policy.ts';
import type { StoreClient } from './store-client.ts';

/** What a job uses of the process around it. */
export interface JobEnvironment {
  readonly dataDir: string;
  readonly store: StoreClient;
  readonly engines: EnginePool;
  readonly monotonic: () => number;
  readonly seed: () => number;
  readonly restartPolicy: RestartPolicy;
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  jobPath(job: string): string;
  outputTables(plan: PhysicalPlan): StoreTable[];
  discover(
    node: SourceNode,
    schemas: readonly SchemaRow[],
    resuming: boolean,
  ): Promise<readonly { readonly split: Split; readonly start: SplitPosition }[]>;
  /** The ids of the sources that find new splits while they run. */
  growingSources(plan: PhysicalPlan): ReadonlySet<string>;
  /** Fills the images of the job's output tables from its file, as of the committed epoch. */
  loadImages(
    job: string,
    plan: PhysicalPlan,
    committed: { readonly epoch: number; readonly watermark: number } | undefined,
  ): Promise<void>;
  /** Makes this process the writer of the job's tables in Redis. Rejects with what is wrong with it. */
  followTables(plan: PhysicalPlan, generation: number, options: JobOptions): Promise<void>;
  /** Rows that an earlier run committed up to the epoch become files; later ones are dropped. */
  recoverFiles(plan: PhysicalPlan, epoch: number): Promise<void>;
  /** All rows up to the epoch are in files. */
  finishFiles(job: string, epoch: number): Promise<void>;
  /** Waits, for a while, until other stores hold the job's last epoch. */
  drainTables(job: string, epoch: number): Promise<void>;
  /** Ends what follows the job's log. */
  leaveTables(job: string): Promise<void>;
  /** The epoch is durable: feed images, subscriptions, result listeners. */
  onCommitted(job: Job, commit: EpochCommit, snapshots: readonly TaskSnapshot[], timing: EpochTiming): void;
}
