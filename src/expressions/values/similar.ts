import { HeadwaterError } from '../../data/errors.ts';
import { ANYTHING } from './regex-syntax.ts';

const SPECIALS = '[]()|^-+*_%?{}';

/** A pattern of SIMILAR TO in the syntax of Java's regular expressions. */
export function similarToRegex(pattern: string, escape: string | undefined): string {
  const chars = [...pattern];
  let result = '';
  let inClass = false;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i];
    if (char === escape) {
      const next = chars[++i] ?? '';
      if (next === '' || !(SPECIALS.includes(next) || next === escape)) {
        throw new HeadwaterError('invalid-pattern', `Invalid escape sequence '${char}${next}' in '${pattern}'`);
      }
      result += next === '_' || next === '%' ? next : `\\${next}`;
    } else if (inClass) {
      const named = /^\[:(\w+):\]/.exec(chars.slice(i).join(''));
      if (named !== null) {
        result += namedClass(named[1], pattern);
        i += named[0].length - 1;
        continue;
      }
      inClass = char !== ']';
      result += char === '\\' ? '\\\\' : char;
    } else {
      inClass = char === '[';
      result += outside(char);
    }
  }
  return result;
}

function outside(char: string): string {
  switch (char) {
    case '_':
      return '.';
    case '%':
      return `${ANYTHING}*`;
    case '\\':
    case '$':
      return `\\${char}`;
    default:
      return char;
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  ALPHA: '\\p{Alpha}',
  UPPER: '\\p{Upper}',
  LOWER: '\\p{Lower}',
  DIGIT: '\\d',
  SPACE: ' ',
  WHITESPACE: '\\s',
  ALNUM: '\\p{Alnum}',
};

function namedClass(name: string, pattern: string): string {
  const found = CLASSES[name.toUpperCase()];
  if (found === undefined) throw new HeadwaterError('invalid-pattern', `Unknown class [:${name}:] in '${pattern}'`);
  return found;
}
