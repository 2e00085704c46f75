import { type Batch, makeBatch } from '../../data/batch.ts';
import { DecodeError, type DecoderSpec, type RecordDecoder, type RecordFrames } from '../contracts.ts';
import { columnsOf, makeSlots, type SlotSet } from '../slots/index.ts';
import { ConversionProblem } from '../text/problems.ts';
import { nullOrProblem } from '../text/store.ts';
import { csvConverter, type CsvConverter, nullOnProblem } from './convert.ts';
import { CsvFields, CsvProblem } from './fields.ts';
import type { CsvOptions } from './options.ts';

/** How much of a bad row is shown in messages. */
const SHOWN_BYTES = 200;

/** Rows of csv text, by the rules of Flink's csv format: a field for each column, in the order of the columns. */
export class CsvDecoder implements RecordDecoder {
  skipped = 0;
  private readonly spec: DecoderSpec;
  private readonly ignore: boolean;
  private readonly slots: SlotSet;
  private readonly converters: readonly CsvConverter[];
  private readonly fields: CsvFields;

  constructor(spec: DecoderSpec, options: CsvOptions) {
    this.spec = spec;
    this.ignore = options.ignoreParseErrors || spec.onError === 'skip';
    this.slots = makeSlots(spec.schema, spec.columns);
    this.converters = this.slots.roots.map((slot) => {
      const convert = csvConverter(slot, options.nullLiteral, options.arrayDelimiter);
      return this.ignore ? nullOnProblem(slot, convert) : convert;
    });
    this.fields = new CsvFields(options);
  }

  decode(frames: RecordFrames, from: number, to: number): Batch {
    for (const slot of this.slots.roots) {
      slot.reset();
      slot.ensure(to - from);
    }
    const bytes = Buffer.from(frames.bytes.buffer, frames.bytes.byteOffset, frames.bytes.byteLength);
    let row = 0;
    for (let record = from; record < to; record++) {
      const end = frames.valueEnds[record];
      if (end >= 0 && this.decodeRow(bytes, frames.valueStarts[record], end, record, row)) row++;
    }
    return makeBatch(columnsOf(this.slots, frames), row);
  }

  private decodeRow(bytes: Buffer, start: number, end: number, record: number, row: number): boolean {
    try {
      this.fields.split(bytes, start, end);
      this.checkCount();
      this.convertFields(bytes, row);
      return true;
    } catch (error) {
      if (!(error instanceof CsvProblem) && !(error instanceof ConversionProblem)) throw error;
      if (!this.ignore) {
        const shown = bytes.toString('utf8', start, Math.min(end, start + SHOWN_BYTES));
        throw new DecodeError(record, `${error.message}: ${shown}`);
      }
      for (const slot of this.slots.roots) slot.truncate(row);
      this.skipped++;
      return false;
    }
  }

  /** Flink gives NULL for what is missing when errors are ignored, and never takes a row that is too long. */
  private checkCount(): void {
    const expected = this.spec.schema.length;
    const given = this.fields.count;
    if (given > expected || (given < expected && !this.ignore)) {
      throw new CsvProblem(`Row length mismatch. ${expected} fields expected but was ${given}`);
    }
  }

  private convertFields(bytes: Buffer, row: number): void {
    const { fields, converters, spec } = this;
    const scratch = Buffer.from(fields.scratch.buffer, 0, fields.scratch.length);
    for (let i = 0; i < converters.length; i++) {
      const field = spec.columns[i];
      try {
        if (field >= fields.count) nullOrProblem(this.slots.roots[i], row);
        else converters[i](fields.copied[field] === 1 ? scratch : bytes, fields.starts[field], fields.ends[field], row);
      } catch (error) {
        if (!(error instanceof ConversionProblem)) throw error;
        throw new ConversionProblem(`column ${spec.schema[field].name}: ${error.message}`);
      }
    }
  }
}
