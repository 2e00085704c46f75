/** A copy with a buffer of its own (SQLite hands out pooled buffers), so that it can be transferred and aligned. */
export function ownBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}
