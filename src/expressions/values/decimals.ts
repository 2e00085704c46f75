/** Exact decimal arithmetic on unscaled bigints. Rounding is HALF_UP (away from zero), as BigDecimal's in Flink. */

const POWERS: readonly bigint[] = Array.from({ length: 80 }, (_, i) => 10n ** BigInt(i));

export function pow10(exponent: number): bigint {
  return exponent < POWERS.length ? POWERS[exponent] : 10n ** BigInt(exponent);
}

/** `value / divisor` rounded HALF_UP; the divisor is positive. */
export function divideHalfUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  const rest = value - quotient * divisor;
  if ((rest < 0n ? -rest : rest) * 2n < divisor) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

/** A value of scale `from` at scale `to`. */
export function rescale(value: bigint, from: number, to: number): bigint {
  if (to >= from) return to === from ? value : value * pow10(to - from);
  return divideHalfUp(value, pow10(from - to));
}

const QUOTIENT_DIGITS = 38;

/** a / b at scale `scale`, by way of 38 significant digits as Flink divides. `b` is not zero. */
export function divideDecimals(a: bigint, scaleA: number, b: bigint, scaleB: number, scale: number): bigint {
  if (a === 0n) return 0n;
  const negative = a < 0n !== b < 0n;
  const dividend = a < 0n ? -a : a;
  const divisor = b < 0n ? -b : b;
  // The quotient of the unscaled values has `digits` or one more digits before its point.
  const digits = String(dividend).length - String(divisor).length;
  let shift = QUOTIENT_DIGITS - digits;
  let quotient = shifted(dividend, divisor, shift);
  if (quotient >= pow10(QUOTIENT_DIGITS)) quotient = shifted(dividend, divisor, --shift);
  const result = rescale(quotient, shift + scaleA - scaleB, scale);
  return negative ? -result : result;
}

/** dividend * 10^shift / divisor, rounded HALF_UP. */
function shifted(dividend: bigint, divisor: bigint, shift: number): bigint {
  return shift >= 0 ? divideHalfUp(dividend * pow10(shift), divisor) : divideHalfUp(dividend, divisor * pow10(-shift));
}

/** a % b at scale max(scaleA, scaleB), with the sign of a. */
export function remainder(a: bigint, scaleA: number, b: bigint, scaleB: number): bigint {
  const scale = Math.max(scaleA, scaleB);
  return rescale(a, scaleA, scale) % rescale(b, scaleB, scale);
}

/** The nearest DOUBLE. */
export function decimalToDouble(value: bigint, scale: number): number {
  const number = Number(value);
  if (scale <= 22 && Number.isSafeInteger(number)) return number / 10 ** scale;
  return Number(`${value}e-${scale}`);
}

/** A finite DOUBLE's shortest text as a decimal of the scale, HALF_UP; undefined for NaN and infinities. */
export function doubleToDecimal(value: number, scale: number): bigint | undefined {
  return Number.isFinite(value) ? parseDecimal(String(value), scale) : undefined;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/** Decimal text as an unscaled value of the scale, HALF_UP; undefined when it is not a number. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  if (whole.length + fraction.length === 0) return undefined;
  const unscaled = BigInt(sign === '-' ? -1 : 1) * BigInt(whole + fraction);
  const from = fraction.length - Number(exponent);
  if (unscaled === 0n) return 0n;
  // Far outside of 38 digits either way: avoid powers of astronomic size.
  if (from - scale > 400 + whole.length + fraction.length) return 0n;
  if (scale - from > 400) return pow10(400);
  return from >= 0 ? rescale(unscaled, from, scale) : rescale(unscaled * pow10(-from), 0, scale);
}
