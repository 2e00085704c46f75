import type { LogPlace, LogState } from '../../checkpoint/log-reader.ts';

/**
 * How far a follower is: all chunks before chunk `index` of `epoch`, and of that chunk the first `row` rows, or all.
 * The marker in Redis is this as text.
 */
export interface Position {
  readonly epoch: number;
  readonly index: number;
  readonly row: number | 'all';
}

/** Index of the position after everything that was folded into the base. */
const BASE_INDEX = Number.MAX_SAFE_INTEGER;

export function formatPosition({ epoch, index, row }: Position): string {
  return `${epoch}:${index}:${row}`;
}

export function parsePosition(text: string): Position | undefined {
  const match = /^(\d{1,16}):(\d{1,16}):(\d{1,16}|all)$/.exec(text);
  if (match === null) return undefined;
  return { epoch: Number(match[1]), index: Number(match[2]), row: match[3] === 'all' ? 'all' : Number(match[3]) };
}

/** The fence of a table as Redis holds it. */
export interface Fence {
  /** Name of the history that was applied. */
  readonly lineage: string;
  /** `<generation>:<process>` of whoever may write. */
  readonly owner: string;
  readonly rebuilding: boolean;
  /** Undefined while a rebuild is on its way. */
  readonly position: Position | undefined;
  /** Hash over the log up to and including the position's chunk. */
  readonly chain: string;
  /** What the values of the keys depend on besides the log: mode, ttl, columns. */
  readonly encoding: string;
}

/** What to do with what Redis holds. */
export type CatchUp =
  /** Go on after a place; of its chunk, `row` rows are applied. */
  | { readonly action: 'replay'; readonly place: LogPlace; readonly row: number | 'all' }
  /** Write the table's image and remove all other keys of the table. */
  | { readonly action: 'rebuild'; readonly reason: string }
  /** Somebody has to decide. */
  | { readonly action: 'refuse'; readonly code: 'sink-diverged' | 'sink-ahead'; readonly reason: string };

/**
 * Compares the fence (undefined: there was none) with the log. `chainAtPosition`: the log's own hash up to the
 * position's chunk, undefined when the log does not have that chunk. `force`: an operator has decided that the log is
 * right.
 */
export function decideCatchUp(
  fence: Fence | undefined,
  log: LogState,
  chainAtPosition: string | undefined,
  encoding: string,
  force: boolean,
): CatchUp {
  if (fence === undefined) return { action: 'rebuild', reason: 'Redis has no progress marker of this table' };
  if (force) return { action: 'rebuild', reason: 'a rebuild was asked for' };
  if (fence.lineage !== log.lineage) {
    if (log.superseded.includes(fence.lineage)) return { action: 'rebuild', reason: 'the job was started afresh' };
    return refuse(
      'sink-diverged',
      `it was written by another history of the job (${fence.lineage}, this one is ${log.lineage})`,
    );
  }
  if (fence.rebuilding) return { action: 'rebuild', reason: 'an earlier rebuild did not finish' };
  if (fence.encoding !== encoding) return { action: 'rebuild', reason: "the table's columns or options changed" };
  return decideByPosition(fence, log, chainAtPosition);
}

function decideByPosition(fence: Fence, log: LogState, chainAtPosition: string | undefined): CatchUp {
  const { position } = fence;
  if (position === undefined) return { action: 'rebuild', reason: 'its progress marker cannot be read' };
  if (position.epoch > log.committedEpoch) {
    return refuse(
      'sink-ahead',
      `it holds epoch ${position.epoch}, and the job file only ${log.committedEpoch}: was the file restored from a copy?`,
    );
  }
  if (position.row === 'all' && fence.chain === log.baseChain)
    return { action: 'replay', place: basePlace(log), row: 'all' };
  if (chainAtPosition === fence.chain) {
    return { action: 'replay', place: { ...position, chain: fence.chain }, row: position.row };
  }
  if (chainAtPosition === undefined && position.epoch <= log.baseEpoch) {
    return {
      action: 'rebuild',
      reason: `it is at epoch ${position.epoch}, and the log begins after epoch ${log.baseEpoch}`,
    };
  }
  return refuse('sink-diverged', `what it holds up to epoch ${position.epoch} is not what the job's log holds`);
}

function refuse(code: 'sink-diverged' | 'sink-ahead', reason: string): CatchUp {
  return { action: 'refuse', code, reason };
}

export function basePlace(log: LogState): LogPlace {
  return { epoch: log.baseEpoch, index: BASE_INDEX, chain: log.baseChain };
}

/** Who of two may write: an owner's generation, NaN for what is no owner. */
export function generationOf(owner: string): number {
  return Number(/^(\d{1,16}):/.exec(owner)?.[1] ?? NaN);
}

/** What a script answered. */
export type Reply =
  | { readonly kind: 'done' }
  /** Somebody else owns the table; `newer`: a later generation, so this process must stop. */
  | { readonly kind: 'fenced'; readonly owner: string; readonly newer: boolean }
  /** The marker is not where this process left it: Redis lost something. */
  | { readonly kind: 'gap'; readonly position: string }
  /** A key could not be written. */
  | { readonly kind: 'poison'; readonly key: string; readonly message: string };

export function classifyReply(reply: unknown, generation: number): Reply {
  const [status, first, second] = Array.isArray(reply) ? reply.map(String) : [String(reply)];
  switch (status) {
    case 'DONE':
    case 'SKIP':
      return { kind: 'done' };
    case 'FENCED':
      // The same generation of another process: a copy of the job file. The first one keeps the table.
      return { kind: 'fenced', owner: first, newer: generationOf(first) >= generation };
    case 'GAP':
      return { kind: 'gap', position: first };
    case 'POISON':
      return { kind: 'poison', key: first, message: second };
    default:
      throw new Error(`a script answered ${JSON.stringify(reply)}`);
  }
}
