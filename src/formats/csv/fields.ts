import type { CsvOptions } from './options.ts';

const CR = 0x0d;

/** What is wrong with a row of csv text as such. */
export class CsvProblem extends Error {}

/**
 * The fields of one csv row, as byte ranges: into the row where a field stands as it is, into `scratch` where quotes or
 * escapes had to be taken out. Buffers are used again for the next row.
 */
export class CsvFields {
  count = 0;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** 1: the range is one of `scratch`. */
  copied = new Uint8Array(64);
  scratch = new Uint8Array(256);
  private used = 0;
  private readonly options: CsvOptions;

  constructor(options: CsvOptions) {
    this.options = options;
  }

  /** Splits bytes [start, end). Throws CsvProblem. */
  split(bytes: Uint8Array, start: number, end: number): void {
    this.count = 0;
    this.used = 0;
    const { delimiter, quote } = this.options;
    let limit = end;
    if (limit > start && bytes[limit - 1] === CR) limit--;
    let at = start;
    for (;;) {
      at =
        at < limit && quote >= 0 && bytes[at] === quote
          ? this.quoted(bytes, at + 1, limit)
          : this.plain(bytes, at, limit);
      if (at >= limit) return;
      at++;
      // A delimiter at the very end is followed by an empty field.
      if (at === limit && bytes[at - 1] === delimiter) {
        this.add(at, at, 0);
        return;
      }
    }
  }

  private plain(bytes: Uint8Array, start: number, limit: number): number {
    const { delimiter, escape } = this.options;
    let at = start;
    while (at < limit && bytes[at] !== delimiter) {
      if (bytes[at] === escape) return this.escaped(bytes, start, limit);
      at++;
    }
    this.add(start, at, 0);
    return at;
  }

  private escaped(bytes: Uint8Array, start: number, limit: number): number {
    const { delimiter, escape } = this.options;
    const from = this.used;
    let at = start;
    while (at < limit && bytes[at] !== delimiter) {
      if (bytes[at] === escape && at + 1 < limit) at++;
      this.keep(bytes[at++]);
    }
    this.add(from, this.used, 1);
    return at;
  }

  private quoted(bytes: Uint8Array, start: number, limit: number): number {
    const { delimiter, quote, escape } = this.options;
    const from = this.used;
    for (let at = start; at < limit; at++) {
      if (bytes[at] === escape && escape !== quote && at + 1 < limit) this.keep(bytes[++at]);
      else if (bytes[at] !== quote) this.keep(bytes[at]);
      else if (at + 1 < limit && bytes[at + 1] === quote) this.keep(bytes[++at]);
      else if (at + 1 === limit || bytes[at + 1] === delimiter) {
        this.add(from, this.used, 1);
        return at + 1;
      } else {
        throw new CsvProblem(
          `field ${this.count + 1} goes on after its closing quote; expected a delimiter or the end of the line`,
        );
      }
    }
    throw new CsvProblem(`the quote of field ${this.count + 1} is never closed`);
  }

  private keep(byte: number): void {
    if (this.used === this.scratch.length) {
      const grown = new Uint8Array(this.used * 2);
      grown.set(this.scratch);
      this.scratch = grown;
    }
    this.scratch[this.used++] = byte;
  }

  private add(start: number, end: number, copied: 0 | 1): void {
    if (this.count === this.starts.length) {
      const size = this.count * 2;
      const { starts, ends, copied: flags } = this;
      (this.starts = new Int32Array(size)).set(starts);
      (this.ends = new Int32Array(size)).set(ends);
      (this.copied = new Uint8Array(size)).set(flags);
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.copied[this.count++] = copied;
  }
}
