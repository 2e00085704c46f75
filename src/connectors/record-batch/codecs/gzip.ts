import { gunzipSync, gzipSync } from 'node:zlib';

export function compressGzip(section: Uint8Array): Uint8Array {
  return gzipSync(section, { level: 1 });
}

export function decompressGzip(section: Uint8Array, maxBytes: number): Uint8Array {
  return gunzipSync(section, { maxOutputLength: maxBytes });
}
