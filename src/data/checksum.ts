import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 (the polynomial of zlib and PNG) of bytes, as an unsigned 32-bit number; `seed` continues an earlier one. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return zlibCrc32(bytes, seed);
}
