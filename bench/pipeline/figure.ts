import type { Logs } from './logs.ts';
import type { BenchOptions } from './options.ts';
import type { Row } from './report.ts';

export interface FigureContext {
  readonly options: BenchOptions;
  readonly logs: Logs;
  /** For files of this run; removed at its end. */
  readonly folder: string;
  /** Shows a line at once. */
  readonly say: (row: Row) => void;
  readonly note: (text: string) => void;
}
