/** An Int32Array of at least `count` elements: `array` itself, or a larger one with unspecified contents. */
export function ensureI32(array: Int32Array, count: number): Int32Array {
  return array.length >= count ? array : new Int32Array(Math.max(1024, count * 2));
}

/** A Uint8Array of at least `count` elements: `array` itself, or a larger one with unspecified contents. */
export function ensureU8(array: Uint8Array, count: number): Uint8Array {
  return array.length >= count ? array : new Uint8Array(Math.max(1024, count * 2));
}
