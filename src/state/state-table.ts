import type { KeyGroupRange } from '../data/hash.ts';
import { formatType, type SqlType, stripAttribute } from '../data/types.ts';
import type { BlobBody, BlobSpec } from './blob.ts';

/** What the backend needs of each shape. */
export interface StateTable {
  readonly spec: BlobSpec;
  /** The changes since the last call, or everything; undefined when nothing changed. Clears the marks of change. */
  snapshot(full: boolean): BlobBody | undefined;
  /**
   * Adds what one old task saved, its blobs in order. `continued`: they go on where the last call ended. Otherwise
   * they are another task's, and what they drop is theirs only.
   */
  restore(task: readonly BlobBody[], range: KeyGroupRange, continued: boolean): void;
  /** What is there now is saved. */
  markClean(): void;
  /** Memory held, in bytes. */
  bytes(): number;
}

/** Names the shape and the types of its columns, so that a blob of another shape or schema is refused. */
export function specText(shape: string, columns: readonly SqlType[], ttl: number | undefined): string {
  const types = columns.map((type) => formatType(stripAttribute(type))).join(', ');
  return `${shape} (${types})${ttl === undefined ? '' : ' with TTL'}`;
}

/** Rows restored in one go. */
export const RESTORE_CHUNK = 4096;
