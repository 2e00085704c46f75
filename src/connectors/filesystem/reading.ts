import type { Column } from '../../data/column.ts';
import type { SplitPosition } from '../contracts.ts';

/** Some rows of one file, valid until the next call. */
export interface FileRows {
  readonly columns: readonly Column[];
  readonly count: number;
  /** Where the file goes on after them. */
  readonly position: SplitPosition;
  readonly bytes: number;
  readonly describeRow: (row: number) => string;
}

/** One file that is being read, in its order. */
export interface FileReading {
  /** The next rows; `more`: call `load` first; `end`: there are none. Throws HeadwaterError `undecodable-record`. */
  next(maxRows: number): FileRows | 'more' | 'end';
  load(): Promise<void>;
  /** Bytes held. */
  bytes(): number;
  close(): Promise<void>;
}
