/** Byte positions in a record batch of magic 2, from its first byte (Kafka protocol guide, "Record Batch"). */
export const BASE_OFFSET = 0;
export const BATCH_LENGTH = 8;
export const LEADER_EPOCH = 12;
export const MAGIC = 16;
export const CRC = 17;
/** The checksum covers everything from here to the end of the batch. */
export const ATTRIBUTES = 21;
export const LAST_OFFSET_DELTA = 23;
export const BASE_TIMESTAMP = 27;
export const MAX_TIMESTAMP = 35;
export const PRODUCER_ID = 43;
export const PRODUCER_EPOCH = 51;
export const BASE_SEQUENCE = 53;
export const RECORD_COUNT = 57;
export const RECORDS = 61;
/** Bytes before the part that `batchLength` counts. */
export const LENGTH_OVERHEAD = 12;
/** Header bytes that `batchLength` counts: the smallest possible value of it. */
export const MIN_BATCH_LENGTH = RECORDS - LENGTH_OVERHEAD;
/** No batch is larger; a longer length is corruption. */
export const MAX_BATCH_LENGTH = 1 << 30;
/** length, attributes, timestamp, offset, key, value, headers: one byte each. */
export const MIN_RECORD_BYTES = 7;

export const ATTRIBUTE_CODEC = 0x07;
export const ATTRIBUTE_LOG_APPEND_TIME = 0x08;
export const ATTRIBUTE_TRANSACTIONAL = 0x10;
export const ATTRIBUTE_CONTROL = 0x20;
