import { asyncBufferFromFile, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { fileURLToPath } from 'node:url';
import { RecordBatchWriter } from '../../src/connectors/record-batch/index.ts';

/** Three million real flights of 2001, in order of departure. */
export const FLIGHTS_FILE = fileURLToPath(
  new URL('../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url),
);

export const FLIGHT_SCHEMA = JSON.stringify({
  type: 'record',
  name: 'Flight',
  fields: [
    { name: 'date', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'delay', type: 'int' },
    { name: 'distance', type: 'int' },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
  ],
});

export interface Flights {
  readonly count: number;
  /** Epoch milliseconds. */
  readonly date: Float64Array;
  readonly delay: Int32Array;
  readonly distance: Int32Array;
  readonly origin: string[];
  readonly destination: string[];
}

export async function readFlights(): Promise<Flights> {
  const flights: Flights = {
    count: 3_000_000,
    date: new Float64Array(3_000_000),
    delay: new Int32Array(3_000_000),
    distance: new Int32Array(3_000_000),
    origin: [],
    destination: [],
  };
  await parquetRead({
    file: await asyncBufferFromFile(FLIGHTS_FILE),
    compressors,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const column = columnData as ArrayLike<unknown>;
      for (let i = 0; i < column.length; i++) {
        const row = rowStart + i;
        if (columnName === 'date') flights.date[row] = (column[i] as Date).getTime();
        else if (columnName === 'delay') flights.delay[row] = Number(column[i]);
        else if (columnName === 'distance') flights.distance[row] = Number(column[i]);
        else if (columnName === 'origin') flights.origin[row] = column[i] as string;
        else flights.destination[row] = column[i] as string;
      }
    },
  });
  return flights;
}

const PER_BATCH = 1000;

/**
 * The flights as record batches, by partition, in the given order of rows. `partitionOf` names a row's partition by
 * its key (the origin).
 */
export function flightBatches(
  flights: Flights,
  order: Int32Array,
  schemaId: number,
  partitions: number,
): Uint8Array[][] {
  const batches: Uint8Array[][] = Array.from({ length: partitions }, () => []);
  const writers = batches.map(() => new RecordBatchWriter());
  const codes = new Map<string, { readonly bytes: Buffer; readonly partition: number }>();
  const value = new AvroValue(schemaId);
  for (const row of order) {
    const origin = flights.origin[row];
    let code = codes.get(origin);
    if (code === undefined) {
      code = { bytes: Buffer.from(origin, 'utf8'), partition: codes.size % partitions };
      codes.set(origin, code);
    }
    const writer = writers[code.partition];
    writer.append(code.bytes, value.encode(flights, row), flights.date[row]);
    if (writer.count === PER_BATCH) batches[code.partition].push(writer.finish());
  }
  writers.forEach((writer, partition) => {
    if (writer.count > 0) batches[partition].push(writer.finish());
  });
  return batches;
}

/** Avro by hand, for one schema: independent of the encoder and the decoder under test. */
class AvroValue {
  private readonly buffer = Buffer.alloc(256);
  private at = 0;

  constructor(schemaId: number) {
    this.buffer.writeInt32BE(schemaId, 1);
  }

  encode(flights: Flights, row: number): Uint8Array {
    this.at = 5;
    this.long(flights.date[row]);
    this.long(flights.delay[row]);
    this.long(flights.distance[row]);
    this.text(flights.origin[row]);
    this.text(flights.destination[row]);
    return this.buffer.subarray(0, this.at);
  }

  private long(value: number): void {
    let raw = value < 0 ? -value * 2 - 1 : value * 2;
    while (raw > 127) {
      this.buffer[this.at++] = (raw % 128) | 128;
      raw = Math.floor(raw / 128);
    }
    this.buffer[this.at++] = raw;
  }

  private text(value: string): void {
    this.long(value.length);
    this.at += this.buffer.write(value, this.at, 'latin1');
  }
}

export function inOrder(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** Rows sorted by their time moved by a seeded, uniform +-`range` milliseconds: a stream out of order by at most 2 * range. */
export function shuffledWithin(flights: Flights, range: number, seed: number): Int32Array {
  let state = seed;
  const keys = new Float64Array(flights.count);
  for (let i = 0; i < flights.count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    keys[i] = flights.date[i] + ((state >>> 0) / 4294967296 - 0.5) * 2 * range;
  }
  return inOrder(flights.count).sort((a, b) => keys[a] - keys[b] || a - b);
}
