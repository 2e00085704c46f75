import type { Dec128Slot, I64Slot } from '../slots/index.ts';

/** A check and store of big-endian two's complement bytes as an unscaled value: false when it has too many digits. */
export type StoreDecimal<S> = (slot: S, row: number, bytes: Uint8Array, from: number, to: number) => boolean;

/** For DECIMAL(p <= 18). */
export function storeDecimal64(precision: number): StoreDecimal<I64Slot> {
  const limit = 10 ** precision;
  const exactLimit = 10n ** BigInt(precision);
  return (slot, row, bytes, from, to) => {
    const sign = bytes[from] > 127 ? -1 : 0;
    const first = skipSignBytes(bytes, from, to, sign);
    if (to - first > 8) return false;
    let high = sign;
    let low = sign;
    for (let p = first; p < to; p++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | bytes[p];
    }
    if (sign < 0 ? high >= 0 : high < 0) return false;
    slot.words[2 * row] = low;
    slot.words[2 * row + 1] = high;
    const size = Math.abs(high * 4294967296 + (low >>> 0));
    if (size < limit) return true;
    // 10^p is a double itself, so only a value that rounds to it needs the exact comparison.
    const value = slot.values[row];
    return size === limit && value < exactLimit && value > -exactLimit;
  };
}

/** For DECIMAL(p > 18). */
export function storeDecimal128(precision: number): StoreDecimal<Dec128Slot> {
  const limit = 10n ** BigInt(precision);
  return (slot, row, bytes, from, to) => {
    const sign = bytes[from] > 127 ? -1 : 0;
    const first = skipSignBytes(bytes, from, to, sign);
    if (to - first > 16) return false;
    let value = BigInt(sign);
    for (let p = first; p < to; p++) value = (value << 8n) | BigInt(bytes[p]);
    if (value >= limit || value <= -limit) return false;
    slot.high[row] = value >> 64n;
    slot.low[row] = BigInt.asIntN(64, value);
    return true;
  };
}

function skipSignBytes(bytes: Uint8Array, from: number, to: number, sign: number): number {
  const filler = sign & 255;
  let p = from;
  while (p < to && bytes[p] === filler) p++;
  return p;
}
