export const DAY_MS = 86_400_000;

export function floorMod(value: number, divisor: number): number {
  const rest = value % divisor;
  // `+ 0` turns -0 into 0.
  return (rest < 0 ? rest + divisor : rest) + 0;
}

export function floorTo(value: number, unit: number): number {
  return value - floorMod(value, unit);
}

/** The nanoseconds within the millisecond that a precision keeps. */
export function nanosUnit(precision: number): number {
  return precision >= 9 ? 1 : precision <= 3 ? 1_000_000 : 10 ** (9 - precision);
}

/** The milliseconds that a precision keeps: 1000 for 0, 100 for 1, 10 for 2, else 1. */
export function msUnit(precision: number): number {
  return precision >= 3 ? 1 : 10 ** (3 - precision);
}
