import type { EpochCommit } from '../checkpoint/epoch-commit.ts';
import type { OperatorIdentity } from '../checkpoint/recovery.ts';
import { type StoreClient, StoreFailure } from './store-client.ts';

const DISK_RETRY_MS = 1000;

export interface CommitWaits {
  /** The disk is full: the epoch waits, and the sources with it. */
  paused(message: string): void;
  resumed(): void;
  /** Whether waiting has lost its point. */
  given(): boolean;
}

/** Commits an epoch. A full disk only delays it: nothing is acknowledged, it asks again until there is space. */
export async function commitDurably(
  store: StoreClient,
  job: string,
  commit: EpochCommit,
  operators: readonly OperatorIdentity[],
  waits: CommitWaits,
): Promise<void> {
  let paused = false;
  for (;;) {
    try {
      await store.commit(job, commit, operators);
      if (paused) waits.resumed();
      return;
    } catch (error) {
      if (!(error instanceof StoreFailure) || !error.retry || waits.given()) throw error;
      waits.paused(error.message);
      paused = true;
      await new Promise((resolve) => setTimeout(resolve, DISK_RETRY_MS));
    }
  }
}
