import type { Slot } from '../slots/index.ts';
import { ConversionProblem } from '../text/problems.ts';
import { nullOrProblem } from '../text/store.ts';
import type { JsonReader } from './reader.ts';

/** Reads the next value of the reader into a row of a slot. */
export type Converter = (reader: JsonReader, row: number) => void;

/** Reads the fields of JSON objects into slots, by exact name. */
export class ObjectFields {
  private readonly names: readonly string[];
  private readonly encoded: readonly Buffer[];
  private readonly slots: readonly Slot[];
  private readonly converters: readonly Converter[];
  private readonly seen: Uint8Array;
  private readonly failOnMissing: boolean;

  constructor(
    names: readonly string[],
    slots: readonly Slot[],
    converters: readonly Converter[],
    failOnMissing: boolean,
  ) {
    this.names = names;
    this.encoded = names.map((name) => Buffer.from(name));
    this.slots = slots;
    this.converters = converters;
    this.seen = new Uint8Array(names.length);
    this.failOnMissing = failOnMissing;
  }

  /** Reads an object. Like Flink's parser, it looks at no more known fields than there are columns. */
  read(reader: JsonReader, row: number): void {
    const { seen, converters } = this;
    seen.fill(0);
    let found = 0;
    let next = 0;
    reader.enter();
    for (let first = true; reader.next(first, '}'); first = false) {
      reader.key();
      const field = found < seen.length ? this.find(reader, next) : -1;
      if (field < 0) {
        reader.skipValue();
        continue;
      }
      this.convert(field, reader, row, converters[field]);
      seen[field] = 1;
      found++;
      next = field + 1;
    }
    if (found < seen.length && this.failOnMissing) {
      throw new ConversionProblem('Some field is missing in the JSON data.');
    }
    for (let i = 0; i < seen.length; i++) if (seen[i] === 0) this.convert(i, reader, row, this.missing(i));
  }

  private missing(field: number): Converter {
    return (_reader, row) => nullOrProblem(this.slots[field], row);
  }

  private convert(field: number, reader: JsonReader, row: number, converter: Converter): void {
    try {
      converter(reader, row);
    } catch (error) {
      if (!(error instanceof ConversionProblem)) throw error;
      throw new ConversionProblem(`Fail to deserialize at field: ${this.names[field]}. ${error.message}`);
    }
  }

  /** The column of the key just read, or -1. Keys mostly come in the order of the columns, so `from` is tried first. */
  private find(reader: JsonReader, from: number): number {
    if (reader.escaped) return this.names.indexOf(reader.text());
    const { bytes, start, stop } = reader;
    const count = this.encoded.length;
    for (let k = 0; k < count; k++) {
      const field = (from + k) % count;
      if (sameBytes(this.encoded[field], bytes, start, stop)) return field;
    }
    return -1;
  }
}

function sameBytes(name: Buffer, bytes: Buffer, start: number, stop: number): boolean {
  if (name.length !== stop - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
