import { BYTES_SLACK } from '../../data/column.ts';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { RecordFrames } from '../../formats/contracts.ts';
import { type AbortedTransactions, controlType } from './aborted.ts';
import { CODEC_NONE, decompress } from './compression.ts';
import { crc32c } from './crc32c.ts';
import { createFrames, ensureCapacity } from './frames.ts';
import { type BatchHeader, emptyHeader, parseBatchHeader } from './header.ts';
import { ATTRIBUTES, MIN_RECORD_BYTES, RECORDS } from './layout.ts';
import { parseRecords } from './parse-records.ts';

/** Record batches of one partition as they came from a fetch, consumed from `at` to `end`. */
export interface BatchRun {
  readonly topic: string;
  readonly partition: number;
  /** BYTES_SLACK readable bytes follow `end`; `view` covers exactly `bytes`. A plain Uint8Array, not a Buffer. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
  readonly end: number;
  /** The next offset wanted: moves past every batch taken. */
  nextOffset: number;
  /** Records at or after it are not wanted: Infinity when unbounded. */
  readonly toOffset: number;
  /** Epoch of the leader that wrote the last batch taken, -1 before the first. */
  leaderEpoch: number;
  /** The run ends with a whole batch (the embedded log): one that is cut off is then corrupt, not just for later. */
  readonly whole: boolean;
  /** Set once a batch was taken from this run. */
  taken: boolean;
  /** Aborted transactions of this fetch; undefined reads what is uncommitted too. */
  readonly aborted: AbortedTransactions | undefined;
  /** The bytes never left this process: their checksums are not checked. Absent for everything from outside. */
  readonly trusted?: boolean;
}

/** After this many uncompressed bytes frames are handed on, so that compressed topics stay within memory. */
const MAX_SCRATCH_BYTES = 4 * 1024 * 1024;

/**
 * Slices record batches into frames: many small batches become one set of frames over the bytes they came in. Where
 * a run is compressed the records are unpacked one after another into a scratch buffer instead.
 */
export class FrameAssembler {
  readonly frames: RecordFrames = createFrames(4096);
  private readonly header: BatchHeader = emptyHeader();
  private scratch = new Uint8Array(0);
  private scratchView = new DataView(this.scratch.buffer);
  private scratchUsed = 0;

  /**
   * Frames whole batches of the run until at least `rows` records are framed or the run ends. A batch that is cut off
   * at the end of the run is left alone: the next fetch brings it. Returns the frames, valid until the next call.
   */
  next(run: BatchRun, rows: number): RecordFrames {
    const { frames, header } = this;
    frames.count = 0;
    let mode: 'none' | 'direct' | 'scratch' = 'none';
    while (frames.count < rows && run.at < run.end && run.nextOffset < run.toOffset) {
      if (!readHeader(run, header)) {
        run.at = run.end;
        break;
      }
      // The checksum does not cover the base offset; within a fetch offsets only rise, so a damaged one shows here.
      if (run.taken && header.baseOffset < run.nextOffset) {
        throw corrupt(run, run.nextOffset, `it begins at offset ${header.baseOffset}, which was read before`);
      }
      // Also of a batch that is left out: a flipped bit may be the reason why it looks like one.
      if (run.trusted !== true) checkCrc(run, header);
      const wanted = header.nextOffset > run.nextOffset && this.visible(run, header);
      if (wanted) {
        const needed = header.codec === CODEC_NONE ? 'direct' : 'scratch';
        // Frames refer to one buffer; where the next batch needs another one, hand on what is there.
        if (mode !== 'none' && mode !== needed) break;
        if (mode === 'scratch' && this.scratchUsed > MAX_SCRATCH_BYTES) break;
        if (mode === 'none') this.begin(run, needed);
        mode = needed;
        this.append(run, header, needed);
      }
      run.at = header.end;
      run.taken ||= header.nextOffset > run.nextOffset;
      run.leaderEpoch = header.leaderEpoch;
      run.nextOffset = Math.max(run.nextOffset, header.nextOffset);
    }
    return frames;
  }

  private begin(run: BatchRun, mode: 'direct' | 'scratch'): void {
    if (mode === 'direct') {
      this.frames.bytes = run.bytes;
      this.frames.view = run.view;
    } else {
      this.scratchUsed = 0;
    }
  }

  /** Whether the records may be seen: control records never, records of aborted transactions not when committed ones are read. */
  private visible(run: BatchRun, header: BatchHeader): boolean {
    const aborted = run.aborted;
    if (aborted === undefined) return !header.control;
    if (!header.control) return !aborted.covers(header);
    aborted.endTransaction(header, controlType(run.view, header));
    return false;
  }

  private append(run: BatchRun, header: BatchHeader, mode: 'direct' | 'scratch'): void {
    const start = header.start + RECORDS;
    const [from, to] = mode === 'direct' ? [start, header.end] : this.unpack(run, header, start);
    const { frames } = this;
    const count = header.recordCount;
    if (count < 0 || count * MIN_RECORD_BYTES > to - from) {
      throw corrupt(run, header.baseOffset, `it claims ${count} records in ${to - from} bytes`);
    }
    ensureCapacity(frames, frames.count + count);
    const problem = parseRecords(frames, from, to, {
      baseOffset: header.baseOffset,
      baseTimestamp: header.baseTimestamp,
      appendTime: header.logAppendTime ? header.maxTimestamp : undefined,
      count,
      nextOffset: header.nextOffset,
      fromOffset: run.nextOffset,
      toOffset: run.toOffset,
    });
    if (problem !== undefined) throw corrupt(run, header.baseOffset, problem);
  }

  /** Appends the uncompressed records to the scratch buffer; returns where they are. */
  private unpack(run: BatchRun, header: BatchHeader, start: number): [number, number] {
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
    this.scratch.set(unpacked, from);
    this.scratchUsed = to;
    this.frames.bytes = this.scratch;
    this.frames.view = this.scratchView;
    return [from, to];
  }

  private reserve(size: number): void {
    if (size <= this.scratch.length) return;
    const larger = new Uint8Array(Math.max(size, this.scratch.length * 2, 64 * 1024));
    larger.set(this.scratch.subarray(0, this.scratchUsed));
    this.scratch = larger;
    this.scratchView = new DataView(larger.buffer);
  }
}

/** The next offset to fetch after a run: header by header, nothing else is read. `start` when no batch is whole. */
export function nextFetchOffset(view: DataView, at: number, end: number, start: number): number {
  const header = emptyHeader();
  let next = start;
  while (at < end && parseBatchHeader(view, at, end, header) === 'ok') {
    next = Math.max(next, header.nextOffset);
    at = header.end;
  }
  return next;
}

/** Whether there is not even one whole batch. A damaged one counts as whole: reading it says what is wrong. */
export function isCutOff(view: DataView, at: number, end: number): boolean {
  return parseBatchHeader(view, at, end, emptyHeader()) === 'partial';
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

function corrupt(run: BatchRun, offset: number, detail: string, cause?: unknown): HeadwaterError {
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
