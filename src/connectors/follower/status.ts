/**
 * starting: not the table's writer yet; catching-up: applies what is in the log; following: all is applied;
 * rebuilding: writes the image; waiting: Redis is away or refuses; parked: one key cannot be written; diverged: Redis
 * holds something else, somebody has to decide; failed: the job cannot go on.
 */
export type FollowerState =
  'starting' | 'catching-up' | 'following' | 'rebuilding' | 'waiting' | 'parked' | 'diverged' | 'failed' | 'stopped';

export interface FollowerCounters {
  /** Script calls that were acknowledged. */
  parts: number;
  /** Rows in them. */
  rows: number;
  /** Times that Redis had lost something that it had acknowledged. */
  replays: number;
  rebuilds: number;
  alarms: number;
}

export interface FollowerStatus extends Readonly<FollowerCounters> {
  readonly job: string;
  readonly table: string;
  readonly state: FollowerState;
  /** The last epoch that Redis holds in full, with the epochs in which nothing of the table changed. */
  readonly appliedEpoch: number;
  /** The last epoch of which Redis holds a change. */
  readonly positionEpoch: number;
  /** Why it does not go on, or undefined. */
  readonly reason: string | undefined;
}
