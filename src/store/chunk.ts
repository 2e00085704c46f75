import { crc32 } from '../data/checksum.ts';
import { decodeColumns, prepareColumns } from '../data/codec.ts';
import type { BytesColumn, Column, F64Column, I8Column } from '../data/column.ts';
import { type HeadwaterError, runtimeError } from '../data/errors.ts';
import type { MakeArray } from '../data/scratch.ts';
import { type Allocate, allocateBytes } from '../data/slab-pool.ts';
import {
  BYTES,
  DOUBLE,
  formatType,
  notNull,
  type Schema,
  type SqlType,
  stripAttribute,
  TINYINT,
} from '../data/types.ts';
import { isSingleBytes } from '../expressions/key-encoder.ts';

/**
 * A chunk of an output table's committed log: net changes of one epoch, at most one per primary key, as columns. A
 * base blob has the same form, holds upserts only, and carries the epoch of each row. Little-endian:
 *
 *     0  version u8, kind u8 (0 log, 1 base), key group u16 (0xffff: not divided by key group)
 *     4  crc32 u32 of everything that follows it
 *     8  schema fingerprint u32, row count u32
 *     16 epoch f64 (of a base: the highest of its rows)
 *     24 index u32 of the first row within its epoch and task
 *     28 lowest and highest key group of its rows, u8 each, 2 bytes 0
 *     32 columns by data/codec.ts: op (0 upsert, 1 delete), [key bytes], [epoch of the row], all table columns
 *
 * Key bytes are left out where the primary key is one column of strings or bytes: they are that column's.
 */
export interface Chunk {
  readonly kind: 'log' | 'base';
  /** Key group of every row of a base blob; undefined for log chunks. */
  readonly keyGroup: number | undefined;
  /** Of the rows, which lie in the order of their key groups. */
  readonly keyGroups: KeyGroups;
  readonly epoch: number;
  /** Row i is change (epoch, firstIndex + i). */
  readonly firstIndex: number;
  readonly count: number;
  /** UPSERT or DELETE per row. The values of a deleted row are unspecified but for its key. */
  readonly ops: Int8Array;
  readonly keys: BytesColumn;
  /** Base only: the epoch in which each row last changed. */
  readonly rowEpochs: Float64Array | undefined;
  readonly columns: readonly Column[];
}

/** Bytes of a chunk of the log at most, about. */
export const MAX_CHUNK_BYTES = 1 << 20;

export const UPSERT = 0;
export const DELETED = 1;

const VERSION = 2;
const HEADER_BYTES = 32;
const NO_KEY_GROUP = 0xffff;
const OP_TYPE = notNull(TINYINT);
const KEY_TYPE = notNull(BYTES);
const EPOCH_TYPE = notNull(DOUBLE);

/** The lowest and the highest key group of some rows. */
export interface KeyGroups {
  readonly lowest: number;
  readonly highest: number;
}

/** The key groups of a chunk, told from its first 32 bytes. */
export function keyGroupsOf(head: Uint8Array): KeyGroups {
  return { lowest: head[28], highest: head[29] };
}

/** Reads and writes the chunks of one output table. */
export class ChunkFormat {
  readonly primaryKey: readonly number[];
  private readonly allocate: Allocate;
  private readonly fingerprint: number;
  private readonly types: { readonly log: readonly SqlType[]; readonly base: readonly SqlType[] };
  /** Columns of the table. */
  private readonly width: number;
  /** The column that is the key, bytes and all. */
  private readonly keyColumn: number | undefined;

  /** `allocate`: where the chunks that it writes are. */
  constructor(schema: Schema, primaryKey: readonly number[], allocate: Allocate = allocateBytes) {
    this.allocate = allocate;
    this.primaryKey = primaryKey;
    this.fingerprint = schemaFingerprint(schema, primaryKey);
    const values = schema.map((field) => field.type);
    this.width = values.length;
    this.keyColumn = isSingleBytes(primaryKey.map((index) => values[index])) ? primaryKey[0] : undefined;
    const key = this.keyColumn === undefined ? [KEY_TYPE] : [];
    this.types = { log: [OP_TYPE, ...key, ...values], base: [OP_TYPE, ...key, EPOCH_TYPE, ...values] };
  }

  /** Keys take no room of their own. */
  get keysAreColumn(): boolean {
    return this.keyColumn !== undefined;
  }

  encode(chunk: Chunk): Uint8Array {
    return this.stamp(this.draft(chunk), chunk.epoch, chunk.firstIndex);
  }

