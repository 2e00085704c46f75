import { BYTES_SLACK } from '../../data/column.ts';

/** Growable bytes that hold the strings an expression makes for one row. Old triples keep the buffer they point into. */
export class BytesArena {
  bytes = new Uint8Array(256);
  at = 0;

  /** Appends text as UTF-8 and returns where it starts; it ends at `at`. */
  text(text: string): number {
    const start = this.reserve(text.length * 3);
    const { bytes } = this;
    let at = start;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 128) {
        this.at = start + Buffer.from(bytes.buffer).write(text, start, 'utf8');
        return start;
      }
      bytes[at++] = code;
    }
    this.at = at;
    return start;
  }

  /** Appends bytes followed by `fill` times the byte `filler`. */
  padded(source: Uint8Array, from: number, to: number, fill: number, filler: number): number {
    const start = this.reserve(to - from + fill);
    const { bytes } = this;
    let at = start;
    for (let p = from; p < to; p++) bytes[at++] = source[p];
    for (let i = 0; i < fill; i++) bytes[at++] = filler;
    this.at = at;
    return start;
  }

  private reserve(size: number): number {
    if (this.at + size + BYTES_SLACK > this.bytes.length) {
      this.bytes = new Uint8Array((size + BYTES_SLACK) * 2 + this.bytes.length);
      this.at = 0;
    }
    return this.at;
  }
}
