const MAX_CELL = 60;

/** Rows in a frame; a long value is cut, one of several lines is shown on one. */
export function textTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [columns, ...rows].map((row) => row.map(cell));
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const lines = cells.map((row) => `| ${row.map((value, i) => value.padEnd(widths[i])).join(' | ')} |`);
  return [rule, lines[0], rule, ...lines.slice(1), ...(lines.length > 1 ? [rule] : [])].join('\n');
}

function cell(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL - 1)}…` : line;
}