  /** A chunk that has no place in the log yet: `stamp` gives it one, and only then can it be decoded. */
  draft(chunk: Omit<Chunk, 'epoch' | 'firstIndex'>): Uint8Array {
    const base = chunk.kind === 'base';
    const keys = this.keyColumn === undefined ? [chunk.keys] : [];
    const epochs: F64Column[] =
      chunk.rowEpochs === undefined ? [] : [{ layout: 'f64', values: chunk.rowEpochs, nulls: undefined }];
    const all = [opColumn(chunk), ...keys, ...epochs, ...chunk.columns];
    const columns = prepareColumns(this.types[chunk.kind], all, chunk.count);
    const bytes = this.allocate(HEADER_BYTES + columns.size);
    columns.write(bytes, HEADER_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    bytes[0] = VERSION;
    bytes[1] = base ? 1 : 0;
    view.setUint16(2, chunk.keyGroup ?? NO_KEY_GROUP, true);
    view.setUint32(8, this.fingerprint, true);
    view.setUint32(12, chunk.count, true);
    bytes[28] = chunk.keyGroups.lowest;
    bytes[29] = chunk.keyGroups.highest;
    return bytes;
  }

  /** Writes where a draft stands in the log, and the checksum over all of it. */
  stamp(bytes: Uint8Array, epoch: number, firstIndex: number): Uint8Array {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    view.setFloat64(16, epoch, true);
    view.setUint32(24, firstIndex, true);
    view.setUint32(4, crc32(bytes.subarray(8), crc32(bytes.subarray(0, 4))), true);
    return bytes;
  }

  /**
   * The columns may be views of `bytes`; what arrays they need come from `make`. Throws `log-corrupt`, or `log-schema` for
   * a chunk of another schema.
   */
  decode(bytes: Uint8Array, make?: MakeArray): Chunk {
    if (bytes.length < HEADER_BYTES) {
      throw corrupt(`has ${bytes.length} bytes, expected at least the ${HEADER_BYTES} of its header`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const stored = view.getUint32(4, true);
    const actual = crc32(bytes.subarray(8), crc32(bytes.subarray(0, 4)));
    if (stored !== actual) throw corrupt(`has checksum ${hex(actual)}, expected ${hex(stored)}`);
    if (bytes[0] !== VERSION) throw corrupt(`has version ${bytes[0]}, expected ${VERSION}`);
    if (bytes[1] > 1) throw corrupt(`is of kind ${bytes[1]}, expected 0 (log) or 1 (base)`);
    this.checkFingerprint(view.getUint32(8, true));
    return this.decodeBody(bytes, view, make);
  }

  private decodeBody(bytes: Uint8Array, view: DataView, make: MakeArray | undefined): Chunk {
    const base = bytes[1] === 1;
    const { columns, count } = decodeColumns(this.types[base ? 'base' : 'log'], bytes, HEADER_BYTES, make);
    if (count !== view.getUint32(12, true)) {
      throw corrupt(`has ${count} rows, expected the ${view.getUint32(12, true)} of its header`);
    }
    const values = columns.slice(columns.length - this.width);
    const ops = columns[0];
    const keys = this.keyColumn === undefined ? columns[1] : values[this.keyColumn];
    const epochs = base ? columns[columns.length - this.width - 1] : undefined;
    if (ops.layout !== 'i8' || keys.layout !== 'bytes' || (epochs !== undefined && epochs.layout !== 'f64')) {
      throw corrupt('does not begin with operations and keys');
    }
    const keyGroup = view.getUint16(2, true);
    return {
      kind: base ? 'base' : 'log',
      keyGroup: keyGroup === NO_KEY_GROUP ? undefined : keyGroup,
      keyGroups: keyGroupsOf(bytes),
      epoch: view.getFloat64(16, true),
      firstIndex: view.getUint32(24, true),
      count,
      ops: ops.values,
      keys,
      rowEpochs: epochs?.values,
      columns: values,
    };
  }

  private checkFingerprint(stored: number): void {
    if (stored === this.fingerprint) return;
    throw runtimeError(
      'log-schema',
      `a chunk of the committed log was written with another schema (fingerprint ${hex(stored)}, expected ` +
        `${hex(this.fingerprint)}): the table's columns, types or primary key changed; start the job with --fresh`,
    );
  }
}

/** Mostly all rows are upserts: one value for all of them. */
function opColumn({ ops, count }: Pick<Chunk, 'ops' | 'count'>): Column {
  const column: I8Column = { layout: 'i8', values: ops, nulls: undefined };
  const deletes = count === 0 || ops.subarray(0, count).includes(DELETED);
  return deletes ? column : { layout: 'const', value: { ...column, values: ops.subarray(0, 1) }, nulls: undefined };
}

/** The primary key of a chunk's rows, and their types, as a number that changes when one of them does. */
function schemaFingerprint(schema: Schema, primaryKey: readonly number[]): number {
  const columns = schema.map((field) => [field.name, formatType(stripAttribute(field.type))]);
  return crc32(new TextEncoder().encode(JSON.stringify([columns, primaryKey])));
}

function corrupt(what: string): HeadwaterError {
  return runtimeError('log-corrupt', `a chunk of the committed log ${what}: the file is damaged`);
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
