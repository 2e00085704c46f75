import type { RecordFrames } from '../../formats/contracts.ts';

/**
 * Says where a row comes from. Records without a value make no row, so rows are counted over the others; when the
 * decoder also left out undecodable ones, a row is known to lie in a range of offsets only.
 */
export function describeRow(
  topic: string,
  partition: number,
  frames: RecordFrames,
  from: number,
  to: number,
  rows: number,
): (row: number) => string {
  return (row) => {
    const where = `topic ${topic}, partition ${partition}`;
    const record = recordOfRow(frames, from, to, rows, row);
    if (record !== undefined) return `${where}, offset ${frames.offsets[record]}`;
    return `${where}, offset between ${frames.offsets[from]} and ${frames.offsets[to - 1]}`;
  };
}

function recordOfRow(frames: RecordFrames, from: number, to: number, rows: number, row: number): number | undefined {
  if (rows === to - from) return from + row;
  let withValue = 0;
  let found: number | undefined;
  for (let i = from; i < to; i++) {
    if (frames.valueEnds[i] < 0) continue;
    if (withValue === row) found = i;
    withValue++;
  }
  return withValue === rows ? found : undefined;
}
