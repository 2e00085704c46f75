import { DATA_AT, DATA_BYTES, makeWasmCrc } from './crc32c-wasm.ts';

/** CRC-32C (Castagnoli): the checksum of record batches v2. */
const POLYNOMIAL = 0x82f63b78;
const TABLES = makeTables(16);
const T0 = TABLES[0];
const wasm = makeWasmCrc(TABLES);
/** Below this the call costs more than the loop. */
const SMALL = 32;

/** The checksum of bytes [start, end) as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  if (end - start < SMALL) {
    for (let at = start; at < end; at++) crc = (crc >>> 8) ^ T0[(crc ^ bytes[at]) & 255];
    return ~crc >>> 0;
  }
  const { memory, update } = wasm;
  for (let at = start; at < end; at += DATA_BYTES) {
    const part = bytes.subarray(at, Math.min(end, at + DATA_BYTES));
    memory.set(part, DATA_AT);
    crc = update(DATA_AT, DATA_AT + part.length, crc);
  }
  return ~crc >>> 0;
}

function makeTables(slices: number): Int32Array[] {
  const tables = Array.from({ length: slices }, () => new Int32Array(256));
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
    tables[0][i] = value;
  }
  for (let i = 0; i < 256; i++) {
    for (let k = 1; k < slices; k++) tables[k][i] = (tables[k - 1][i] >>> 8) ^ tables[0][tables[k - 1][i] & 255];
  }
  return tables;
}
