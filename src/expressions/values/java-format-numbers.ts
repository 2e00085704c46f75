import { LEAST_NORMAL } from './format.ts';

/** A number as decimal digits: d.ddd * 10^exponent. */
interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

/**
 * The shortest digits that make the number, rounded half up as Java does it: to a number of decimals or of significant
 * digits. 0 has no digits.
 */
export function roundedDigits(size: number, places: number, of: 'decimals' | 'significant'): Digits {
  if (size === 0) return { digits: '', exponent: -1 };
  const [mantissa, power] = shortest(size).split('e');
  const digits = mantissa.replace('.', '');
  const exponent = Number(power);
  const kept = of === 'decimals' ? exponent + 1 + places : places;
  if (kept >= digits.length) return { digits, exponent };
  if (kept < 0) return { digits: '', exponent: -1 - places };
  const up = digits.charCodeAt(kept) >= 53;
  const cut = digits.slice(0, kept);
  if (!up) return cut === '' ? { digits: '', exponent: -1 - places } : { digits: cut, exponent };
  const next = String(BigInt(cut === '' ? '0' : cut) + 1n).padStart(kept, '0');
  // A carry into a new first digit: 9.99 becomes 10.0.
  return next.length > kept ? { digits: next, exponent: exponent + 1 } : { digits: next, exponent };
}

/** Java has two digits at least of a number below the least normal one: 4.9e-324. */
function shortest(size: number): string {
  const text = size.toExponential();
  return size < LEAST_NORMAL && !text.includes('.') ? size.toExponential(1) : text;
}

/** 1234567.5 as 1,234,567.5. */
export function groupThousands(number: string): string {
  const [whole, fraction] = number.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Filled up with blanks to the width, on the left unless the flag `-` is there. */
export function justified(text: string, { width, flags }: { readonly width: number; readonly flags: string }): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}
