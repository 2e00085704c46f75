/** Kinds of arrays that can be views of a buffer. */
export interface ArrayKind<T> {
  new (buffer: ArrayBufferLike, offset: number, length: number): T;
  readonly BYTES_PER_ELEMENT: number;
}

/** Gives an array of so many elements, whose contents are undefined: all of them have to be written. */
export type MakeArray = <T>(kind: ArrayKind<T>, length: number) => T;

/** An array of its own. */
export const makeArray: MakeArray = (kind, length) =>
  new kind(new ArrayBuffer(length * kind.BYTES_PER_ELEMENT), 0, length);

/**
 * Arrays for values that are soon forgotten, in memory that is used again after `reset`: what goes through a thread leaves
 * nothing to be collected.
 */
export class Scratch {
  private buffer = new ArrayBuffer(1 << 12);
  private used = 0;

  readonly make: MakeArray = (kind, length) => {
    const size = (length * kind.BYTES_PER_ELEMENT + 7) & ~7;
    if (this.used + size > this.buffer.byteLength) {
      // Arrays in the old buffer keep it until they are forgotten.
      this.buffer = new ArrayBuffer(Math.max(this.buffer.byteLength * 2, size));
      this.used = 0;
    }
    const array = new kind(this.buffer, this.used, length);
    this.used += size;
    return array;
  };

  /** Nobody reads the arrays that were made so far. */
  reset(): void {
    this.used = 0;
  }
}
