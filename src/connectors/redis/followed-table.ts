import type { HeadwaterError } from '../../data/errors.ts';
import type { Schema } from '../../data/types.ts';
import type { FollowerStatus } from '../follower/status.ts';
import type { RedisAddress, RedisOptions } from './options.ts';

/** Which table to keep in which Redis. */
export interface FollowedTable {
  readonly job: string;
  readonly table: string;
  /** The job file. */
  readonly path: string;
  readonly schema: Schema;
  readonly primaryKey: readonly number[];
  readonly address: RedisAddress;
  readonly options: RedisOptions;
  readonly generation: number;
  /** An operator has decided that the job file is right, whatever Redis holds. */
  readonly force: boolean;
  /** An automatic restart: what is wrong with Redis is waited for, as while the job runs. */
  readonly patient?: boolean;
}

export interface FollowerHost {
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void;
  /** Something of the status changed. */
  readonly changed: (status: FollowerStatus) => void;
  /** The job cannot go on: another process owns the table, or the log is damaged. */
  readonly failed: (error: HeadwaterError) => void;
  readonly random: () => number;
  readonly monotonic: () => number;
  /** Tells this process apart from every other one. */
  readonly nonce: string;
}
