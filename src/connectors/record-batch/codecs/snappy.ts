import { loadOnce } from './load.ts';

const snappy = loadOnce<typeof import('snappy')>('snappy');

/**
 * Java clients frame snappy blocks as the xerial library does: a magic, two versions, then for each block its length
 * and its bytes. Others (librdkafka) send one bare block.
 */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const HEADER_BYTES = 16;
/** As large as snappy looks back: larger blocks pack no better. */
const BLOCK_BYTES = 64 * 1024;

export function compressSnappy(section: Uint8Array): Uint8Array {
  const { compressSync } = snappy();
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeInt32BE(1, 8);
  header.writeInt32BE(1, 12);
  const parts: Uint8Array[] = [header];
  for (let at = 0; at < section.length; at += BLOCK_BYTES) {
    const block = compressSync(section.subarray(at, at + BLOCK_BYTES));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

export function decompressSnappy(section: Uint8Array, maxBytes: number): Uint8Array {
  const bytes = Buffer.from(section.buffer, section.byteOffset, section.length);
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return unpackBlock(bytes, maxBytes);
  const parts: Uint8Array[] = [];
  let total = 0;
  for (let at = HEADER_BYTES; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    const start = at + 4;
    if (length < 0 || start + length > bytes.length) throw new Error('a snappy block leaves the batch');
    const part = unpackBlock(bytes.subarray(start, start + length), maxBytes - total);
    parts.push(part);
    total += part.length;
    at = start + length;
  }
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

function unpackBlock(block: Buffer, maxBytes: number): Uint8Array {
  const length = unpackedLength(block);
  if (length > maxBytes) throw new Error(`a snappy block claims ${length} bytes`);
  const unpacked = snappy().uncompressSync(block, { asBuffer: true });
  if (typeof unpacked === 'string') throw new Error('snappy gave a string');
  return unpacked;
}

/** A block begins with its unpacked length as a varint of at most 32 bits. */
function unpackedLength(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    length += (block[i] & 127) * 128 ** i;
    if (block[i] < 128) return length;
  }
  throw new Error('a snappy block has no length');
}
