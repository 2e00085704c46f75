import type { CoordinatorPolicy } from '../checkpoint/coordinator.ts';

export interface JobOptions {
  readonly parallelism: number;
  readonly fresh: boolean;
  readonly acceptChangedState: readonly string[];
  readonly maxRows: number;
  /** Bytes that the job may hold, over all its tasks. */
  readonly memoryLimit: number;
  readonly policy: CoordinatorPolicy;
}
