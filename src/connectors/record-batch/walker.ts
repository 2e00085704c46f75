import { BYTES_SLACK } from '../../data/column.ts';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { SourceBytes } from '../../formats/contracts.ts';
import { controlType } from './aborted.ts';
import type { BatchRun } from './batch-run.ts';
import { CODEC_NONE, decompress } from './codecs/index.ts';
import { crc32c } from './crc32c.ts';
import { type BatchHeader, emptyHeader, parseBatchHeader } from './header.ts';
import { ATTRIBUTES, MIN_RECORD_BYTES, RECORDS } from './layout.ts';

/** After this many uncompressed bytes no more are unpacked, so that compressed topics stay within memory. */
const MAX_SCRATCH_BYTES = 4 * 1024 * 1024;

/**
 * Walks the record batches of a run: checks them, leaves out those whose records must not be seen, and says where the
 * records of the others are: where they lie in the run, or unpacked in a scratch buffer.
 */
export class BatchWalker {
  /** Of the batch that `peek` found. */
  readonly header: BatchHeader = emptyHeader();
  /** Where the records of all batches opened since `begin` are. */
  source: SourceBytes = EMPTY;
  private mode: 'none' | 'direct' | 'scratch' = 'none';
  private scratch: SourceBytes = EMPTY;
  private scratchUsed = 0;

  /** The records opened so far are given up. */
  begin(): void {
    this.mode = 'none';
    this.scratchUsed = 0;
  }

  /** Finds the next batch with records to be seen; false at the end of the run or of the range, and before a batch that is cut off. */
  peek(run: BatchRun): boolean {
    const { header } = this;
    while (run.at < run.end && run.nextOffset < run.toOffset) {
      if (!readHeader(run, header)) {
        run.at = run.end;
        return false;
      }
      // The checksum does not cover the base offset; within a fetch offsets only rise, so a damaged one shows here.
      if (run.taken && header.baseOffset < run.nextOffset) {
        throw corrupt(run, run.nextOffset, `it begins at offset ${header.baseOffset}, which was read before`);
      }
      // Also of a batch that is left out: a flipped bit may be the reason why it looks like one.
      if (run.trusted !== true) checkCrc(run, header);
      if (header.nextOffset > run.nextOffset && visible(run, header)) return true;
      this.pass(run);
    }
    return false;
  }

  /** Whether the batch can be opened beside those before it: byte ranges refer to one buffer. */
  fits(): boolean {
    const { mode } = this;
    if (mode === 'none') return true;
    return mode === this.modeOfBatch() && (mode === 'direct' || this.scratchUsed <= MAX_SCRATCH_BYTES);
  }

  /** Where the batch's records are in `source`. */
  open(run: BatchRun): { at: number; limit: number } {
    const { header } = this;
    this.mode = this.modeOfBatch();
    const start = header.start + RECORDS;
    const [at, limit] = this.mode === 'direct' ? [start, header.end] : this.unpack(run, start);
    this.source = this.mode === 'direct' ? run : this.scratch;
    const count = header.recordCount;
    if (count < 0 || count * MIN_RECORD_BYTES > limit - at) {
      throw corrupt(run, header.baseOffset, `it claims ${count} records in ${limit - at} bytes`);
    }
    return { at, limit };
  }

  /** Goes on behind the batch. */
  pass(run: BatchRun): void {
    const { header } = this;
    run.at = header.end;
    run.partOffset = undefined;
    run.taken ||= header.nextOffset > run.nextOffset;
    run.leaderEpoch = header.leaderEpoch;
    run.nextOffset = Math.max(run.nextOffset, header.nextOffset);
  }

  private modeOfBatch(): 'direct' | 'scratch' {
    return this.header.codec === CODEC_NONE ? 'direct' : 'scratch';
  }

  /** Appends the uncompressed records to the scratch buffer; returns where they are. */
  private unpack(run: BatchRun, start: number): [number, number] {
    const { header } = this;
    let unpacked: Uint8Array;
    try {
      unpacked = decompress(header.codec, run.bytes.subarray(start, header.end));
    } catch (error) {
      if (error instanceof HeadwaterError) throw locate(run, header.baseOffset, error);
      throw corrupt(run, header.baseOffset, 'its compressed records cannot be unpacked', error);
    }
    const from = this.scratchUsed;
    const to = from + unpacked.length;
    this.reserve(to + BYTES_SLACK);
    this.scratch.bytes.set(unpacked, from);
    this.scratchUsed = to;
    return [from, to];
  }

  private reserve(size: number): void {
    const { bytes } = this.scratch;
    if (size <= bytes.length) return;
    const larger = new Uint8Array(Math.max(size, bytes.length * 2, 64 * 1024));
    larger.set(bytes.subarray(0, this.scratchUsed));
    this.scratch = { bytes: larger, view: new DataView(larger.buffer) };
  }
}

const EMPTY: SourceBytes = { bytes: new Uint8Array(0), view: new DataView(new ArrayBuffer(0)) };

/** Whether the records may be seen: control records never, records of aborted transactions not when committed ones are read. */
function visible(run: BatchRun, header: BatchHeader): boolean {
  const aborted = run.aborted;
  if (aborted === undefined) return !header.control;
  if (!header.control) return !aborted.covers(header);
  aborted.endTransaction(header, controlType(run.view, header));
  return false;
}

function readHeader(run: BatchRun, header: BatchHeader): boolean {
  const result = parseBatchHeader(run.view, run.at, run.end, header);
  if (result === 'partial' && !run.whole) return false;
  if (result === 'partial') throw corrupt(run, run.nextOffset, 'it is cut off');
  if (result === 'bad-length') throw corrupt(run, run.nextOffset, 'its length is impossible');
  if (result === 'bad-magic') {
    throw corrupt(run, run.nextOffset, 'its format is not version 2 (written by Kafka before 0.11, or damaged)');
  }
  if (header.nextOffset <= header.baseOffset) throw corrupt(run, run.nextOffset, 'its offsets run backwards');
  return true;
}

function checkCrc(run: BatchRun, header: BatchHeader): void {
  const crc = crc32c(run.bytes, header.start + ATTRIBUTES, header.end);
  if (crc !== header.crc) {
    const detail = `its checksum is ${hex(crc)}, its header says ${hex(header.crc)}`;
    throw corrupt(run, header.baseOffset, detail);
  }
}

const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;

export function corrupt(run: BatchRun, offset: number, detail: string, cause?: unknown): HeadwaterError {
  return runtimeError(
    'corrupt-batch',
    `topic ${run.topic}, partition ${run.partition}, offset ${offset}: the record batch is corrupt: ${detail}`,
    cause,
  );
}

function locate(run: BatchRun, offset: number, error: HeadwaterError): HeadwaterError {
  const where = `topic ${run.topic}, partition ${run.partition}, offset ${offset}`;
  return runtimeError(error.code, `${where}: ${error.message}`, error);
}
