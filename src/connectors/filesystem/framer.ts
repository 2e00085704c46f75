import { BYTES_SLACK } from '../../data/column.ts';
import type { RecordFrames } from '../../formats/contracts.ts';
import type { CsvOptions } from '../../formats/csv/options.ts';

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const SPACE = 0x20;

/** Finds the records in the text of a file: lines, or csv rows, whose quotes may hold line ends. `offsets` are lines. */
export class LineFramer {
  readonly frames: RecordFrames;
  /** The line after the last record. */
  line: number;
  private readonly csv: CsvOptions | undefined;

  constructor(csv: CsvOptions | undefined, line: number) {
    this.csv = csv;
    this.line = line;
    const bytes = new Uint8Array(BYTES_SLACK);
    this.frames = { bytes, view: new DataView(bytes.buffer), count: 0, ...arrays(1024) };
  }

  /** Frames the whole records in bytes [from, to); `last`: a line end is missing at the end. Returns where it stopped. */
  scan(bytes: Uint8Array, view: DataView, from: number, to: number, last: boolean): number {
    const { frames } = this;
    frames.bytes = bytes;
    frames.view = view;
    frames.count = 0;
    let start = from;
    while (start < to) {
      const line = this.line;
      const end = this.recordEnd(bytes, start, to);
      if (end < 0 && !last) {
        this.line = line;
        return start;
      }
      const stop = end < 0 ? to : end;
      if (!this.isBlank(bytes, start, stop)) this.add(start, stop, line);
      this.line++;
      start = stop + 1;
    }
    return Math.min(start, to);
  }

  private recordEnd(bytes: Uint8Array, start: number, to: number): number {
    const { csv } = this;
    if (csv === undefined || this.isComment(bytes, start)) {
      const end = bytes.indexOf(LF, start);
      return end >= to ? -1 : end;
    }
    const { quote, escape, delimiter } = csv;
    let fieldStart = true;
    let quoted = false;
    for (let i = start; i < to; i++) {
      const byte = bytes[i];
      if (byte === escape && escape !== quote) i++;
      else if (quoted) {
        if (byte === LF) this.line++;
        if (byte === quote) {
          if (bytes[i + 1] === quote && i + 1 < to) i++;
          else quoted = false;
        }
      } else if (byte === LF) return i;
      else if (byte === quote && fieldStart) quoted = true;
      fieldStart = byte === delimiter;
    }
    return -1;
  }

  private isComment(bytes: Uint8Array, start: number): boolean {
    return this.csv?.comments === true && bytes[start] === HASH;
  }

  private isBlank(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.isComment(bytes, start)) return true;
    if (this.csv !== undefined) return start === end || (end === start + 1 && bytes[start] === CR);
    for (let i = start; i < end; i++) if (bytes[i] > SPACE) return false;
    return true;
  }

  private add(start: number, end: number, line: number): void {
    const { frames } = this;
    if (frames.count === frames.valueStarts.length) Object.assign(frames, grown(frames));
    frames.valueStarts[frames.count] = start;
    frames.valueEnds[frames.count] = end;
    frames.keyEnds[frames.count] = -1;
    frames.offsets[frames.count++] = line;
  }
}

type FrameArrays = Pick<RecordFrames, 'offsets' | 'timestamps' | 'keyStarts' | 'keyEnds' | 'valueStarts' | 'valueEnds'>;

function arrays(size: number): FrameArrays {
  return {
    offsets: new Float64Array(size),
    timestamps: new Float64Array(size),
    keyStarts: new Int32Array(size),
    keyEnds: new Int32Array(size),
    valueStarts: new Int32Array(size),
    valueEnds: new Int32Array(size),
  };
}

function grown(frames: RecordFrames): FrameArrays {
  const larger = arrays(frames.valueStarts.length * 2);
  larger.offsets.set(frames.offsets);
  larger.keyEnds.set(frames.keyEnds);
  larger.valueStarts.set(frames.valueStarts);
  larger.valueEnds.set(frames.valueEnds);
  return larger;
}
