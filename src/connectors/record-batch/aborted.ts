import type { BatchHeader } from './header.ts';
import { RECORDS } from './layout.ts';

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export type ControlType = 'abort' | 'commit' | 'other';

/**
 * Which batches of one fetch belong to aborted transactions, as Kafka's own client decides it: the broker's list is
 * taken in the order of first offsets, every transaction that began at or before a batch is open from then on, and
 * only a control record of type abort of the same producer ends it. User keys are never looked at.
 */
export class AbortedTransactions {
  private readonly waiting: readonly AbortedTransaction[];
  private taken = 0;
  private readonly open = new Set<bigint>();

  constructor(list: readonly AbortedTransaction[]) {
    this.waiting = [...list].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Whether the (not control) batch is part of an aborted transaction. Call in offset order. */
  covers(header: BatchHeader): boolean {
    this.openUntil(header.nextOffset - 1);
    return header.transactional && this.open.has(header.producerId);
  }

  endTransaction(header: BatchHeader, type: ControlType): void {
    this.openUntil(header.nextOffset - 1);
    if (type === 'abort') this.open.delete(header.producerId);
  }

  private openUntil(offset: number): void {
    while (this.taken < this.waiting.length && this.waiting[this.taken].firstOffset <= offset) {
      this.open.add(this.waiting[this.taken].producerId);
      this.taken++;
    }
  }
}

/** The type of a control batch: the key of its only record is (version int16, type int16). */
export function controlType(view: DataView, header: BatchHeader): ControlType {
  let at = header.start + RECORDS;
  // length, attributes (one byte), timestamp delta, offset delta, key length
  at = skipVarint(view, at, header.end) + 1;
  for (let i = 0; i < 3; i++) at = skipVarint(view, at, header.end);
  if (at + 4 > header.end) return 'other';
  const type = view.getInt16(at + 2);
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other';
}

function skipVarint(view: DataView, at: number, end: number): number {
  while (at < end && view.getUint8(at) > 127) at++;
  return at + 1;
}
