import { HeadwaterError } from '../data/errors.ts';

/** What an operator of the plan says about itself, and what the checkpoint says about it. */
export interface OperatorIdentity {
  readonly id: string;
  readonly fingerprint: string;
}

export interface CheckpointSummary {
  readonly epoch: number;
  /** The epoch's watermark, epoch milliseconds. */
  readonly watermark: number;
  readonly parallelism: number;
  readonly finished: boolean;
  readonly operators: readonly OperatorIdentity[];
}

export type RecoveryDecision =
  /** No checkpoint, or the user asked to begin anew. */
  | { readonly action: 'start-fresh'; readonly discard: boolean }
  /** The bounded job is at its end already. */
  | { readonly action: 'already-finished'; readonly epoch: number }
  /** Go on after `epoch`; `drop` names operators whose changed state the user agreed to lose. */
  | {
      readonly action: 'resume';
      readonly epoch: number;
      readonly drop: readonly string[];
      /** Blobs were cut for other key-group ranges: the first snapshot must be a full one. */
      readonly rescaled: boolean;
    };

/**
 * Decides how a job starts: a pure function of the checkpoint and the plan. An operator whose id is known but whose
 * fingerprint differs would silently compute on state of another query, so the job is refused with a list, unless the
 * user accepts the change per operator or starts fresh. Operators that are new start empty.
 */
export function decideRecovery(
  checkpoint: CheckpointSummary | undefined,
  plan: readonly OperatorIdentity[],
  options: { fresh: boolean; acceptChangedState: readonly string[]; parallelism: number },
): RecoveryDecision {
  if (checkpoint === undefined) return { action: 'start-fresh', discard: false };
  if (options.fresh) return { action: 'start-fresh', discard: true };
  const stored = new Map(checkpoint.operators.map((operator) => [operator.id, operator.fingerprint]));
  const planned = new Map(plan.map((operator) => [operator.id, operator.fingerprint]));
  const changed = plan.filter((o) => stored.has(o.id) && stored.get(o.id) !== o.fingerprint).map((o) => o.id);
  const gone = checkpoint.operators.filter((operator) => !planned.has(operator.id)).map((operator) => operator.id);
  const refused = [...changed, ...gone].filter((id) => !options.acceptChangedState.includes(id));
  if (refused.length > 0) throw changedState(refused, new Set(gone), checkpoint.epoch);
  if (checkpoint.finished && changed.length === 0) return { action: 'already-finished', epoch: checkpoint.epoch };
  return {
    action: 'resume',
    epoch: checkpoint.epoch,
    drop: [...changed, ...gone],
    rescaled: checkpoint.parallelism !== options.parallelism,
  };
}

function changedState(ids: readonly string[], gone: ReadonlySet<string>, epoch: number): HeadwaterError {
  const lines = ids.map((id) => `  ${id}: ${gone.has(id) ? 'no longer in the query' : 'the query above it changed'}`);
  return new HeadwaterError(
    'changed-state',
    `the checkpoint of epoch ${epoch} was written by another version of this query:\n${lines.join('\n')}\n` +
      'expected the same query; give --accept-changed-state OPERATOR for each to drop its state, or --fresh to start anew',
  );
}
