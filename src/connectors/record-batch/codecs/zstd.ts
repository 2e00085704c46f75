import * as zlib from 'node:zlib';
import { openZstdWasm, type ZstdWasm } from './zstd-wasm.ts';

const LEVEL = 1;

/** Node's own zstd, in versions that have it (22.15 and later). */
interface NodeZstd {
  readonly zstdCompressSync: (bytes: Uint8Array, options?: object) => Uint8Array;
  readonly zstdDecompressSync: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;
}

let wasm: ZstdWasm | undefined;
const zstdWasm = () => (wasm ??= openZstdWasm());

export function compressZstd(section: Uint8Array): Uint8Array {
  return hasZstd(zlib) ? zlib.zstdCompressSync(section) : zstdWasm().compress(section, LEVEL);
}

export function decompressZstd(section: Uint8Array, maxBytes: number): Uint8Array {
  if (hasZstd(zlib)) return zlib.zstdDecompressSync(section, { maxOutputLength: maxBytes });
  return zstdWasm().decompress(section, maxBytes);
}

function hasZstd(module: object): module is NodeZstd {
  return 'zstdCompressSync' in module && 'zstdDecompressSync' in module;
}
