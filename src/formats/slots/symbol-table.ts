import { BYTES_SLACK } from '../../data/column.ts';

/** Distinct texts in one buffer that only grows, so that ranges stay good. */
export class SymbolTable {
  bytes = new Uint8Array(BYTES_SLACK);
  view = new DataView(this.bytes.buffer);
  private readonly ranges = new Map<string, readonly [number, number]>();
  private used = 0;

  /** The range of the text's UTF-8 in `bytes`. */
  add(text: string): readonly [start: number, end: number] {
    const known = this.ranges.get(text);
    if (known !== undefined) return known;
    const encoded = new TextEncoder().encode(text);
    const start = this.used;
    const end = start + encoded.length;
    if (end + BYTES_SLACK > this.bytes.length) {
      const grown = new Uint8Array((end + BYTES_SLACK) * 2);
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = new DataView(grown.buffer);
    }
    this.bytes.set(encoded, start);
    this.used = end;
    const range = [start, end] as const;
    this.ranges.set(text, range);
    return range;
  }
}
