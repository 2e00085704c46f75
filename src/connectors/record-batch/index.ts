export { type BatchRun, FrameAssembler, isCutOff, nextFetchOffset } from './assembler.ts';
export { AbortedTransactions, type AbortedTransaction } from './aborted.ts';
export { CODEC_NAMES, type Compression } from './codecs/index.ts';
export { crc32c } from './crc32c.ts';
export { createFrames, ensureCapacity } from './frames.ts';
export { type BatchHeader, emptyHeader, parseBatchHeader } from './header.ts';
export { parseRecords, type RecordSection } from './parse-records.ts';
export { murmur2, partitionOf } from './partitioner.ts';
export { type ProducerIdentity, RecordBatchWriter } from './writer.ts';
