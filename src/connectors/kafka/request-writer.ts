/** Kafka's request encoding: big-endian numbers, strings with a 16-bit length. */
export class RequestWriter {
  private bytes: Buffer;
  private at = 0;

  /** `size`: the bytes that are expected, so that nothing is copied to a larger buffer. */
  constructor(size = 256) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  int8(value: number): this {
    this.reserve(1);
    this.at = this.bytes.writeInt8(value, this.at);
    return this;
  }

  int16(value: number): this {
    this.reserve(2);
    this.at = this.bytes.writeInt16BE(value, this.at);
    return this;
  }

  int32(value: number): this {
    this.reserve(4);
    this.at = this.bytes.writeInt32BE(value, this.at);
    return this;
  }

  int64(value: number | bigint): this {
    this.reserve(8);
    this.at = this.bytes.writeBigInt64BE(BigInt(value), this.at);
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.reserve(length);
    this.at += this.bytes.write(value, this.at);
    return this;
  }

  unsignedVarint(value: number): this {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.int8(((rest & 127) | 128) - 256);
    return this.int8(rest);
  }

  /** A string of the flexible versions of the protocol. */
  compactString(value: string): this {
    const bytes = Buffer.from(value);
    return this.unsignedVarint(bytes.length + 1).raw(bytes);
  }

  raw(value: Uint8Array): this {
    this.reserve(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
    return this;
  }

  finish(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.at + more, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}
