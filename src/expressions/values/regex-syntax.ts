/** The part of Java's syntax of regular expressions that an automaton over ASCII decides. */
export type RegexNode =
  /** One character: `accepts[c]` is 1 for each ASCII character that it may be. */
  | { readonly kind: 'char'; readonly accepts: Uint8Array }
  | { readonly kind: 'begin' }
  | { readonly kind: 'end' }
  | { readonly kind: 'sequence'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly parts: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly part: RegexNode; readonly least: number; readonly most: number };

export const ASCII = 128;
/** Any character, line ends too. */
export const ANYTHING = '[\\x{0}-\\x{10FFFF}]';
const MOST_REPEATS = 64;
const MOST_DEPTH = 50;

/**
 * Parses literals, `.`, classes of single characters and ranges, `\d \w \s` and their contraries, groups, choices,
 * quantifiers (greedy or not is the same to a test), `^` and `$`. undefined for anything else.
 */
export function parseSimpleRegex(pattern: string): RegexNode | undefined {
  try {
    const parser = new Parser(pattern);
    return parser.all();
  } catch (error) {
    if (error instanceof Beyond) return undefined;
    throw error;
  }
}

/** The pattern has what this parser does not know. */
class Beyond extends Error {}

class Parser {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  all(): RegexNode {
    const node = this.choice();
    if (this.at < this.text.length) throw new Beyond();
    return node;
  }

  private choice(): RegexNode {
    if (++this.depth > MOST_DEPTH) throw new Beyond();
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    this.depth--;
    return parts.length === 1 ? parts[0] : { kind: 'choice', parts };
  }

  private sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')') {
      parts.push(this.quantified(this.atom()));
    }
    return { kind: 'sequence', parts };
  }

  private atom(): RegexNode {
    const char = this.text[this.at++];
    switch (char) {
      case '(': {
        if (this.take('?') && !this.take(':')) throw new Beyond();
        const node = this.choice();
        if (!this.take(')')) throw new Beyond();
        return node;
      }
      case '[':
        return { kind: 'char', accepts: this.takeAll(ANYTHING.slice(1)) ? inverted(setOf('')) : this.characterClass() };
      case '.':
        return { kind: 'char', accepts: inverted(setOf('\n\r')) };
      case '^':
        return { kind: 'begin' };
      case '$':
        return { kind: 'end' };
      case '\\':
        return { kind: 'char', accepts: this.escape() };
      default:
        if (!isLiteral(char)) throw new Beyond();
        return { kind: 'char', accepts: setOf(char) };
    }
  }

  private quantified(part: RegexNode): RegexNode {
    const found = /^(?:([*+?])|\{(\d{1,4})(,?)(\d{0,4})\})(\?|\+)?/.exec(this.text.slice(this.at, this.at + 16));
    if (found === null) {
      if (this.text[this.at] === '{') throw new Beyond();
      return part;
    }
    const [whole, sign, from, comma, to, mode] = found;
    this.at += whole.length;
    const [least, most] = sign === undefined ? bounds(from, comma, to) : SIGNS[sign];
    const again = /[*+?{]/.test(this.text[this.at] ?? '');
    if (mode === '+' || again || part.kind === 'begin' || part.kind === 'end') throw new Beyond();
    return { kind: 'repeat', part, least, most };
  }

  private characterClass(): Uint8Array {
    const negated = this.take('^');
    const accepts = new Uint8Array(ASCII);
    if (this.text[this.at] === ']') throw new Beyond();
    for (let first = true; !this.take(']'); first = false) {
      const from = this.member(first);
      const range = this.text[this.at] === '-' && this.text[this.at + 1] !== ']';
      if (!range) {
        from.forEach((yes, c) => (accepts[c] |= yes));
        continue;
      }
      this.at++;
      const [low, high] = [single(from), single(this.member(false))];
      if (low > high) throw new Beyond();
      accepts.fill(1, low, high + 1);
    }
    return negated ? inverted(accepts) : accepts;
  }

  private member(first: boolean): Uint8Array {
    const char = this.text[this.at++] ?? '';
    if (char === '\\') return this.escape();
    if (char === '-' && (first || this.text[this.at] === ']')) return setOf(char);
    if (!isLiteral(char) && !'.$|*+?(){}'.includes(char)) throw new Beyond();
    if (char === '-' || char === '&' || char === '') throw new Beyond();
    return setOf(char);
  }

  private escape(): Uint8Array {
    const letter = this.text[this.at++] ?? '';
    const named = CLASSES[letter.toLowerCase()];
    if (named !== undefined) return letter === letter.toLowerCase() ? named : inverted(named);
    const control = CONTROLS[letter];
    if (control !== undefined) return setOf(control);
    if (!/^[!-/:-@[-`{-~]$/.test(letter)) throw new Beyond();
    return setOf(letter);
  }

  private take(char: string): boolean {
    return this.at < this.text.length && this.takeAll(char);
  }

  private takeAll(chars: string): boolean {
    if (!this.text.startsWith(chars, this.at)) return false;
    this.at += chars.length;
    return true;
  }
}

const SIGNS: Readonly<Record<string, readonly [number, number]>> = {
  '*': [0, Infinity],
  '+': [1, Infinity],
  '?': [0, 1],
};
const CLASSES: Readonly<Record<string, Uint8Array>> = {
  d: setOf('0123456789'),
  w: setOf('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_'),
  s: setOf(' \t\n\v\f\r'),
};
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/** A character that stands for itself everywhere. */
function isLiteral(char: string): boolean {
  return /^[ !"#%&',\-/0-9:;<=>@A-Z_`a-z~]$/.test(char);
}

function setOf(chars: string): Uint8Array {
  const accepts = new Uint8Array(ASCII);
  for (const char of chars) accepts[char.charCodeAt(0)] = 1;
  return accepts;
}

function inverted(accepts: Uint8Array): Uint8Array {
  return accepts.map((yes) => 1 - yes);
}

/** The one character of a set, as an end of a range. */
function single(accepts: Uint8Array): number {
  if (accepts.reduce((sum, yes) => sum + yes, 0) !== 1) throw new Beyond();
  return accepts.indexOf(1);
}

function bounds(from: string, comma: string, to: string): readonly [number, number] {
  const least = Number(from);
  const most = to !== '' ? Number(to) : comma === '' ? least : Infinity;
  if (comma === '' && to !== '') throw new Beyond();
  if (least > MOST_REPEATS || (most > MOST_REPEATS && most !== Infinity) || least > most) throw new Beyond();
  return [least, most];
}
