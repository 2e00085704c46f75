import { LEAST_NORMAL } from './format.ts';
import { hexadecimal } from './java-format-hex.ts';

/** A number as decimal digits: d.ddd * 10^exponent. */
interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

/**
 * The shortest digits that make the number, rounded half up as Java does it: to a number of decimals or of significant
 * digits. 0 has no digits.
 */
function roundedDigits(size: number, places: number, of: 'decimals' | 'significant'): Digits {
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

/** How a number is shown: by the letter of the conversion (a, e, f, g), digits behind the point, flags. */
export interface NumberShape {
  readonly name: string;
  readonly precision: number | undefined;
  readonly flags: string;
}

/** A finite number without its sign, of `a` also without its `0x`. */
export function digitsOf({ name, precision: given, flags }: NumberShape, size: number): string {
  const point = flags.includes('#') ? '.' : '';
  const precision = given ?? 6;
  switch (name) {
    case 'a':
      return hexadecimal(size, given);
    case 'f':
      return fixed(size, precision) + (precision === 0 ? point : '');
    case 'e':
      return scientific(size, precision, point);
    default: {
      const most = precision === 0 ? 1 : precision;
      if (size === 0) return fixed(0, most - 1);
      const { exponent } = roundedDigits(size, most, 'significant');
      return exponent < -4 || exponent >= most ? scientific(size, most - 1, '') : fixed(size, most - 1 - exponent);
    }
  }
}

function fixed(size: number, decimals: number): string {
  const { digits, exponent } = roundedDigits(size, decimals, 'decimals');
  const whole = exponent < 0 ? '0' : digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  if (decimals === 0) return whole;
  const fraction = exponent < 0 ? '0'.repeat(-exponent - 1) + digits : digits.slice(exponent + 1);
  return `${whole}.${fraction.slice(0, decimals).padEnd(decimals, '0')}`;
}

function scientific(size: number, decimals: number, point: string): string {
  const { digits, exponent } =
    size === 0 ? { digits: '0', exponent: 0 } : roundedDigits(size, decimals + 1, 'significant');
  const fraction = decimals === 0 ? point : `.${digits.slice(1, decimals + 1).padEnd(decimals, '0')}`;
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
