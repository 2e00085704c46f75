import { loadOnce } from './load.ts';

const lz4 = loadOnce<typeof import('lz4-napi')>('lz4-napi');

const FRAME_MAGIC = 0x184d2204;
const CONTENT_SIZE_FLAG = 0x08;
const BLOCK_CHECKSUM_FLAG = 0x10;
const DICTIONARY_FLAG = 0x01;

/** An LZ4 frame with independent blocks: Kafka's Java reader takes no others. */
export function compressLz4(section: Uint8Array): Uint8Array {
  return lz4().compressFrameSync(bufferOf(section));
}

export function decompressLz4(section: Uint8Array, maxBytes: number): Uint8Array {
  const frame = bufferOf(section);
  const most = mostUnpacked(frame);
  if (most > maxBytes) throw new Error(`an LZ4 frame may unpack to ${most} bytes`);
  return lz4().decompressFrameSync(frame);
}

/** The sizes of blocks are in the frame and each unpacks to a bounded size, so a bomb shows before it is unpacked. */
function mostUnpacked(frame: Buffer): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== FRAME_MAGIC) throw new Error('it is not an LZ4 frame');
  const flags = frame[4];
  const largestBlock = 256 * 4 ** ((frame[5] >> 4) & 7);
  const checksum = (flags & BLOCK_CHECKSUM_FLAG) !== 0 ? 4 : 0;
  let at = 7 + ((flags & CONTENT_SIZE_FLAG) !== 0 ? 8 : 0) + ((flags & DICTIONARY_FLAG) !== 0 ? 4 : 0);
  let most = 0;
  while (at + 4 <= frame.length) {
    const word = frame.readUInt32LE(at);
    const size = word & 0x7fffffff;
    if (size === 0) break;
    // The highest bit marks a block that is stored as it is.
    most += word > 0x7fffffff ? size : Math.min(largestBlock, size * 256);
    at += 4 + size + checksum;
  }
  return most;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
