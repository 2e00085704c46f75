/** The head of a loop over the rows of a batch: position `j`, row `i`. */
export function rowLoop(selected: boolean, body: string): string {
  const row = selected ? 'const i = sel[j];' : 'const i = j;';
  return `for (let j = 0; j < count; j++) {\n${row}\n${body}\n}`;
}
