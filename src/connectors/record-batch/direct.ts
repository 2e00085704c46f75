import type { Batch } from '../../data/batch.ts';
import type { DirectDecoder, SectionCursor } from '../../formats/contracts.ts';
import type { BatchRun } from './batch-run.ts';
import type { BatchHeader } from './header.ts';
import type { BatchWalker } from './walker.ts';

/**
 * Record batches straight into row batches: one pass over the bytes, without frames. A record batch may be read in
 * several goes; `partOffset` of the run says how far. What the decoder refuses is left for the frames.
 */
export class DirectReading {
  /** The last call ended before something that must be framed. */
  refused = false;
  /** Bytes of record batches that the rows of the last call took. */
  bytes = 0;
  private readonly walker: BatchWalker;
  private readonly decoder: DirectDecoder;
  /** The record batch that is being read; its header is the walker's. */
  private open: SectionCursor | undefined;
  /** Of each piece of a record batch in the row batch: its first row, and that row's offset. */
  private readonly pieces: { readonly row: number; readonly offset: number }[] = [];

  constructor(walker: BatchWalker, decoder: DirectDecoder) {
    this.walker = walker;
    this.decoder = decoder;
  }

  /** Reads at most `rows` rows of the run; undefined when there are none to be read this way. */
  next(run: BatchRun, rows: number): Batch | undefined {
    const { walker, decoder, pieces } = this;
    this.refused = false;
    this.bytes = 0;
    pieces.length = 0;
    // Rows of a record batch that is still open are where it was unpacked.
    if (this.open === undefined) walker.begin();
    decoder.begin(rows);
    while (decoder.rows < rows && !this.refused) {
      if (this.open === undefined && !this.openNext(run)) break;
      if (this.open !== undefined) this.read(run, this.open);
    }
    return decoder.rows === 0 ? undefined : decoder.finish(walker.source);
  }

  /** The offset of a row of the last batch. */
  offsetOf(row: number): number {
    const piece = this.pieces.findLast((candidate) => candidate.row <= row);
    if (piece === undefined) throw new Error(`row ${row} is in no record batch`);
    return piece.offset + row - piece.row;
  }

  private openNext(run: BatchRun): boolean {
    const { walker } = this;
    if (!walker.peek(run)) return false;
    if (!isPlain(walker.header, run)) {
      this.refused = true;
      return false;
    }
    if (!walker.fits()) return false;
    const { at, limit } = walker.open(run);
    this.open = { at, limit, index: 0, count: walker.header.recordCount };
    return true;
  }

  private read(run: BatchRun, section: SectionCursor): void {
    const { walker, decoder } = this;
    const { header } = walker;
    const first = section.index;
    this.pieces.push({ row: decoder.rows, offset: header.baseOffset + first });
    const accepted = decoder.read(walker.source, section);
    this.bytes += ((header.end - header.start) * (section.index - first)) / section.count;
    run.partOffset = header.baseOffset + section.index;
    if (!accepted) this.refused = true;
    else if (section.index === section.count) walker.pass(run);
    else return;
    this.open = undefined;
  }
}

/** All of the batch is wanted, and its offsets have no gaps: compaction and damage leave some. */
function isPlain(header: BatchHeader, run: BatchRun): boolean {
  return (
    header.baseOffset >= run.nextOffset &&
    header.nextOffset <= run.toOffset &&
    run.partOffset === undefined &&
    header.recordCount === header.nextOffset - header.baseOffset
  );
}
