import type { EpochCommit } from '../checkpoint/epoch-commit.ts';
import type { HeadwaterError } from '../data/errors.ts';
import type { OperatorIdentity } from '../checkpoint/recovery.ts';
import { type StoreClient, StoreFailure } from './store-client.ts';

const DISK_RETRY_MS = 1000;

export interface CommitWaits {
  /** The disk is full, or does not work: the epoch waits, and the sources with it. */
  paused(error: HeadwaterError): void;
  resumed(error: HeadwaterError): void;
  /** Whether waiting has lost its point. */
  given(): boolean;
}

/** Commits an epoch. Trouble with the disk only delays it: nothing is acknowledged, it asks again until it is over. */
export async function commitDurably(
  store: StoreClient,
  job: string,
  commit: EpochCommit,
  operators: readonly OperatorIdentity[],
  waits: CommitWaits,
): Promise<void> {
  let trouble: HeadwaterError | undefined;
  for (;;) {
    try {
      await store.commit(job, commit, operators);
      if (trouble !== undefined) waits.resumed(trouble);
      return;
    } catch (error) {
      if (!(error instanceof StoreFailure) || !error.retry || waits.given()) throw error;
      waits.paused(error.error);
      trouble = error.error;
      await new Promise((resolve) => setTimeout(resolve, DISK_RETRY_MS));
    }
  }
}
