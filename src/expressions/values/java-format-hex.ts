const view = new DataView(new ArrayBuffer(8));
const FRACTION_BITS = 52n;
const FRACTION = (1n << FRACTION_BITS) - 1n;
/** Hexadecimal digits of the whole fraction of a double. */
const ALL_DIGITS = 13;
const LEAST_EXPONENT = -1022;

/**
 * A finite number without its sign as Java writes it in hexadecimal, without the `0x`: `1.8p0` is 1.5. With a precision
 * it is rounded half to even to so many digits (0 counts as 1), and below the least normal number made a normal one.
 */
export function hexadecimal(size: number, precision: number | undefined): string {
  const digits = precision === undefined ? undefined : Math.max(1, precision);
  view.setFloat64(0, size);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> FRACTION_BITS);
  const fraction = bits & FRACTION;
  if (size === 0) return `0.${'0'.repeat(digits ?? 1)}p0`;
  const isNormal = biased > 0;
  if (digits === undefined || digits >= ALL_DIGITS) {
    const all = fraction.toString(16).padStart(ALL_DIGITS, '0');
    const shown = digits === undefined ? all.replace(/(?!^)0+$/, '') : all.padEnd(digits, '0');
    return `${isNormal ? 1 : 0}.${shown}p${isNormal ? biased - 1023 : LEAST_EXPONENT}`;
  }
  const significand = isNormal ? fraction | (1n << FRACTION_BITS) : fraction;
  const exponent = isNormal ? biased - 1023 : LEAST_EXPONENT;
  return rounded(significand, exponent, digits);
}

/** `significand` * 2^(exponent - 52), rounded to one bit and `digits` hexadecimal digits. */
function rounded(significand: bigint, exponent: number, digits: number): string {
  const bits = significand.toString(2).length;
  const excess = BigInt(bits - 1 - 4 * digits);
  const power = exponent + bits - 1 - Number(FRACTION_BITS);
  const kept = excess > 0n ? halfEven(significand, excess) : significand << -excess;
  const carried = kept >> BigInt(4 * digits + 1) > 0n;
  const text = (carried ? kept >> 1n : kept).toString(16);
  return `${text[0]}.${text.slice(1)}p${carried ? power + 1 : power}`;
}

/** The value without its `dropped` last bits. */
function halfEven(value: bigint, dropped: bigint): bigint {
  const kept = value >> dropped;
  const rest = value & ((1n << dropped) - 1n);
  const half = 1n << (dropped - 1n);
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
}
