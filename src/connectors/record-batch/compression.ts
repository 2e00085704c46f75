import { gunzipSync, gzipSync } from 'node:zlib';
import { runtimeError } from '../../data/errors.ts';

export const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export const CODEC_NONE = 0;
export const CODEC_GZIP = 1;

/** More than this from one batch is refused: a few bytes of gzip can otherwise fill the memory. */
const MAX_UNCOMPRESSED_BYTES = 256 * 1024 * 1024;

/** The record section of a batch, uncompressed. Throws `unsupported-compression`, or zlib's error when it is damaged. */
export function decompress(codec: number, section: Uint8Array): Uint8Array {
  if (codec === CODEC_GZIP) return gunzipSync(section, { maxOutputLength: MAX_UNCOMPRESSED_BYTES });
  const name = CODEC_NAMES[codec] ?? `codec ${codec}`;
  throw runtimeError(
    'unsupported-compression',
    `the records are compressed with ${name}; Headwater reads topics compressed with none or gzip. ` +
      `Set compression.type=gzip on the producer or on the topic.`,
  );
}

export function compressGzip(section: Uint8Array): Uint8Array {
  return gzipSync(section);
}
