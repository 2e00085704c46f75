/** A copy with room for `size` numbers, zero behind the old ones. */
export function grownInts(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(size);
  next.set(old);
  return next;
}
