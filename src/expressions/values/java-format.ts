import { digitsOf, groupThousands, justified } from './java-format-numbers.ts';
import { isTimeLetter, timeText } from './java-format-time.ts';

/** What a value is to a format: integers by their width in bits. */
export type FormatArgument =
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64; readonly value: bigint }
  | { readonly kind: 'double'; readonly value: number; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string };

/** `hashOf` gives the hash code of an argument that is not NULL, by its index. */
export type Format = (
  args: readonly (FormatArgument | null)[],
  hashOf: (index: number) => number,
) => string | undefined;

/** One conversion of a format: `%[index$][flags][width][.precision][t]conversion`. */
interface Conversion {
  readonly index: number;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly name: string;
  readonly isUpper: boolean;
  /** The letter behind `t`, which says what of a time is shown. */
  readonly part: string | undefined;
}

const CONVERSION = /%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([tT](?=[a-zA-Z%]))?([a-zA-Z%])/y;
/** Flags that a conversion does not take. */
const REFUSED: Readonly<Record<string, RegExp>> = {
  s: /[#+ 0,(]/,
  b: /[#+ 0,(]/,
  h: /[#+ 0,(]/,
  c: /[#+ 0,(]/,
  d: /#/,
  o: /[+ ,(]/,
  x: /[+ ,(]/,
  e: /,/,
  f: /(?!)/,
  g: /#/,
  a: /[,(]/,
  t: /[#+ 0,(]/,
  '%': /[#+ 0,(]/,
  n: /./,
};
const NO_PRECISION = 'cdoxt%n';

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
  return (args, hashOf) => {
    let text = '';
    for (const part of parts) {
      const shown = typeof part === 'string' ? part : converted(part, args, hashOf);
      if (shown === undefined) return undefined;
      text += shown;
    }
    return text;
  };
}

function conversionOf(match: RegExpExecArray): Conversion | undefined {
  const [, index, flags, width, precision, , last] = match;
  const time = match[5] as string | undefined;
  const letter = time ?? last;
  const name = letter.toLowerCase();
  const isUpper = letter !== name;
  if (!Object.hasOwn(REFUSED, name) || (isUpper && !'sbhcxegat'.includes(name))) return undefined;
  if (name === 't' && !(time !== undefined && isTimeLetter(last))) return undefined;
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
    part: time === undefined ? undefined : last,
  };
}

function converted(conversion: Conversion, ...[args, hashOf]: Parameters<Format>): string | undefined {
  const { name, index, isUpper } = conversion;
  if (name === 'n') return '\n';
  if (name === '%') return justified('%', conversion);
  const arg = args[index] as FormatArgument | null | undefined;
  if (arg === undefined) return undefined;
  const text = arg === null ? ofNull(conversion) : ofValue(conversion, arg, () => hashOf(index));
  return isUpper ? text?.toUpperCase() : text;
}

function ofNull(conversion: Conversion): string {
  const text = conversion.name === 'b' ? 'false' : 'null';
  return justified(text.slice(0, conversion.precision), conversion);
}

function ofValue(conversion: Conversion, arg: FormatArgument, hash: () => number): string | undefined {
  switch (conversion.name) {
    case 's':
      return justified(textOf(arg).slice(0, conversion.precision), conversion);
    case 'h':
      return justified((hash() >>> 0).toString(16).slice(0, conversion.precision), conversion);
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
    case 't':
      if (arg.kind !== 'integer' || arg.bits < 64) return undefined;
      return justified(timeText(conversion.part ?? '', arg.value), conversion);
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

/** With what stands for the sign and `0x` of hexadecimal fractions; zeros fill up finite numbers only. */
function signed(conversion: Conversion, negative: boolean, digits: string, isFinite: boolean): string {
  const { flags, width } = conversion;
  const inParentheses = negative && flags.includes('(');
  const sign = negative ? (inParentheses ? '(' : '-') : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const before = conversion.name === 'a' && isFinite ? `${sign}0x` : sign;
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
