/**
 * Rows that an unrolled loop takes at a time. V8 loads an array's address and length, and looks whether it is
 * interrupted, anew in each pass of a loop: of a short body that is most of the time.
 */
const AT_A_TIME = 8;
/** Above this length of a body unrolling gains nothing and costs V8's compiler time. */
export const SHORT_BODY = 600;

/** A loop over the rows of a batch: position `j`, row `i`. */
export function rowLoop(selected: boolean, body: string): string {
  return `for (let j = 0; j < count; j++) {\n${row(selected, 'j', body)}\n}`;
}

/** The same with several rows a pass, where the body is short. `j` stands for nothing in the body. */
export function unrolledLoop(selected: boolean, body: string): string {
  if (body.length > SHORT_BODY) return rowLoop(selected, body);
  const rows = Array.from({ length: AT_A_TIME }, (_, k) => `{ ${row(selected, `j + ${k}`, body)} }`);
  return groupedLoop(AT_A_TIME, rows.join('\n'), row(selected, 'j', body));
}

/** `group` does the rows of positions `j` to `j + size - 1`, `single` that of position `j`. */
export function groupedLoop(size: number, group: string, single: string): string {
  // The mask tells V8 that sums of positions stay small integers.
  return `const rows = count & 0x3fffffff;
let j = 0;
for (const last = rows - ${size - 1}; j < last; j += ${size}) {\n${group}\n}
for (; j < rows; j++) {\n${single}\n}`;
}

function row(selected: boolean, position: string, body: string): string {
  return `const i = ${selected ? `sel[${position}]` : position};\n${body}`;
}
