import { isUtf8 } from 'node:buffer';
import { type Batch, makeBatch } from '../../data/batch.ts';
import { DecodeError, type DecoderSpec, type RecordDecoder, type RecordFrames } from '../contracts.ts';
import { columnsOf, makeSlots, type SlotSet } from '../slots/index.ts';
import { ConversionProblem } from '../text/problems.ts';
import { type JsonOptions, makeConverter } from './convert.ts';
import { ObjectFields } from './object-fields.ts';
import { JsonSyntaxProblem } from './problems.ts';
import { JsonReader } from './reader.ts';

/** How much of a bad record is shown in messages. */
const SHOWN_BYTES = 500;

/** JSON objects, or arrays of objects (a row each), by the rules of Flink's json format. */
export class JsonDecoder implements RecordDecoder {
  skipped = 0;
  private readonly skip: boolean;
  private readonly slots: SlotSet;
  private readonly fields: ObjectFields;
  private readonly reader = new JsonReader();
  private row = 0;

  constructor(spec: DecoderSpec, options: JsonOptions) {
    this.skip = spec.onError === 'skip';
    this.slots = makeSlots(spec.schema, spec.columns);
    const names = spec.columns.map((index) => spec.schema[index].name);
    const converters = this.slots.roots.map((slot) => makeConverter(slot, options));
    this.fields = new ObjectFields(names, this.slots.roots, converters, options.failOnMissingField);
  }

  decode(frames: RecordFrames, from: number, to: number): Batch {
    for (const slot of this.slots.roots) {
      slot.reset();
      slot.ensure(to - from);
    }
    this.row = 0;
    const bytes = Buffer.from(frames.bytes.buffer, frames.bytes.byteOffset, frames.bytes.byteLength);
    for (let record = from; record < to; record++) {
      const end = frames.valueEnds[record];
      if (end >= 0) this.decodeRecord(bytes, frames.valueStarts[record], end, record);
    }
    return makeBatch(columnsOf(this.slots, frames), this.row);
  }

  private decodeRecord(bytes: Buffer, start: number, end: number, record: number): void {
    const before = this.row;
    try {
      if (!isUtf8(bytes.subarray(start, end))) throw new JsonSyntaxProblem('it is not UTF-8');
      this.reader.open(bytes, start, end);
      this.readRows();
    } catch (error) {
      if (!(error instanceof JsonSyntaxProblem) && !(error instanceof ConversionProblem)) throw error;
      if (!this.skip) throw new DecodeError(record, describe(bytes, start, end, error.message));
      this.row = before;
      for (const slot of this.slots.roots) slot.truncate(before);
      this.skipped++;
    }
  }

  /** What follows the first value of a record is not looked at, as in Flink. */
  private readRows(): void {
    const { reader } = this;
    if (reader.atEnd()) return;
    const kind = reader.peek();
    if (kind === 'object') return this.readRow();
    if (kind !== 'array') throw new JsonSyntaxProblem(`expected an object or an array of objects, found a ${kind}`);
    reader.enter();
    for (let first = true; reader.next(first, ']'); first = false) {
      if (reader.peek() !== 'object') throw new JsonSyntaxProblem(`expected an object, found a ${reader.peek()}`);
      this.readRow();
    }
  }

  private readRow(): void {
    for (const slot of this.slots.roots) slot.ensure(this.row + 1);
    this.fields.read(this.reader, this.row);
    this.row++;
  }
}

function describe(bytes: Buffer, start: number, end: number, detail: string): string {
  const text = bytes.toString('utf8', start, Math.min(end, start + SHOWN_BYTES));
  return `Failed to deserialize JSON '${text}${end - start > SHOWN_BYTES ? '…' : ''}'. ${detail}`;
}
