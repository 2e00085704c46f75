/** Gives so many bytes, of any content, at a multiple of eight. */
export type Room = (bytes: number) => Uint8Array;

interface ArrayKind<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): T;
  new (buffer: ArrayBufferLike, at: number, length: number): T;
}

/** An array in memory of its own (zeroed), or in that of `room` (of any content). */
export function roomFor<T>(kind: ArrayKind<T>, length: number, room: Room | undefined): T {
  if (room === undefined) return new kind(length);
  const { buffer, byteOffset } = room(length * kind.BYTES_PER_ELEMENT);
  return new kind(buffer, byteOffset, length);
}
