import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolvePackage } from './load.ts';

/** zstd compiled to WebAssembly, for a Node that has none of its own. */
export interface ZstdWasm {
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /** Throws when the bytes are damaged, or unpack to more than `maxBytes`. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

const PAGE_BYTES = 65536;
const FIRST_GUESS_BYTES = 1024 * 1024;
/** ZSTD_error_dstSize_tooSmall, as the size that a failed call returns. */
const TOO_SMALL = -70;

/**
 * Compiles the package's own build at once (the package can only be loaded with a promise, and batches are unpacked
 * within a poll). The one-letter names are those of version 0.0.27, which package.json pins.
 */
export function openZstdWasm(): ZstdWasm {
  const file = join(dirname(resolvePackage('@bokuweb/zstd-wasm')), 'zstd.wasm');
  const grow = (size: number): number => {
    const missing = (size >>> 0) - memory.buffer.byteLength;
    return missing <= 0 || memory.grow(Math.ceil(missing / PAGE_BYTES)) >= 0 ? 1 : 0;
  };
  const imports = { a: { a: refuse, b: () => undefined, c: refuse, d: () => 0, e: grow } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), imports);
  const memory = memoryOf(exports);
  const [initialize, isError, bound, compress] = ['g', 'h', 'i', 'm'].map((name) => functionOf(exports, name));
  const [decompress, allocate, free] = ['r', 's', 't'].map((name) => functionOf(exports, name));
  initialize();

  /** Runs work over the input and room for `room` bytes of output; copies what it wrote, or gives its error code. */
  function run(bytes: Uint8Array, room: number, work: (to: number, from: number) => number): Uint8Array | number {
    const from = allocate(bytes.length + 1);
    const to = allocate(room);
    try {
      if (from === 0 || to === 0) throw new Error(`zstd has no memory for ${bytes.length + room} bytes`);
      new Uint8Array(memory.buffer).set(bytes, from);
      const size = work(to, from);
      return isError(size) !== 0 ? size | 0 : new Uint8Array(memory.buffer).slice(to, to + size);
    } finally {
      free(from);
      free(to);
    }
  }

  return {
    compress(bytes, level) {
      const room = bound(bytes.length);
      const packed = run(bytes, room, (to, from) => compress(to, room, from, bytes.length, level));
      if (typeof packed === 'number') throw new Error(`zstd error ${-packed}`);
      return packed;
    },
    decompress(bytes, maxBytes) {
      // Java writes frames without the size of their content, so that the room has to be guessed.
      for (let room = Math.max(FIRST_GUESS_BYTES, 8 * bytes.length); ; room *= 4) {
        const size = Math.min(room, maxBytes);
        const unpacked = run(bytes, size, (to, from) => decompress(to, size, from, bytes.length));
        if (typeof unpacked !== 'number') return unpacked;
        if (unpacked !== TOO_SMALL) throw new Error(`zstd error ${-unpacked}`);
        if (size === maxBytes) throw new Error(`a zstd frame unpacks to more than ${maxBytes} bytes`);
      }
    },
  };
}

type Exports = Readonly<Record<string, unknown>>;

function memoryOf(exports: Exports): WebAssembly.Memory {
  const memory = exports.f;
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new Error('the zstd build has no memory');
}

function functionOf(exports: Exports, name: string): (...args: readonly number[]) => number {
  const exported = exports[name];
  if (typeof exported === 'function') return exported as (...args: readonly number[]) => number;
  throw new Error(`the zstd build has no ${name}`);
}

function refuse(): never {
  throw new Error('zstd aborted');
}
