import { type Batch, makeBatch } from '../../data/batch.ts';
import { DecodeError, type DecoderSpec, NeedSchema, type RecordDecoder, type RecordFrames } from '../contracts.ts';
import { columnsOf, makeSlots, type SlotSet } from '../slots/index.ts';
import { chooseModes } from './bytes-modes.ts';
import { compileRun, type Cursor, type DecodeRun } from './compile.ts';
import { AvroDirect } from './direct.ts';
import { RecordFailure, REASONS } from './failures.ts';
import type { Step } from './plan.ts';
import { resolveRecord, type Target } from './resolve.ts';
import { parseAvroSchema } from './schema.ts';

/** Magic byte and schema id. */
const HEADER_BYTES = 5;

/** Avro records with Confluent's header, decoded by code generated for each writer schema. */
export class AvroDecoder implements RecordDecoder {
  skipped = 0;
  readonly direct: AvroDirect;
  private readonly spec: DecoderSpec;
  private readonly slots: SlotSet;
  private readonly targets: readonly Target[];
  private readonly steps = new Map<number, readonly Step[]>();
  private readonly runs = new Map<number, DecodeRun>();
  private readonly cursor: Cursor = { record: 0, row: 0 };

  constructor(spec: DecoderSpec) {
    this.spec = spec;
    this.slots = makeSlots(spec.schema, spec.columns);
    this.targets = spec.columns.map((index, i) => ({ name: spec.schema[index].name, slot: this.slots.roots[i] }));
    this.direct = new AvroDirect(this.slots, this.steps);
  }

  /** Throws HeadwaterError `invalid-avro-schema` or `schema-mismatch`. */
  addSchema(id: number, schemaText: string): void {
    this.steps.set(id, resolveRecord(parseAvroSchema(schemaText), this.targets, id));
    this.runs.delete(id);
    this.direct.forget();
    // Code depends on where the bytes of a column come from, which a new writer can change.
    if (chooseModes(this.slots, [...this.steps.values()])) this.runs.clear();
  }

  decode(frames: RecordFrames, from: number, to: number): Batch {
    const { cursor } = this;
    for (const slot of this.slots.roots) {
      slot.reset();
      slot.ensure(to - from);
    }
    cursor.record = from;
    cursor.row = 0;
    let skipped = 0;
    while (cursor.record < to) {
      const failure = this.decodeRun(frames, to);
      if (failure === undefined) continue;
      if (this.spec.onError === 'fail') throw new DecodeError(cursor.record, failure);
      for (const slot of this.slots.roots) slot.truncate(cursor.row);
      cursor.record++;
      skipped++;
    }
    // Only now: a range that is decoded again after NeedSchema counts once.
    this.skipped += skipped;
    return makeBatch(columnsOf(this.slots, frames), cursor.row);
  }

  /** Goes on from the cursor; returns why the record at the cursor is bad, or undefined when it is not yet known. */
  private decodeRun(frames: RecordFrames, to: number): string | undefined {
    const { cursor } = this;
    const start = frames.valueStarts[cursor.record];
    const end = frames.valueEnds[cursor.record];
    if (end < 0) {
      cursor.record++;
      return undefined;
    }
    if (end - start < HEADER_BYTES) return `the value has ${end - start} bytes, too few for a schema id`;
    const magic = frames.bytes[start];
    if (magic !== 0) return `unknown data format: the magic byte is ${magic}; expected 0`;
    const run = this.runOf(frames.view.getInt32(start + 1));
    try {
      run(frames, to, this.slots.all, cursor);
      return undefined;
    } catch (error) {
      if (error instanceof RecordFailure) return error.message;
      // Reads past the whole buffer, and records nested beyond the stack.
      if (error instanceof RangeError) return REASONS.truncated;
      throw error;
    }
  }

  private runOf(id: number): DecodeRun {
    const known = this.runs.get(id);
    if (known !== undefined) return known;
    const steps = this.steps.get(id);
    if (steps === undefined) throw new NeedSchema(id);
    const run = compileRun(id, steps, this.slots);
    this.runs.set(id, run);
    return run;
  }
}
