import type { CoordinatorPolicy } from '../checkpoint/coordinator.ts';

export interface JobOptions {
  readonly parallelism: number;
  readonly fresh: boolean;
  readonly acceptChangedState: readonly string[];
  /** Tables whose copy in Redis is replaced by the job's own, whatever it holds. */
  readonly rebuildTables?: readonly string[];
  /** The job ran already and is started again by itself: what its tables' stores refuse is waited for. */
  readonly patient?: boolean;
  readonly maxRows: number;
  /** Bytes that the job may hold, over all its tasks. */
  readonly memoryLimit: number;
  readonly policy: CoordinatorPolicy;
  /** Rows a second that the sources read at most, all together; undefined: as many as they can. */
  readonly rateLimit?: number | undefined;
}

/** What of it matters to those who keep tables elsewhere. */
export type FollowOptions = Pick<JobOptions, 'rebuildTables' | 'patient'>;
