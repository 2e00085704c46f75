import type { Code } from './code.ts';

/**
 * Helpers of one generated decoder (its own copies, so that V8 specialises them with it). `w` carries the value that
 * was read; a read past the buffer gives undefined, which counts as a last byte: the record's end check finds it.
 */
export const VARINT_HELPERS = `
const w = new Int32Array(2);
function tail32(u8, p, r, shift) {
  for (;;) {
    const b = u8[p++];
    if (shift === 28 && b > 15) fail(badInt);
    r |= (b & 127) << shift;
    if (!(b > 127)) { w[0] = r; return p; }
    shift += 7;
  }
}
function tail64(u8, p, lo, hi, n) {
  for (;;) {
    const b = u8[p++];
    const g = b & 127;
    if (n < 4) lo |= g << (7 * n);
    else if (n === 4) { lo |= g << 28; hi |= g >> 4; }
    else if (n < 9) hi |= g << (7 * n - 32);
    else { if (b > 1) fail(badLong); hi |= g << 31; }
    if (!(b > 127)) { w[0] = lo; w[1] = hi; return p; }
    n++;
  }
}
function skipLong(u8, p) {
  let n = 1;
  while (u8[p++] > 127) if (++n > 10) fail(badLong);
  return p;
}`;

/** Declares a variable with the raw (zigzag) bits of an int, a length, an index or a block count. */
export function readRaw32(code: Code): string {
  const r = code.fresh();
  code.add(`let ${r} = u8[p++];`);
  if (code.compact) {
    code.add(`if (${r} > 127) { p = tail32(u8, p, ${r} & 127, 7); ${r} = w[0]; }`);
    return r;
  }
  const b = code.fresh();
  code.add(
    `if (${r} > 127) { const ${b} = u8[p++]; ${r} = (${r} & 127) | ((${b} & 127) << 7);`,
    `if (${b} > 127) { p = tail32(u8, p, ${r}, 14); ${r} = w[0]; } }`,
  );
  return r;
}

/** Declares a variable with the value of an int. */
export function readInt(code: Code): string {
  const raw = readRaw32(code);
  const v = code.fresh();
  code.add(`const ${v} = (${raw} >>> 1) ^ -(${raw} & 1);`);
  return v;
}

/** Declares a variable with the length of what follows, which lies inside the record. */
export function readLength(code: Code): string {
  const raw = readRaw32(code);
  const length = code.fresh();
  code.add(`const ${length} = ${raw} >>> 1;`, `if ((${raw} & 1) !== 0 || ${length} > end - p) fail(badLength);`);
  return length;
}

export interface RawLong {
  readonly lo: string;
  readonly hi: string;
}

/** Declares variables with the raw (zigzag) bits of a long. */
export function readRawLong(code: Code): RawLong {
  const lo = code.fresh();
  const hi = code.fresh();
  code.add(`let ${lo} = u8[p++], ${hi} = 0;`);
  if (code.compact) {
    code.add(`if (${lo} > 127) { p = tail64(u8, p, ${lo} & 127, 0, 1); ${lo} = w[0]; ${hi} = w[1]; }`);
    return { lo, hi };
  }
  const b = code.fresh();
  code.add(
    `if (${lo} > 127) { let ${b} = u8[p++]; ${lo} = (${lo} & 127) | ((${b} & 127) << 7);`,
    `if (${b} > 127) { ${b} = u8[p++]; ${lo} |= (${b} & 127) << 14;`,
    `if (${b} > 127) { ${b} = u8[p++]; ${lo} |= (${b} & 127) << 21;`,
    `if (${b} > 127) { ${b} = u8[p++]; ${lo} |= ${b} << 28; ${hi} = (${b} & 127) >> 4;`,
    `if (${b} > 127) { ${b} = u8[p++]; ${hi} |= (${b} & 127) << 3;`,
    `if (${b} > 127) { p = tail64(u8, p, ${lo}, ${hi}, 6); ${lo} = w[0]; ${hi} = w[1]; } } } } } }`,
  );
  return { lo, hi };
}

/** Declares variables with the two's complement halves of a long. */
export function readLongWords(code: Code): RawLong {
  const raw = readRawLong(code);
  const lo = code.fresh();
  const hi = code.fresh();
  const sign = code.fresh();
  code.add(
    `const ${sign} = -(${raw.lo} & 1);`,
    `const ${lo} = ((${raw.lo} >>> 1) | (${raw.hi} << 31)) ^ ${sign}, ${hi} = (${raw.hi} >>> 1) ^ ${sign};`,
  );
  return { lo, hi };
}

/** Declares a variable with a long as the nearest double. */
export function readLongAsDouble(code: Code): string {
  const raw = readRawLong(code);
  const value = code.fresh();
  // One rounding only: a negative value is minus (half + 1), and the sum is made before the sign.
  code.add(
    `let ${value} = (${raw.hi} >>> 0) * 2147483648 + ((${raw.lo} >>> 1) + (${raw.lo} & 1));`,
    `if ((${raw.lo} & 1) !== 0) ${value} = -${value};`,
  );
  return value;
}
