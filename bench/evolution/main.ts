import { RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';
import type { BatchRun } from '../../src/connectors/record-batch/batch-run.ts';
import { DirectReading } from '../../src/connectors/record-batch/direct.ts';
import { BatchWalker } from '../../src/connectors/record-batch/walker.ts';
import { BYTES_SLACK } from '../../src/data/column.ts';
import { BIGINT, DOUBLE, INT, type Schema, STRING } from '../../src/data/types.ts';
import { compileAvroEncoder, createDecoder } from '../../src/formats/index.ts';

/** Records of two writer schemas in one record batch, beside those of one: events a second of framing and decoding. */
const RECORDS = 8000;
const ROWS = 1000;
const ROUNDS = 15;
const ROUND_MS = 200;

const OLD: Schema = [
  { name: 'user', type: STRING },
  { name: 'amount', type: INT },
  { name: 'page', type: STRING },
];
const NEW: Schema = [
  { name: 'user', type: STRING },
  { name: 'amount', type: BIGINT },
  { name: 'page', type: STRING },
  { name: 'price', type: DOUBLE },
];
const WRITERS = [OLD, NEW].map((schema) => compileAvroEncoder(schema));

/** Which writer record i has. */
const CASES: readonly (readonly [name: string, writer: (i: number) => number])[] = [
  ['old only', () => 0],
  ['new only', () => 1],
  ['changes once', (i) => (i < RECORDS / 2 ? 0 : 1)],
  ['runs of 100', (i) => Math.floor(i / 100) % 2],
  ['every record', (i) => i % 2],
];

class Reading {
  private readonly bytes: Uint8Array;
  private readonly length: number;
  private readonly direct: DirectReading;

  constructor(writerOf: (i: number) => number) {
    const writer = new RecordBatchWriter();
    for (let i = 0; i < RECORDS; i++) {
      const which = writerOf(i);
      const row = [`user-${i % 997}`, which === 0 ? i : BigInt(i), `/page/${i % 31}`, i / 8];
      writer.append(null, WRITERS[which].encode(which + 1, row.slice(0, which === 0 ? 3 : 4)), 1000);
    }
    const batch = writer.finish();
    this.length = batch.length;
    this.bytes = new Uint8Array(batch.length + BYTES_SLACK);
    this.bytes.set(batch);
    const options = {};
    const decoder = createDecoder('avro-confluent', {
      schema: NEW,
      columns: [0, 1, 2, 3],
      filter: undefined,
      options,
      onError: 'fail',
    });
    WRITERS.forEach(({ schemaText }, i) => decoder.addSchema?.(i + 1, schemaText));
    if (decoder.direct === undefined) throw new Error('Avro is read directly');
    this.direct = new DirectReading(new BatchWalker(), decoder.direct);
  }

  /** Records a second. */
  measure(ms: number): number {
    const began = performance.now();
    let rows = 0;
    while (performance.now() - began < ms) rows += this.pass();
    return (rows * 1000) / (performance.now() - began);
  }

  private pass(): number {
    const { bytes } = this;
    const run: BatchRun = {
      topic: 'bench',
      partition: 0,
      bytes,
      view: new DataView(bytes.buffer),
      at: 0,
      end: this.length,
      nextOffset: 0,
      toOffset: Infinity,
      leaderEpoch: -1,
      whole: true,
      taken: false,
      aborted: undefined,
      trusted: true,
    };
    let rows = 0;
    for (let batch = this.direct.next(run, ROWS); batch !== undefined; batch = this.direct.next(run, ROWS)) {
      rows += batch.length;
    }
    if (rows !== RECORDS) throw new Error(`${rows} of ${RECORDS} records were read directly`);
    return rows;
  }
}

const readings = CASES.map(([, writerOf]) => new Reading(writerOf));
for (const reading of readings) reading.measure(2 * ROUND_MS);
const figures = readings.map((): number[] => []);
// In turn, so that what else the machine does meets all of them.
for (let round = 0; round < ROUNDS; round++) readings.forEach((one, i) => figures[i].push(one.measure(ROUND_MS)));

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
CASES.forEach(([name], i) => {
  const ratio = median(figures[i].map((figure, round) => (2 * figure) / (figures[0][round] + figures[1][round])));
  const rate = (median(figures[i]) / 1e6).toFixed(2);
  process.stdout.write(`${name.padEnd(14)} ${rate.padStart(7)} M records/s   ${ratio.toFixed(2)} of one writer\n`);
});
