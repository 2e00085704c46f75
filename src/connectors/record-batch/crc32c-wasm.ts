/**
 * CRC-32C, sliced by sixteen, as a WebAssembly function put together here byte by byte (80 instructions): JavaScript
 * pays a bounds check for each of the table look-ups, which makes it two to three times slower, and the checksum is
 * the most expensive step between a socket and columns. Memory: the tables, then the bytes to sum.
 */
const SLICES = 16;
export const DATA_AT = SLICES * 1024;
export const DATA_BYTES = 15 * 16 * 1024;
const PAGES = 4;

type Code = readonly number[];

const POINTER = 0;
const END = 1;
const CRC = 2;
const WORD = 3;

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const constant = (value: number): Code => [0x41, ...signedLeb(value)];
const ADD: Code = [0x6a];
const XOR: Code = [0x73];
const AND: Code = [0x71];
const SHIFT_LEFT: Code = [0x74];
const SHIFT_RIGHT: Code = [0x76];
const GREATER: Code = [0x4b];
const load32 = (offset: number): Code => [0x28, 0, ...unsignedLeb(offset)];
const LOAD8: Code = [0x2d, 0, 0];
/** `while (!leave) body`: a block around a loop. */
const loop = (leave: Code, body: Code): Code => [
  0x02,
  0x40,
  0x03,
  0x40,
  ...leave,
  0x0d,
  1,
  ...body,
  0x0c,
  0,
  0x0b,
  0x0b,
];
const advance = (by: number): Code => [...get(POINTER), ...constant(by), ...ADD, ...set(POINTER)];

/** Table `slice` at byte `n` of the word on hand, as an i32 on the stack. */
function lookUp(slice: number, n: number): Code {
  const bits = n * 8 - 2;
  const index = bits < 0 ? [...constant(2), ...SHIFT_LEFT] : [...constant(bits), ...SHIFT_RIGHT];
  return [...get(WORD), ...index, ...constant(0x3fc), ...AND, ...load32(slice * 1024)];
}

/** The contribution of word `w` of sixteen bytes; the first word is summed with the checksum so far. */
function word(w: number): Code {
  const load = [...get(POINTER), ...load32(w * 4), ...(w === 0 ? [...get(CRC), ...XOR] : []), ...set(WORD)];
  const tables = [0, 1, 2, 3].map((n) => lookUp(SLICES - 1 - w * 4 - n, n));
  return [...load, ...tables[0], ...tables[1], ...XOR, ...tables[2], ...XOR, ...tables[3], ...XOR];
}

const SIXTEEN = loop(
  [...get(POINTER), ...constant(16), ...ADD, ...get(END), ...GREATER],
  [...word(0), ...word(1), ...XOR, ...word(2), ...XOR, ...word(3), ...XOR, ...set(CRC), ...advance(16)],
);

const ONE = loop(
  [...get(POINTER), ...constant(1), ...ADD, ...get(END), ...GREATER],
  [
    ...[...get(CRC), ...get(POINTER), ...LOAD8, ...XOR, ...constant(255), ...AND, ...constant(2), ...SHIFT_LEFT],
    ...[...load32(0), ...get(CRC), ...constant(8), ...SHIFT_RIGHT, ...XOR, ...set(CRC), ...advance(1)],
  ],
);

/** One function `(pointer, end, crc) -> crc` over one memory, both exported. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const i32 = 0x7f;
  const body = [1, 1, i32, ...SIXTEEN, ...ONE, ...get(CRC), 0x0b];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, i32, i32, i32, 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, PAGES]),
    ...section(7, [2, 1, 'm'.charCodeAt(0), 2, 0, 1, 'f'.charCodeAt(0), 0, 0]),
    ...section(10, [1, ...unsignedLeb(body.length), ...body]),
  ]);
}

const section = (id: number, content: Code): Code => [id, ...unsignedLeb(content.length), ...content];

function unsignedLeb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsignedLeb(value >>> 7)];
}

function signedLeb(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signedLeb(value >>> 7)];
}

export interface WasmCrc {
  /** The memory's bytes; what is to be summed is put at DATA_AT, at most DATA_BYTES of it. */
  readonly memory: Uint8Array;
  /** Goes on from `crc` (not inverted) over bytes [start, end) of the memory. */
  readonly update: (start: number, end: number, crc: number) => number;
}

/** `tables`: sixteen, one after another, slice by slice. */
export function makeWasmCrc(tables: readonly Int32Array[]): WasmCrc {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  const { m, f } = exports;
  if (!(m instanceof WebAssembly.Memory) || typeof f !== 'function')
    throw new Error('the checksum module is malformed');
  const words = new Int32Array(m.buffer);
  tables.forEach((table, slice) => words.set(table, slice * 256));
  return { memory: new Uint8Array(m.buffer), update: (start, end, crc) => Number(f(start, end, crc)) };
}
