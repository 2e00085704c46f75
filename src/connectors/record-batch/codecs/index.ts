import { runtimeError } from '../../../data/errors.ts';
import { compressGzip, decompressGzip } from './gzip.ts';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';
import { compressZstd, decompressZstd } from './zstd.ts';

/** Compression of the records of a batch, in the order of their codes in the batch header. */
export const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof CODEC_NAMES)[number];

export const CODEC_NONE = 0;

export function codecOf(name: Compression): number {
  return CODEC_NAMES.indexOf(name);
}

/** More than this from one batch is refused: a few bytes can otherwise fill the memory. */
const MAX_UNCOMPRESSED_BYTES = 256 * 1024 * 1024;

/**
 * The record section of a batch, uncompressed; the bytes may share the buffer of `section`. Throws
 * `unsupported-compression`, or an error that is not a HeadwaterError when the section is damaged or unpacks to too much.
 */
export function decompress(codec: number, section: Uint8Array): Uint8Array {
  const name = CODEC_NAMES[codec];
  switch (name) {
    case 'none':
      return section;
    case 'gzip':
      return decompressGzip(section, MAX_UNCOMPRESSED_BYTES);
    case 'snappy':
      return decompressSnappy(section, MAX_UNCOMPRESSED_BYTES);
    case 'lz4':
      return decompressLz4(section, MAX_UNCOMPRESSED_BYTES);
    case 'zstd':
      return decompressZstd(section, MAX_UNCOMPRESSED_BYTES);
    case undefined:
      throw runtimeError(
        'unsupported-compression',
        `the records are compressed with codec ${codec}; expected one of: ${CODEC_NAMES.join(', ')}`,
      );
  }
}

/** The record section as Kafka's own clients read it. */
export function compress(compression: Compression, section: Uint8Array): Uint8Array {
  switch (compression) {
    case 'none':
      return section;
    case 'gzip':
      return compressGzip(section);
    case 'snappy':
      return compressSnappy(section);
    case 'lz4':
      return compressLz4(section);
    case 'zstd':
      return compressZstd(section);
  }
}
