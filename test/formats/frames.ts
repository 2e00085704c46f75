import { BYTES_SLACK } from '../../src/data/column.ts';
import type { Batch } from '../../src/data/batch.ts';
import { readValue } from '../../src/data/read.ts';
import type { Schema } from '../../src/data/types.ts';
import type { RecordFrames } from '../../src/formats/contracts.ts';

/** Frames of values, with `filler` between them and after the last one; null is a tombstone. */
export function framesOf(values: readonly (Uint8Array | null)[], filler = 0): RecordFrames {
  const total = values.reduce((sum, value) => sum + (value?.length ?? 0) + 1, 0);
  const bytes = new Uint8Array(total + BYTES_SLACK).fill(filler);
  const valueStarts = new Int32Array(values.length);
  const valueEnds = new Int32Array(values.length);
  let at = 0;
  values.forEach((value, i) => {
    valueStarts[i] = at;
    valueEnds[i] = value === null ? -1 : at + value.length;
    if (value !== null) bytes.set(value, at);
    at += (value?.length ?? 0) + 1;
  });
  return {
    bytes,
    view: new DataView(bytes.buffer),
    count: values.length,
    offsets: Float64Array.from(values, (_, i) => i),
    timestamps: new Float64Array(values.length),
    keyStarts: new Int32Array(values.length),
    keyEnds: new Int32Array(values.length).fill(-1),
    valueStarts,
    valueEnds,
  };
}

/** Rows of a batch as plain values, its selection applied. */
export function rowsOf(batch: Batch, schema: Schema): unknown[][] {
  const rows: unknown[][] = [];
  for (let k = 0; k < batch.selectedCount; k++) {
    const row = batch.selection === undefined ? k : batch.selection[k];
    rows.push(batch.columns.map((column, i) => readValue(schema[i].type, column, row)));
  }
  return rows;
}
