export type Numbers = Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** The larger array with the first `used` values of the smaller one, and that one, zeroed as far as it was used. */
export function exchanged<T extends Numbers>(small: T, large: T, used: number): [T, T] {
  const bytes = used * small.BYTES_PER_ELEMENT;
  const from = new Uint8Array(small.buffer, small.byteOffset, bytes);
  new Uint8Array(large.buffer, large.byteOffset, bytes).set(from);
  from.fill(0);
  return [large, small];
}
