import { BYTES_SLACK } from '../../data/column.ts';

/** Growable bytes that hold the strings an expression makes for one row. Old triples keep the buffer they point into. */
export class BytesArena {
  bytes = new Uint8Array(256);
  at = 0;
  /** Where the text begins that is being written piece by piece; it ends at `at`. */
  start = 0;

  /** Begins a text, which `add` and `put` extend; no other may be begun meanwhile. */
  open(): void {
    this.start = this.at;
  }

  /** Extends the open text by bytes. */
  add(source: Uint8Array, from: number, to: number): void {
    const size = to - from;
    if (this.at + size + BYTES_SLACK > this.bytes.length) this.grow(size);
    const { bytes } = this;
    let { at } = this;
    if (size > 32) {
      bytes.set(source.subarray(from, to), at);
      this.at = at + size;
      return;
    }
    for (let p = from; p < to; p++) bytes[at++] = source[p];
    this.at = at;
  }

  /** Extends the open text by one byte. */
  put(byte: number): void {
    if (this.at + 1 + BYTES_SLACK > this.bytes.length) this.grow(1);
    this.bytes[this.at++] = byte;
  }

  /** Room for `size` bytes behind the open text, which moves to a larger buffer. */
  private grow(size: number): void {
    const used = this.at - this.start;
    const larger = new Uint8Array((used + size + BYTES_SLACK) * 2 + this.bytes.length);
    larger.set(this.bytes.subarray(this.start, this.at));
    this.bytes = larger;
    this.start = 0;
    this.at = used;
  }

  /** Appends a copy that the caller changes in place (`bytes` from the start returned to `at`). */
  copy(source: Uint8Array, from: number, to: number): number {
    this.open();
    this.add(source, from, to);
    return this.start;
  }

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
