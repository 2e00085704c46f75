import { type Batch, makeBatch } from '../../data/batch.ts';
import { runtimeError } from '../../data/errors.ts';
import {
  DecodeError,
  type DecoderSpec,
  NeedSchema,
  type RecordDecoder,
  type RecordFrames,
  type SchemaRefusal,
} from '../contracts.ts';
import { columnsOf, makeSlots, type SlotSet } from '../slots/index.ts';
import { chooseModes } from './bytes-modes.ts';
import { compileRun, type Cursor, type DecodeRun } from './compile.ts';
import { AvroDirect } from './direct.ts';
import { RecordFailure, REASONS } from './failures.ts';
import type { Step } from './plan.ts';
import { readerSchema } from './reader-schema.ts';
import { type Problem, resolveRecord, type Target } from './resolve.ts';
import { type AvroType, describeAvro, parseAvroSchema } from './schema.ts';

/** Magic byte and schema id. */
const HEADER_BYTES = 5;

/** Avro records with Confluent's header, decoded by code generated for each writer schema. */
export class AvroDecoder implements RecordDecoder {
  skipped = 0;
  readonly direct: AvroDirect;
  private readonly spec: DecoderSpec;
  private readonly slots: SlotSet;
  private readonly targets: readonly Target[];
  private readonly columns: ReadonlySet<string>;
  private readonly writers = new Map<number, AvroType>();
  private readonly refused = new Map<number, SchemaRefusal>();
  private readonly steps = new Map<number, readonly Step[]>();
  private readonly runs = new Map<number, DecodeRun>();
  private readonly cursor: Cursor = { record: 0, row: 0 };

  constructor(spec: DecoderSpec) {
    this.spec = spec;
    this.slots = makeSlots(spec.schema, spec.columns);
    const reader = readerSchema(spec.schema, spec.options);
    this.targets = spec.columns.map((index, i) => {
      const { name } = spec.schema[index];
      return { name, slot: this.slots.roots[i], reader: reader?.fields.find((field) => field.name === name) };
    });
    this.columns = new Set(spec.schema.map(({ name }) => name));
    this.direct = new AvroDirect(this.slots, this.steps);
  }

  /** Throws HeadwaterError `invalid-avro-schema` or `schema-mismatch`. */
  addSchema(id: number, schemaText: string): void {
    const writer = parseAvroSchema(schemaText);
    const resolution = resolveRecord(writer, this.targets, this.columns);
    if ('problem' in resolution) throw runtimeError('schema-mismatch', this.explain(id, writer, resolution));
    this.writers.set(id, writer);
    this.steps.set(id, resolution.steps);
    this.runs.delete(id);
    this.direct.forget();
    // Code depends on where the bytes of a column come from, which a new writer can change.
    if (chooseModes(this.slots, [...this.steps.values()])) this.runs.clear();
  }

  refuseSchema(id: number, refusal: SchemaRefusal): void {
    this.refused.set(id, refusal);
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
      if (this.spec.onError === 'fail') throw this.failed(frames, failure);
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
    const id = frames.view.getInt32(start + 1);
    const refusal = this.refused.get(id);
    if (refusal !== undefined) return refusal.reason;
    const run = this.runOf(id);
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

  /** Of the record at the cursor. */
  private failed(frames: RecordFrames, reason: string): DecodeError {
    const { record } = this.cursor;
    const start = frames.valueStarts[record];
    const whole = frames.valueEnds[record] - start >= HEADER_BYTES && frames.bytes[start] === 0;
    const refusal = whole ? this.refused.get(frames.view.getInt32(start + 1)) : undefined;
    return new DecodeError(record, reason, refusal?.code);
  }

  /** Names both sides of a change: the schema that cannot be read, and the one that was read before it. */
  private explain(id: number, writer: AvroType, { problem, column }: Problem): string {
    const name = writer.kind === 'record' ? ` (${writer.name})` : '';
    const refused = `writer schema ${id}${name}: ${problem}`;
    const before = [...this.writers].at(-1);
    if (before === undefined) return refused;
    const [earlierId, earlier] = before;
    const field = earlier.kind === 'record' ? earlier.fields.find((candidate) => candidate.name === column) : undefined;
    const was = field === undefined ? '' : `, where '${field.name}' is ${describeAvro(field.type)}`;
    return `${refused}; records before it have writer schema ${earlierId}${was}`;
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
