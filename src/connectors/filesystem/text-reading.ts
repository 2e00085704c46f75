import { type FileHandle, open } from 'node:fs/promises';
import type { Batch } from '../../data/batch.ts';
import { BYTES_SLACK } from '../../data/column.ts';
import { runtimeError } from '../../data/errors.ts';
import { DecodeError, type RecordDecoder } from '../../formats/contracts.ts';
import type { CsvOptions } from '../../formats/csv/options.ts';
import type { SplitPosition } from '../contracts.ts';
import { badRow, fileError } from './errors.ts';
import { LineFramer } from './framer.ts';
import type { FileReading, FileRows } from './reading.ts';

const CHUNK = 1 << 20;
/** A row of more bytes is taken for a quote that is never closed, or no text. */
const MAX_ROW = 64 << 20;

/** A file of lines: json, or csv. Its position is the byte and the line that come next. */
export class TextReading implements FileReading {
  private readonly path: string;
  private readonly handle: FileHandle;
  private readonly decoder: RecordDecoder;
  private readonly framer: LineFramer;
  private readonly size: number;
  private buffer = Buffer.alloc(CHUNK + BYTES_SLACK);
  private view = new DataView(this.buffer.buffer, this.buffer.byteOffset, this.buffer.length);
  /** Bytes [scanned, filled) of the buffer are not framed yet. */
  private scanned = 0;
  private filled = 0;
  /** Byte of the file that the buffer begins with. */
  private base: number;
  private from = 0;

  private constructor(
    path: string,
    handle: FileHandle,
    decoder: RecordDecoder,
    csv: CsvOptions | undefined,
    position: { readonly byte: number; readonly line: number; readonly size: number },
  ) {
    this.path = path;
    this.handle = handle;
    this.decoder = decoder;
    this.framer = new LineFramer(csv, position.line);
    this.size = position.size;
    this.base = position.byte;
  }

  /** Errors: `file-not-found`, `file-access`, `file-changed` when the file is shorter than it was. */
  static async open(
    path: string,
    decoder: RecordDecoder,
    csv: CsvOptions | undefined,
    position: SplitPosition,
  ): Promise<TextReading> {
    const [byte, line, size] = [Number(position.byte ?? 0), Number(position.line ?? 1), Number(position.size)];
    try {
      const handle = await open(path, 'r');
      const now = (await handle.stat()).size;
      if (now < size) {
        await handle.close();
        throw runtimeError('file-changed', `${path} has ${now} bytes; expected the ${size} it had when it was found`);
      }
      return new TextReading(path, handle, decoder, csv, { byte, line, size });
    } catch (error) {
      throw fileError(path, 'read', error);
    }
  }

  next(maxRows: number): FileRows | 'more' | 'end' {
    const { frames } = this.framer;
    if (this.from >= frames.count) return this.base + this.scanned >= this.size ? 'end' : 'more';
    const { from } = this;
    const to = Math.min(frames.count, from + maxRows);
    const batch = this.decode(from, to);
    this.from = to;
    const whole = to === frames.count;
    const stop = whole ? this.scanned : frames.valueStarts[to];
    const { path } = this;
    return {
      columns: batch.columns,
      count: batch.length,
      position: { byte: this.base + stop, line: whole ? this.framer.line : frames.offsets[to], size: this.size },
      bytes: stop - frames.valueStarts[from],
      describeRow: (row) =>
        batch.length === to - from
          ? `${path}, line ${frames.offsets[from + row]}`
          : `${path}, line between ${frames.offsets[from]} and ${frames.offsets[to - 1]}`,
    };
  }

  private decode(from: number, to: number): Batch {
    try {
      return this.decoder.decode(this.framer.frames, from, to);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw badRow(this.path, `line ${this.framer.frames.offsets[error.record]}`, error.reason, error);
    }
  }

  async load(): Promise<void> {
    this.makeRoom();
    const at = this.base + this.filled;
    const most = Math.min(this.buffer.length - BYTES_SLACK - this.filled, this.size - at);
    try {
      const { bytesRead } = await this.handle.read(this.buffer, this.filled, most, at);
      if (bytesRead === 0) {
        throw runtimeError('file-changed', `${this.path} ends at byte ${at}; expected ${this.size} bytes`);
      }
      this.filled += bytesRead;
    } catch (error) {
      throw fileError(this.path, 'read', error);
    }
    this.skipByteOrderMark();
    const last = this.base + this.filled === this.size;
    this.scanned = this.framer.scan(this.buffer, this.view, this.scanned, this.filled, last);
    this.from = 0;
  }

  /** Moves what is not framed yet to the front; a row that does not fit the buffer gets a larger one. */
  private makeRoom(): void {
    const rest = this.filled - this.scanned;
    if (rest > MAX_ROW) {
      throw badRow(this.path, `line ${this.framer.line}`, `it has more than ${MAX_ROW} bytes`, undefined);
    }
    const target = rest > this.buffer.length / 2 ? Buffer.alloc(this.buffer.length * 2) : this.buffer;
    this.buffer.copy(target, 0, this.scanned, this.filled);
    this.buffer = target;
    this.view = new DataView(target.buffer, target.byteOffset, target.length);
    this.base += this.scanned;
    this.scanned = 0;
    this.filled = rest;
  }

  private skipByteOrderMark(): void {
    const { buffer } = this;
    if (this.base !== 0 || this.scanned !== 0 || this.filled < 3) return;
    if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) this.scanned = 3;
  }

  bytes(): number {
    return this.buffer.length;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
