import type { Column } from './column.ts';

/** Row kinds of a changelog, in the order of Flink's RowKind. */
export const INSERT = 0;
export const UPDATE_BEFORE = 1;
export const UPDATE_AFTER = 2;
export const DELETE = 3;
export type RowKind = 0 | 1 | 2 | 3;
export const ROW_KIND_NAMES = ['+I', '-U', '+U', '-D'] as const;

/**
 * Rows in columns. `length` is the number of rows in the columns. With a `selection`, the batch holds only the rows
 * selection[0 .. selectedCount - 1], in that order (ascending); without one it holds rows 0 .. length - 1.
 * `kinds` is indexed by row (not by position in the selection) and present only where the plan says that the edge is
 * not append-only.
 */
export interface Batch {
  readonly length: number;
  readonly columns: readonly Column[];
  readonly selection: Int32Array | undefined;
  readonly selectedCount: number;
  readonly kinds: Uint8Array | undefined;
}

export function makeBatch(columns: readonly Column[], length: number, kinds?: Uint8Array): Batch {
  return { length, columns, selection: undefined, selectedCount: length, kinds };
}

export function withSelection(batch: Batch, selection: Int32Array, selectedCount: number): Batch {
  return { length: batch.length, columns: batch.columns, selection, selectedCount, kinds: batch.kinds };
}

/** The end-of-input watermark. Every event-time timer fires. */
export const MAX_WATERMARK = Number.MAX_SAFE_INTEGER;
/** Before the first watermark. */
export const MIN_WATERMARK = -Number.MAX_SAFE_INTEGER;

/** What travels along an edge. Watermarks are epoch milliseconds. */
export type Element =
  | { readonly type: 'batch'; readonly batch: Batch }
  | { readonly type: 'watermark'; readonly time: number }
  | { readonly type: 'barrier'; readonly epoch: number };
