import { type Batch, makeBatch } from '../../src/data/batch.ts';
import { BYTES_SLACK, type Column } from '../../src/data/column.ts';
import { random } from '../event.ts';
import { EVENTS_PER_SECOND } from './cases.ts';

const BATCH = 4096;
const POOL = 256;
const WIDTH = 12;
/** Out of order by so many milliseconds at most. */
const DISORDER = 200;

/** Batches of (user_id, item, price, ts), made beforehand and played again and again with later times. */
export class EventPool {
  private readonly batches: readonly { readonly columns: readonly Column[]; readonly late: Int32Array }[];
  private next = 0;
  private sent = 0;

  constructor(keys: number, columns: readonly number[]) {
    const draw = random(42);
    this.batches = Array.from({ length: POOL }, () => makeColumns(draw, keys, columns));
  }

  take(): Batch {
    const { columns, late } = this.batches[this.next];
    this.next = (this.next + 1) % POOL;
    const time = columns[columns.length - 1];
    if (time.layout !== 'ts') throw new Error('the last column is the time');
    const perMs = EVENTS_PER_SECOND / 1000;
    for (let i = 0; i < BATCH; i++) time.values[i] = Math.floor((this.sent + i) / perMs) - late[i];
    this.sent += BATCH;
    return makeBatch(columns, BATCH);
  }
}

function makeColumns(draw: () => number, keys: number, columns: readonly number[]) {
  const bytes = new Uint8Array(BATCH * WIDTH + BYTES_SLACK);
  const starts = Int32Array.from({ length: BATCH }, (_, i) => i * WIDTH);
  for (let i = 0; i < BATCH; i++)
    bytes.set(Buffer.from(`user_${String((draw() * keys) | 0).padStart(7, '0')}`), i * WIDTH);
  const all: readonly Column[] = [
    {
      layout: 'bytes',
      bytes,
      view: new DataView(bytes.buffer),
      starts,
      ends: starts.map((start) => start + WIDTH),
      nulls: undefined,
    },
    { layout: 'i32', values: Int32Array.from({ length: BATCH }, () => (draw() * 1000) | 0), nulls: undefined },
    {
      layout: 'f64',
      values: Float64Array.from({ length: BATCH }, () => Math.round(draw() * 1e5) / 100),
      nulls: undefined,
    },
    { layout: 'ts', values: new Float64Array(BATCH), nanos: undefined, nulls: undefined },
  ];
  const late = Int32Array.from({ length: BATCH }, () => (draw() * DISORDER) | 0);
  return { columns: columns.map((index) => all[index]), late };
}

export const EVENTS_PER_BATCH = BATCH;
