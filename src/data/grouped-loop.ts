/**
 * Rows that an unrolled loop takes at a time. V8 loads an array's address and length, and looks whether it is
 * interrupted, anew in each pass of a loop: of a short body that is most of the time.
 */
const AT_A_TIME = 8;

/**
 * The text of a loop over `count` rows. `group` does the rows of positions `j` to `j + size - 1`, `single` that of
 * position `j`.
 */
export function groupedLoop(size: number, group: string, single: string): string {
  // The mask tells V8 that sums of positions stay small integers.
  return `const rows = count & 0x3fffffff;
let j = 0;
for (const last = rows - ${size - 1}; j < last; j += ${size}) {\n${group}\n}
for (; j < rows; j++) {\n${single}\n}`;
}

/** The same where `body` is the text for a position that is given as an expression. */
export function unrolled(body: (position: string) => string): string {
  const group = Array.from({ length: AT_A_TIME }, (_, k) => body(`j + ${k}`));
  return groupedLoop(AT_A_TIME, group.join('\n'), body('j'));
}
