/** Bytes of a MessagePack value, written into one growing buffer; Redis unpacks them within its scripts. */
export class PackWriter {
  private buffer = Buffer.allocUnsafe(1 << 16);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  /** A copy of what was written. */
  take(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.length));
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }

  private byte(value: number): void {
    this.room(1);
    this.buffer[this.length++] = value;
  }

  nil(): void {
    this.byte(0xc0);
  }
  boolean(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2);
  }

  /** An array whose length is told at its end; returns its place. */
  beginArray(): number {
    this.room(5);
    this.buffer[this.length] = 0xdd;
    this.length += 5;
    return this.length - 4;
  }
  endArray(place: number, count: number): void {
    this.buffer.writeUInt32BE(count, place);
  }

  /** A whole number from 0 to 2^32 - 1 at a place that `uint32` gave. */
  uint32(value: number): number {
    this.room(5);
    this.buffer[this.length] = 0xce;
    this.buffer.writeUInt32BE(value, this.length + 1);
    this.length += 5;
    return this.length - 4;
  }
  patch(place: number, value: number): void {
    this.buffer.writeUInt32BE(value, place);
  }

  /** A string whose bytes are written until `endString`; returns its place. */
  beginString(): number {
    this.room(5);
    this.buffer[this.length] = 0xdb;
    this.length += 5;
    return this.length;
  }
  endString(place: number): void {
    this.buffer.writeUInt32BE(this.length - place, place - 4);
  }

  /** Text of ASCII characters, within a string. */
  ascii(text: string): void {
    const { length } = text;
    this.room(length);
    const { buffer } = this;
    let at = this.length;
    for (let i = 0; i < length; i++) buffer[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Any text as UTF-8, within a string. */
  utf8(text: string): void {
    this.room(text.length * 3);
    this.length += this.buffer.write(text, this.length, 'utf8');
  }

  /** Bytes from..to - 1 of `source`, within a string. */
  bytes(source: Uint8Array, from: number, to: number): void {
    const size = to - from;
    this.room(size);
    const { buffer } = this;
    if (size > 64) {
      buffer.set(source.subarray(from, to), this.length);
    } else {
      let at = this.length;
      for (let i = from; i < to; i++) buffer[at++] = source[i];
    }
    this.length += size;
  }
}
