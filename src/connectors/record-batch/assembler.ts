import type { RecordFrames } from '../../formats/contracts.ts';
import type { BatchRun } from './batch-run.ts';
import { createFrames, ensureCapacity } from './frames.ts';
import { emptyHeader, parseBatchHeader } from './header.ts';
import { parseRecords } from './parse-records.ts';
import { BatchWalker, corrupt } from './walker.ts';

export type { BatchRun };

/**
 * Slices record batches into frames: many small batches become one set of frames over the bytes they came in. Where
 * a run is compressed the records are unpacked one after another into a scratch buffer instead.
 */
export class FrameAssembler {
  readonly frames: RecordFrames = createFrames(4096);
  private readonly walker: BatchWalker;

  constructor(walker = new BatchWalker()) {
    this.walker = walker;
  }

  /**
   * Frames whole batches of the run until at least `rows` records are framed or the run ends. A batch that is cut off
   * at the end of the run is left alone: the next fetch brings it. Returns the frames, valid until the next call.
   */
  next(run: BatchRun, rows: number): RecordFrames {
    const { frames, walker } = this;
    frames.count = 0;
    walker.begin();
    while (frames.count < rows && walker.peek(run) && walker.fits()) {
      this.append(run);
      walker.pass(run);
    }
    return frames;
  }

  private append(run: BatchRun): void {
    const { frames, walker } = this;
    const { header } = walker;
    const { at, limit } = walker.open(run);
    frames.bytes = walker.source.bytes;
    frames.view = walker.source.view;
    const count = header.recordCount;
    ensureCapacity(frames, frames.count + count);
    const problem = parseRecords(frames, at, limit, {
      baseOffset: header.baseOffset,
      baseTimestamp: header.baseTimestamp,
      appendTime: header.logAppendTime ? header.maxTimestamp : undefined,
      count,
      nextOffset: header.nextOffset,
      fromOffset: Math.max(run.nextOffset, run.partOffset ?? 0),
      toOffset: run.toOffset,
    });
    if (problem !== undefined) throw corrupt(run, header.baseOffset, problem);
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
