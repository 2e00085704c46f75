import { codecOf, compress, type Compression } from './codecs/index.ts';
import { crc32c } from './crc32c.ts';
import { writeInt64 } from './header.ts';
import * as layout from './layout.ts';

const MAX_RECORD_OVERHEAD = 5 + 1 + 10 + 5 + 5 + 5 + 1;
const INITIAL_BYTES = 128 * 1024;

/** Who writes a batch, for a broker that leaves out what it has already appended. */
export interface ProducerIdentity {
  readonly id: bigint;
  readonly epoch: number;
  /** Number of the batch's first record among those of this producer in the partition, modulo 2^31. */
  readonly sequence: number;
  readonly transactional: boolean;
}

const NOT_IDEMPOTENT: ProducerIdentity = { id: -1n, epoch: -1, sequence: -1, transactional: false };

/**
 * Builds record batches of version 2, record by record, without an object per record. The base offset is 0: the
 * broker (or the embedded log) sets it. Records have no headers.
 */
export class RecordBatchWriter {
  private readonly compression: Compression;
  private bytes = new Uint8Array(INITIAL_BYTES);
  private at = layout.RECORDS;
  private records = 0;
  private baseTimestamp = 0;
  private maxTimestamp = 0;

  constructor(compression: Compression = 'none') {
    this.compression = compression;
  }

  /** Records since the last `finish`. */
  get count(): number {
    return this.records;
  }

  /** Uncompressed bytes since the last `finish`, the header included. */
  get size(): number {
    return this.at;
  }

  /** `timestamp` in epoch milliseconds. A null value is a tombstone. */
  append(key: Uint8Array | null, value: Uint8Array | null, timestamp: number): void {
    if (this.records === 0) this.baseTimestamp = this.maxTimestamp = timestamp;
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
    const timestampDelta = timestamp - this.baseTimestamp;
    const keyLength = key === null ? -1 : key.length;
    const valueLength = value === null ? -1 : value.length;
    const body =
      1 +
      sizeOfVarint(timestampDelta) +
      sizeOfVarint(this.records) +
      sizeOfVarint(keyLength) +
      Math.max(keyLength, 0) +
      sizeOfVarint(valueLength) +
      Math.max(valueLength, 0) +
      1;
    this.reserve(body + MAX_RECORD_OVERHEAD);
    this.varint(body);
    this.bytes[this.at++] = 0;
    this.varint(timestampDelta);
    this.varint(this.records);
    this.varint(keyLength);
    if (key !== null) this.raw(key);
    this.varint(valueLength);
    if (value !== null) this.raw(value);
    this.bytes[this.at++] = 0;
    this.records++;
  }

  /** The batch, a copy; the writer is empty afterwards. */
  finish(producer: ProducerIdentity = NOT_IDEMPOTENT): Uint8Array {
    const section = this.bytes.subarray(layout.RECORDS, this.at);
    const packed = compress(this.compression, section);
    const batch = new Uint8Array(layout.RECORDS + packed.length);
    batch.set(packed, layout.RECORDS);
    const view = new DataView(batch.buffer);
    view.setInt32(layout.BATCH_LENGTH, batch.length - layout.LENGTH_OVERHEAD);
    view.setInt32(layout.LEADER_EPOCH, -1);
    view.setInt8(layout.MAGIC, 2);
    const transactional = producer.transactional ? layout.ATTRIBUTE_TRANSACTIONAL : 0;
    view.setInt16(layout.ATTRIBUTES, codecOf(this.compression) | transactional);
    view.setInt32(layout.LAST_OFFSET_DELTA, this.records - 1);
    writeInt64(view, layout.BASE_TIMESTAMP, this.baseTimestamp);
    writeInt64(view, layout.MAX_TIMESTAMP, this.maxTimestamp);
    view.setBigInt64(layout.PRODUCER_ID, producer.id);
    view.setInt16(layout.PRODUCER_EPOCH, producer.epoch);
    view.setInt32(layout.BASE_SEQUENCE, producer.sequence);
    view.setInt32(layout.RECORD_COUNT, this.records);
    view.setUint32(layout.CRC, crc32c(batch, layout.ATTRIBUTES, batch.length));
    this.records = 0;
    this.at = layout.RECORDS;
    return batch;
  }

  private raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  private varint(value: number): void {
    const { bytes } = this;
    if (value >= -0x40000000 && value < 0x40000000) {
      let raw = ((value << 1) ^ (value >> 31)) >>> 0;
      while (raw > 127) {
        bytes[this.at++] = (raw & 127) | 128;
        raw >>>= 7;
      }
      bytes[this.at++] = raw;
      return;
    }
    let raw = zigzag(value);
    while (raw > 127) {
      bytes[this.at++] = (raw % 128) | 128;
      raw = Math.floor(raw / 128);
    }
    bytes[this.at++] = raw;
  }

  private reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.at + more, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
}

/** Exact below 2^52 in magnitude: timestamps differ by less. */
function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

function sizeOfVarint(value: number): number {
  let raw = zigzag(value);
  let size = 1;
  while (raw > 127) {
    raw = Math.floor(raw / 128);
    size++;
  }
  return size;
}
