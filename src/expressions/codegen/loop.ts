import { unrolled } from '../../data/grouped-loop.ts';

/** Above this length of a body unrolling gains nothing and costs V8's compiler time. */
export const SHORT_BODY = 600;

/** A loop over the rows of a batch: position `j`, row `i`. */
export function rowLoop(selected: boolean, body: string): string {
  return `for (let j = 0; j < count; j++) {\n${row(selected, 'j', body)}\n}`;
}

/** The same with several rows a pass, where the body is short. `j` stands for nothing in the body. */
export function unrolledLoop(selected: boolean, body: string): string {
  if (body.length > SHORT_BODY) return rowLoop(selected, body);
  return unrolled((position) => `{ ${row(selected, position, body)} }`);
}

function row(selected: boolean, position: string, body: string): string {
  return `const i = ${selected ? `sel[${position}]` : position};\n${body}`;
}
