/** Lines of words in columns, two blanks between them; nothing behind the last word of a line. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((word, i) => word.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
