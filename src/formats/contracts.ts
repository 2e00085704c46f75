import type { Batch } from '../data/batch.ts';
import type { Expr } from '../expressions/typed.ts';
import type { Schema } from '../data/types.ts';
import type { SourceBytes } from './slots/base.ts';

/**
 * Framed records of one split, without one object per record: byte ranges into `bytes` (with BYTES_SLACK readable
 * bytes after the last used one; `view` covers exactly `bytes`). An end of -1 marks a null key or value.
 */
export interface RecordFrames {
  bytes: Uint8Array;
  view: DataView;
  count: number;
  /** Offset of record i in its partition, as a number (exact below 2^53). */
  offsets: Float64Array;
  /** Record timestamps, epoch milliseconds. */
  timestamps: Float64Array;
  keyStarts: Int32Array;
  keyEnds: Int32Array;
  valueStarts: Int32Array;
  valueEnds: Int32Array;
}

export interface DecoderSpec {
  /** All physical columns of the table. */
  readonly schema: Schema;
  /** Indexes of the columns to decode, in output order. */
  readonly columns: readonly number[];
  /** Optional filter over the decoded columns; rows that fail are left out of the selection. */
  readonly filter: Expr | undefined;
  readonly options: Readonly<Record<string, string>>;
  /** What to do with an undecodable record: `fail` throws a DecodeError, `skip` counts it. */
  readonly onError: 'fail' | 'skip';
}

/**
 * Turns records [from, to) of the frames into one batch. Null values (tombstones) are left out, as in Flink. The batch
 * is valid until the next call. Throws NeedSchema when a writer schema is not known yet: the caller fetches it, adds
 * it, and calls again with the same range (nothing was consumed).
 */
export interface RecordDecoder {
  decode(frames: RecordFrames, from: number, to: number): Batch;
  /** Undecodable records skipped since the start. */
  readonly skipped: number;
  /** Writer schema texts by id, to be kept in the checkpoint; formats without a registry have none. */
  addSchema?(id: number, schemaText: string): void;
  /** Records of this writer schema cannot be decoded: they are treated as the table says of undecodable ones. */
  refuseSchema?(id: number, refusal: SchemaRefusal): void;
  /** Reads records without framing them first, where the format can. */
  readonly direct?: DirectDecoder;
}

export type { SourceBytes };

/** Where the reading of one section of records (the uncompressed records of a record batch) stands. */
export interface SectionCursor {
  /** Position of the next record. */
  at: number;
  /** Position after the last record. */
  readonly limit: number;
  /** Index of the next record. Offsets have no gaps: it is the record's offset delta, too. */
  index: number;
  readonly count: number;
}

/**
 * Frames and decodes in one pass over the bytes, as long as all is plain: every record there, with a value, of a known
 * writer schema, well formed. What it refuses is framed and decoded the long way, which also says what is wrong.
 */
export interface DirectDecoder {
  /** Begins a batch of at most so many rows; the last one is given up. */
  begin(rows: number): void;
  /** Rows of the batch so far. */
  readonly rows: number;
  /**
   * Adds records from the cursor on, until the batch is full or the section ends. False: the record at the cursor is
   * refused, or (at the end) the section; the rows before it are in the batch. The sections of one batch share `source`.
   */
  read(source: SourceBytes, cursor: SectionCursor): boolean;
  /** The batch, valid until the next `begin`. */
  finish(source: SourceBytes): Batch;
}

export class NeedSchema extends Error {
  readonly schemaId: number;
  constructor(schemaId: number) {
    super(`writer schema ${schemaId} is not loaded`);
    this.schemaId = schemaId;
  }
}

/** Why no record of a writer schema can be decoded. */
export interface SchemaRefusal {
  /** Of the error that a job ends with: `schema-mismatch`, `unknown-schema-id`, .. */
  readonly code: string;
  readonly reason: string;
}

/** An undecodable record; the source adds topic and partition. */
export class DecodeError extends Error {
  readonly record: number;
  readonly reason: string;
  readonly code: string;
  constructor(record: number, reason: string, code = 'undecodable-record') {
    super(reason);
    this.record = record;
    this.reason = reason;
    this.code = code;
  }
}
