import { textTable } from './text-table.ts';

/** The text that replaces `lines` lines drawn before by these. */
export function redraw(lines: number, text: string): string {
  const up = lines === 0 ? '' : `\x1b[${lines}A`;
  return `${up}\r\x1b[J${text}\n`;
}

export interface LiveView {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
  readonly seconds: number;
  /** Of the terminal; longer lines are cut, or they would wrap and spoil the next redraw. */
  readonly width: number;
}

/** A live table: the last rows, how many there are, how to end it. */
export function liveText({ columns, rows, total, seconds, width }: LiveView): string {
  const more = total > rows.length ? `, the last ${rows.length} shown` : '';
  const status = `${total} ${total === 1 ? 'row' : 'rows'}${more}, ${seconds.toFixed(1)} s; q or Ctrl-C ends it`;
  return [...textTable(columns, rows).split('\n'), status].map((line) => line.slice(0, width)).join('\n');
}
