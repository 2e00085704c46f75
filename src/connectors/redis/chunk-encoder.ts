import type { Schema } from '../../data/types.ts';
import { type Chunk, DELETED } from '../../store/chunk.ts';
import { type FieldWriter, fieldWriter, isNullAt, jsonWriter, keyPartWriter } from './field-writer.ts';
import type { KeyTemplate } from './key-template.ts';
import type { ValueMode } from './options.ts';
import { PackWriter } from './pack-writer.ts';

/** How much one script call does at most: a few milliseconds of Redis's one thread. */
export interface PartLimits {
  readonly rows: number;
  readonly bytes: number;
}

export const PART_LIMITS: PartLimits = { rows: 500, bytes: 256 << 10 };

/** Rows from..to - 1 of a chunk, packed for the apply script. */
export interface EncodedPart {
  readonly from: number;
  readonly to: number;
  readonly packed: Buffer;
}

/** When the row of an epoch expires, epoch milliseconds; undefined: never. */
export type ExpiryOf = (epoch: number) => number | undefined;

/** Turns rows of the committed log into what the apply script takes; equal rows give equal bytes, whenever that is. */
export class ChunkEncoder {
  /** Field names, packed. */
  readonly names: Buffer;
  private readonly keyColumns: readonly number[];
  private readonly keyWriters: readonly FieldWriter[];
  private readonly literals: readonly Uint8Array[];
  private readonly writers: readonly FieldWriter[];
  private readonly jsonMembers: readonly Uint8Array[];
  private readonly mode: ValueMode;
  private readonly out = new PackWriter();

  constructor(schema: Schema, primaryKey: readonly number[], keys: KeyTemplate, mode: ValueMode) {
    this.mode = mode;
    this.literals = keys.literals.map((literal) => Buffer.from(literal));
    this.keyColumns = keys.columns.map((part) => primaryKey[part]);
    this.keyWriters = this.keyColumns.map((column) => keyPartWriter(schema[column].type));
    this.writers = schema.map(({ type }) => (mode === 'hash' ? fieldWriter(type) : jsonWriter(type)));
    this.jsonMembers = schema.map(({ name }, i) => Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`));
    this.names = this.packNames(schema);
  }

  private packNames(schema: Schema): Buffer {
    const { out } = this;
    out.reset();
    const array = out.beginArray();
    for (const { name } of schema) {
      const text = out.beginString();
      out.utf8(name);
      out.endString(text);
    }
    out.endArray(array, schema.length);
    return out.take();
  }

  /** The next part of a chunk from row `from` on. */
  encode(chunk: Chunk, from: number, expiryOf: ExpiryOf, limits: PartLimits = PART_LIMITS): EncodedPart {
    const { out } = this;
    out.reset();
    const array = out.beginArray();
    const total = out.uint32(0);
    let elements = 1;
    let row = from;
    const end = Math.min(chunk.count, from + limits.rows);
    while (row < end && (row === from || out.length < limits.bytes)) {
      elements += this.row(chunk, row, expiryOf);
      row++;
    }
    out.patch(total, row - from);
    out.endArray(array, elements);
    return { from, to: row, packed: out.take() };
  }

  /** The Redis key of a row, for messages. */
  keyText(chunk: Chunk, row: number): string {
    this.out.reset();
    this.key(chunk, row);
    return this.out.take().subarray(5).toString();
  }

  /** Writes one row; returns how many elements. */
  private row(chunk: Chunk, row: number, expiryOf: ExpiryOf): number {
    const { out } = this;
    this.key(chunk, row);
    if (chunk.ops[row] === DELETED) {
      out.boolean(false);
      return 2;
    }
    const expiry = expiryOf(chunk.rowEpochs === undefined ? chunk.epoch : chunk.rowEpochs[row]);
    if (expiry === undefined) {
      out.boolean(true);
    } else {
      const text = out.beginString();
      out.ascii(String(expiry));
      out.endString(text);
    }
    if (this.mode === 'json') {
      this.json(chunk, row);
      return 3;
    }
    for (let c = 0; c < this.writers.length; c++) {
      const column = chunk.columns[c];
      if (isNullAt(column, row)) {
        out.nil();
        continue;
      }
      const text = out.beginString();
      this.writers[c](column, row, out);
      out.endString(text);
    }
    return 2 + this.writers.length;
  }

  private key(chunk: Chunk, row: number): void {
    const { out, literals } = this;
    const text = out.beginString();
    for (let i = 0; i < this.keyWriters.length; i++) {
      out.bytes(literals[i], 0, literals[i].length);
      this.keyWriters[i](chunk.columns[this.keyColumns[i]], row, out);
    }
    const last = literals[literals.length - 1];
    out.bytes(last, 0, last.length);
    out.endString(text);
  }

  private json(chunk: Chunk, row: number): void {
    const { out } = this;
    const text = out.beginString();
    for (let c = 0; c < this.writers.length; c++) {
      out.bytes(this.jsonMembers[c], 0, this.jsonMembers[c].length);
      this.writers[c](chunk.columns[c], row, out);
    }
    out.ascii('}');
    out.endString(text);
  }
}
