import type * as Re2js from 're2js';
import { HeadwaterError } from '../../data/errors.ts';
import { lazyPackage } from '../../data/lazy-package.ts';

const re2js = lazyPackage<typeof Re2js>('re2js');

/** A regular expression that matches in linear time. */
export type Regex = Re2js.RE2JS;

/**
 * A pattern of Java's syntax. undefined when Java would refuse it too; throws `unsupported-pattern` for what needs
 * backtracking (look-around, back references, possessive quantifiers) or is not translated.
 */
export function compileRegex(pattern: string): Regex | undefined {
  const { RE2JS, RE2JSException } = re2js();
  const translated = translate(pattern);
  try {
    return RE2JS.compile(translated);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    if (/repeat count|repeat size|\\p|\\P/.test(error.message)) throw unsupported(pattern, error.message);
    return undefined;
  }
}

/** Compiled patterns of one call, which mostly are one. */
export class RegexCache {
  private readonly known = new Map<string, Regex | undefined>();

  get(pattern: string): Regex | undefined {
    const found = this.known.get(pattern);
    if (found !== undefined || this.known.has(pattern)) return found;
    if (this.known.size >= 256) this.known.clear();
    const regex = compileRegex(pattern);
    this.known.set(pattern, regex);
    return regex;
  }
}

function unsupported(pattern: string, what: string): HeadwaterError {
  return new HeadwaterError(
    'unsupported-pattern',
    `The regular expression '${pattern}' cannot be matched in linear time: ${what}`,
  );
}

const TERMINATORS = '\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}';
const BLANKS = ' \\t\\xA0\\x{1680}\\x{180e}\\x{2000}-\\x{200a}\\x{202f}\\x{205f}\\x{3000}';
/** Classes that RE2 lacks or understands otherwise, as the inside of a bracket. */
const CLASSES: Readonly<Record<string, string>> = { s: '\\t-\\r ', h: BLANKS, v: TERMINATORS };
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-/:-@\\[-`{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: '\\t-\\r ',
  IsAlphabetic: '\\pL\\p{Nl}',
  IsDigit: '\\p{Nd}',
  IsLetter: '\\pL',
};

/** Java's syntax in RE2's, part by part: escapes, groups, classes, quantifiers, the dot. */
function translate(pattern: string): string {
  const dotAll = /\(\?[im]*s/.test(pattern);
  let result = '';
  let inClass = false;
  for (let i = 0; i < pattern.length;) {
    const rest = pattern.slice(i);
    const part = inClass ? classPart(pattern, rest) : outerPart(pattern, rest, dotAll);
    if (rest[0] === '[' && !inClass) inClass = true;
    else if (rest[0] === ']' && inClass) inClass = false;
    result += part.text;
    i += part.length;
  }
  return result;
}

interface Part {
  readonly length: number;
  readonly text: string;
}

function outerPart(pattern: string, rest: string, dotAll: boolean): Part {
  if (rest[0] === '\\') return escaped(pattern, rest, false);
  if (rest[0] === '.') return { length: 1, text: dotAll ? '.' : '[^\\n\\r\\x{85}\\x{2028}\\x{2029}]' };
  if (rest[0] === '[') {
    // A bracket that closes at once is a literal in both, written safely here.
    const opening = /^\[\^?\]?/.exec(rest)?.[0] ?? '[';
    return { length: opening.length, text: opening.replace(']', '\\]') };
  }
  const group = /^\(\?(<?[=!]|>|[a-zA-Z-]*[^ims:)<P-][a-zA-Z-]*[:)])/.exec(rest);
  if (group !== null && !/^\(\?<[a-zA-Z]/.test(rest)) throw unsupported(pattern, `'(?${group[1]}' is not supported`);
  const possessive = /^(?:[*+?]|\{\d+(?:,\d*)?\})\+/.exec(rest);
  if (possessive !== null) throw unsupported(pattern, `the possessive quantifier '${possessive[0]}' is not supported`);
  return { length: 1, text: rest[0] };
}

function classPart(pattern: string, rest: string): Part {
  if (rest[0] === '\\') return escaped(pattern, rest, true);
  if (rest.startsWith('&&')) throw unsupported(pattern, "the intersection of classes ('&&') is not supported");
  if (rest[0] === '[') throw unsupported(pattern, 'a class inside of a class is not supported');
  return { length: 1, text: rest[0] };
}

function escaped(pattern: string, rest: string, inClass: boolean): Part {
  const quoted = /^\\Q([\s\S]*?)(?:\\E|$)/.exec(rest);
  if (quoted !== null) return { length: quoted[0].length, text: re2js().RE2JS.quote(quoted[1]) };
  const unicode = /^\\u([0-9a-fA-F]{4})/.exec(rest);
  if (unicode !== null) return { length: 6, text: `\\x{${unicode[1]}}` };
  const octal = /^\\0([0-3]?[0-7]{1,2})/.exec(rest);
  if (octal !== null) return { length: octal[0].length, text: `\\x{${Number.parseInt(octal[1], 8).toString(16)}}` };
  const property = /^\\([pP])\{(\w+)\}/.exec(rest);
  if (property !== null) return namedClass(pattern, property, inClass);
  const letter = rest[1] ?? '';
  if (letter === 'e') return { length: 2, text: '\\x{1B}' };
  if (letter === 'c') return { length: 3, text: `\\x{${((rest.charCodeAt(2) || 0) ^ 64).toString(16)}}` };
  if (letter === 'R' && !inClass) return { length: 2, text: `(?:\\r\\n|[${TERMINATORS}])` };
  if (/[1-9kGXNZR]/.test(letter)) throw unsupported(pattern, `'\\${letter}' is not supported`);
  const inside = CLASSES[letter.toLowerCase()];
  if (inside === undefined) return { length: 2, text: rest.slice(0, 2) };
  return bracket(pattern, 2, inside, letter !== letter.toLowerCase(), inClass);
}

function namedClass(pattern: string, property: RegExpExecArray, inClass: boolean): Part {
  const [whole, p, name] = property;
  const inside = POSIX[name];
  if (inside !== undefined) return bracket(pattern, whole.length, inside, p === 'P', inClass);
  return { length: whole.length, text: `\\${p}{${name.replace(/^Is/, '')}}` };
}

function bracket(pattern: string, length: number, inside: string, negated: boolean, inClass: boolean): Part {
  if (!inClass) return { length, text: `[${negated ? '^' : ''}${inside}]` };
  if (negated) throw unsupported(pattern, 'a negated class inside of a class is not supported');
  return { length, text: inside };
}
