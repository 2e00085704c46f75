import * as layout from './layout.ts';

/** The header of one record batch. Reused: `parseBatchHeader` fills it in place. */
export interface BatchHeader {
  /** Position of the first byte. */
  start: number;
  /** Position after the last byte. */
  end: number;
  baseOffset: number;
  /** The offset after the last one of the batch, whether or not compaction left that record in it. */
  nextOffset: number;
  leaderEpoch: number;
  magic: number;
  crc: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  codec: number;
  logAppendTime: boolean;
  transactional: boolean;
  control: boolean;
  baseTimestamp: number;
  maxTimestamp: number;
  /** -1 when the producer is neither idempotent nor transactional. */
  producerId: bigint;
  recordCount: number;
}

export function emptyHeader(): BatchHeader {
  return {
    start: 0,
    end: 0,
    baseOffset: 0,
    nextOffset: 0,
    leaderEpoch: -1,
    magic: 2,
    crc: 0,
    codec: 0,
    logAppendTime: false,
    transactional: false,
    control: false,
    baseTimestamp: 0,
    maxTimestamp: 0,
    producerId: -1n,
    recordCount: 0,
  };
}

/** `partial`: the batch goes on beyond `limit`, which is normal at the end of a fetch. `bad-length`: impossible length. */
export type HeaderResult = 'ok' | 'partial' | 'bad-length' | 'bad-magic';

/** Reads the header at `at`; nothing at or after `limit` belongs to the batches. The checksum is not checked here. */
export function parseBatchHeader(view: DataView, at: number, limit: number, out: BatchHeader): HeaderResult {
  if (limit - at < layout.LENGTH_OVERHEAD) return 'partial';
  const length = view.getInt32(at + layout.BATCH_LENGTH);
  if (length < layout.MIN_BATCH_LENGTH || length > layout.MAX_BATCH_LENGTH) return 'bad-length';
  // Older formats put the magic byte at the same place: say what is wrong before anything else is read.
  if (limit - at > layout.MAGIC && view.getInt8(at + layout.MAGIC) !== 2) return 'bad-magic';
  if (length > limit - at - layout.LENGTH_OVERHEAD) return 'partial';
  const attributes = view.getInt16(at + layout.ATTRIBUTES);
  out.start = at;
  out.end = at + layout.LENGTH_OVERHEAD + length;
  out.baseOffset = readInt64(view, at + layout.BASE_OFFSET);
  out.nextOffset = out.baseOffset + view.getInt32(at + layout.LAST_OFFSET_DELTA) + 1;
  out.leaderEpoch = view.getInt32(at + layout.LEADER_EPOCH);
  out.magic = 2;
  out.crc = view.getUint32(at + layout.CRC);
  out.codec = attributes & layout.ATTRIBUTE_CODEC;
  out.logAppendTime = (attributes & layout.ATTRIBUTE_LOG_APPEND_TIME) !== 0;
  out.transactional = (attributes & layout.ATTRIBUTE_TRANSACTIONAL) !== 0;
  out.control = (attributes & layout.ATTRIBUTE_CONTROL) !== 0;
  out.baseTimestamp = readInt64(view, at + layout.BASE_TIMESTAMP);
  out.maxTimestamp = readInt64(view, at + layout.MAX_TIMESTAMP);
  out.producerId = view.getBigInt64(at + layout.PRODUCER_ID);
  out.recordCount = view.getInt32(at + layout.RECORD_COUNT);
  return 'ok';
}

/** A signed 64-bit number, exact between -2^53 and 2^53. */
export function readInt64(view: DataView, at: number): number {
  return view.getInt32(at) * 4294967296 + view.getUint32(at + 4);
}

export function writeInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 4294967296));
  view.setUint32(at + 4, value >>> 0);
}
