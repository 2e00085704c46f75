/** Its length takes one byte. */
const SHORT_TEXT = 64;

/** Avro's binary forms, appended to a buffer that grows. */
export class ByteWriter {
  at = 0;
  private bytes = Buffer.allocUnsafe(1024);

  /** What was written since `at` was set to 0; valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Confluent's header. */
  header(schemaId: number): void {
    this.reserve(5);
    this.bytes[this.at] = 0;
    this.bytes.writeInt32BE(schemaId, this.at + 1);
    this.at += 5;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  int(value: number): void {
    this.reserve(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    for (; rest > 127; rest >>>= 7) this.bytes[this.at++] = (rest & 127) | 128;
    this.bytes[this.at++] = rest;
  }

  /** A whole number of at most 2^52, or any 64-bit bigint. */
  long(value: number | bigint): void {
    if (typeof value === 'number' && Math.abs(value) < 4503599627370496) return this.smallLong(value);
    this.reserve(10);
    const exact = BigInt(value);
    let rest = BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n));
    for (; rest > 127n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 127n) | 128;
    this.bytes[this.at++] = Number(rest);
  }

  float(value: number): void {
    this.reserve(4);
    this.at = this.bytes.writeFloatLE(value, this.at);
  }

  double(value: number): void {
    this.reserve(8);
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  text(value: string): void {
    if (value.length < SHORT_TEXT && this.ascii(value)) return;
    const size = Buffer.byteLength(value);
    this.int(size);
    this.reserve(size);
    this.at += this.bytes.write(value, this.at, size, 'utf8');
  }

  /** Short ASCII, without the two native calls that longer texts are worth; false when there is another character. */
  private ascii(value: string): boolean {
    const { length } = value;
    this.reserve(length + 1);
    const { bytes } = this;
    const start = this.at + 1;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      bytes[start + i] = code;
    }
    bytes[this.at] = length << 1;
    this.at = start + length;
    return true;
  }

  raw(value: Uint8Array): void {
    this.int(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** An unscaled decimal: the fewest big-endian two's complement bytes. */
  decimal(value: bigint): void {
    let size = 1;
    while (BigInt.asIntN(8 * size, value) !== value) size++;
    this.int(size);
    this.reserve(size);
    for (let i = size - 1; i >= 0; i--) this.bytes[this.at++] = Number((value >> BigInt(8 * i)) & 255n);
  }

  private smallLong(value: number): void {
    this.reserve(8);
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) | 128;
    this.bytes[this.at++] = rest;
  }

  private reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe((this.at + size) * 2);
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }
}
