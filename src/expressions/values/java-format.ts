import { groupThousands, justified, roundedDigits } from './java-format-numbers.ts';

/** What a value is to a format: integers by their width in bits. */
export type FormatArgument =
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string };

export type Format = (args: readonly (FormatArgument | null)[]) => string | undefined;

/** One conversion of a format: `%[index$][flags][width][.precision]conversion`. */
interface Conversion {
  readonly index: number;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly name: string;
  readonly isUpper: boolean;
}

const CONVERSION = /%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/y;
/** Flags that a conversion does not take. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  s: /[#+ 0,(]/,
  b: /[#+ 0,(]/,
  c: /[#+ 0,(]/,
  d: /#/,
  o: /[+ ,(]/,
  x: /[+ ,(]/,
  e: /,/,
  f: /(?!)/,
  g: /#/,
  '%': /[#+ 0,(]/,
  n: /./,
};
const NO_PRECISION = 'cdox%n';

/** Conversions of Java that are not there: of hash codes, of dates, hexadecimal fractions. */
export function missingConversion(format: string): string | undefined {
  return /%(?:\d+\$)?[-#+ 0,(<]*\d*(?:\.\d+)?([hHaAtT])/.exec(format.replaceAll('%%', ''))?.[1];
}

/** A format of Java's Formatter; undefined for one that is wrong. It gives undefined for arguments that do not fit. */
export function compileFormat(format: string): Format | undefined {
  const parts: (string | Conversion)[] = [];
  let ordinary = 0;
  let last = -1;
  for (let at = 0; at < format.length;) {
    const next = format.indexOf('%', at);
    parts.push(format.slice(at, next < 0 ? undefined : next));
    if (next < 0) break;
    CONVERSION.lastIndex = next;
    const match = CONVERSION.exec(format);
    const found = match === null ? undefined : conversionOf(match);
    if (match === null || found === undefined) return undefined;
    const takesNone = found.name === '%' || found.name === 'n';
    const index = takesNone ? -1 : found.flags.includes('<') ? last : match[1] === undefined ? ordinary++ : found.index;
    if (!takesNone && index < 0) return undefined;
    if (!takesNone) last = index;
    parts.push({ ...found, index });
    at = CONVERSION.lastIndex;
  }
  return (args) => {
    let text = '';
    for (const part of parts) {
      const shown = typeof part === 'string' ? part : converted(part, args);
      if (shown === undefined) return undefined;
      text += shown;
    }
    return text;
  };
}

function conversionOf([, index, flags, width, precision, letter]: RegExpExecArray): Conversion | undefined {
  const name = letter.toLowerCase();
  const isUpper = letter !== name;
  if (!Object.hasOwn(REFUSED, name) || (isUpper && !'sbcxeg'.includes(name))) return undefined;
  const own = flags.replaceAll('<', '');
  const isWrong =
    new Set(flags).size < flags.length ||
    REFUSED[name].test(own) ||
    (own.includes('+') && own.includes(' ')) ||
    (own.includes('-') && own.includes('0')) ||
    (/[-0]/.test(own) && width === undefined) ||
    (precision !== undefined && NO_PRECISION.includes(name)) ||
    (name === 'n' && width !== undefined);
  if (isWrong) return undefined;
  return {
    index: Number(index ?? 0) - 1,
    flags,
    width: Number(width ?? 0),
    precision: precision === undefined ? undefined : Number(precision),
    name,
    isUpper,
  };
}

function converted(conversion: Conversion, args: readonly (FormatArgument | null)[]): string | undefined {
  const { name, index, isUpper } = conversion;
  if (name === 'n') return '\n';
  if (name === '%') return justified('%', conversion);
  const arg = args[index] as FormatArgument | null | undefined;
  if (arg === undefined) return undefined;
  const text = arg === null ? ofNull(conversion) : ofValue(conversion, arg);
  return isUpper ? text?.toUpperCase() : text;
}

function ofNull(conversion: Conversion): string {
  const text = conversion.name === 'b' ? 'false' : 'null';
  return justified(text.slice(0, conversion.precision), conversion);
}

function ofValue(conversion: Conversion, arg: FormatArgument): string | undefined {
  switch (conversion.name) {
    case 's':
      return justified(textOf(arg).slice(0, conversion.precision), conversion);
    case 'b': {
      const text = arg.kind === 'boolean' ? String(arg.value) : 'true';
      return justified(text.slice(0, conversion.precision), conversion);
    }
    case 'c': {
      if (arg.kind !== 'integer' || arg.bits === 64 || arg.value < 0n || arg.value > 0x10ffffn) return undefined;
      return justified(String.fromCodePoint(Number(arg.value)), conversion);
    }
    case 'd':
      return arg.kind === 'integer' ? signed(conversion, arg.value < 0n, magnitude(arg.value), true) : undefined;
    case 'o':
    case 'x':
      return arg.kind === 'integer' ? unsigned(conversion, BigInt.asUintN(arg.bits, arg.value)) : undefined;
    default:
      return arg.kind === 'double' ? floating(conversion, arg.value) : undefined;
  }
}

function textOf(arg: FormatArgument): string {
  return arg.kind === 'double' ? arg.text : String(arg.value);
}

function magnitude(value: bigint): string {
  return String(value < 0n ? -value : value);
}

function unsigned(conversion: Conversion, value: bigint): string {
  const isHex = conversion.name === 'x';
  const prefix = conversion.flags.includes('#') ? (isHex ? '0x' : '0') : '';
  const digits = value.toString(isHex ? 16 : 8);
  const zeros = conversion.flags.includes('0') ? conversion.width - prefix.length : 0;
  return justified(prefix + digits.padStart(zeros, '0'), conversion);
}

/** With what stands for the sign; zeros fill up finite numbers only. */
function signed(conversion: Conversion, negative: boolean, digits: string, isFinite: boolean): string {
  const { flags, width } = conversion;
  const inParentheses = negative && flags.includes('(');
  const before = negative ? (inParentheses ? '(' : '-') : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const after = inParentheses ? ')' : '';
  const grouped = flags.includes(',') && isFinite ? groupThousands(digits) : digits;
  const zeros = flags.includes('0') && isFinite ? width - before.length - after.length : 0;
  return justified(before + grouped.padStart(zeros, '0') + after, conversion);
}

function floating(conversion: Conversion, value: number): string {
  if (Number.isNaN(value)) return justified('NaN', conversion);
  const negative = value < 0 || Object.is(value, -0);
  const size = Math.abs(value);
  if (size === Infinity) return signed(conversion, negative, 'Infinity', false);
  return signed(conversion, negative, digitsOf(conversion, size), true);
}

function digitsOf({ name, precision = 6, flags }: Conversion, size: number): string {
  const point = flags.includes('#') ? '.' : '';
  switch (name) {
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
