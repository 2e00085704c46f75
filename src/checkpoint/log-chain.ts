import { createHash } from 'node:crypto';

/** Keys of a job file's `meta`: the name of its history, and names of histories that `--fresh` put an end to. */
export const LINEAGE = 'lineage';
export const SUPERSEDED = 'superseded';
/** Key of the epoch up to which rows that expire have expired: their times are not kept. */
export const EXPIRED = 'expired';

/** Key of what was folded into a table's base. */
export function baseChainKey(table: string): string {
  return `chain:${table}`;
}

/** Up to which epoch the log was folded (0: nothing was), and the hash over what was. */
export interface BaseChain {
  readonly epoch: number;
  readonly chain: string;
}

export function formatBaseChain({ epoch, chain }: BaseChain): string {
  return `${epoch}:${chain}`;
}

export function parseBaseChain(text: string | undefined): BaseChain {
  const [epoch, chain] = text?.split(':') ?? ['0', ''];
  return { epoch: Number(epoch), chain };
}

/**
 * The hash over a table's committed log up to a chunk: two logs with the same hash have the same history up to there.
 * `head` are the chunk's first 8 bytes, which hold the checksum of all others.
 */
export function chainHash(before: string, epoch: number, index: number, head: Uint8Array): string {
  return createHash('sha256')
    .update(`${before}/${epoch}/${index}/`)
    .update(head.subarray(0, 8))
    .digest('hex')
    .slice(0, 16);
}
