import { JsonSyntaxProblem } from './problems.ts';

/** Nesting allowed in one record, as in Jackson. */
const MAX_DEPTH = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

export type TokenKind = 'string' | 'number' | 'true' | 'false' | 'null' | 'object' | 'array';

/** A strict JSON tokenizer over bytes [position, end) of a buffer. Strings and numbers are byte ranges. */
export class JsonReader {
  bytes: Buffer = Buffer.alloc(0);
  position = 0;
  /** The last scalar read: for a string, the range between its quotes. */
  start = 0;
  stop = 0;
  /** The last string has escapes. */
  escaped = false;
  private end = 0;
  private depth = 0;

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.depth = 0;
  }

  /** Moves over white space; true at the end of the record. */
  atEnd(): boolean {
    this.skipSpace();
    return this.position >= this.end;
  }

  /** Which value comes next; moves over white space only. */
  peek(): TokenKind {
    this.skipSpace();
    const c = this.position < this.end ? this.bytes[this.position] : 0;
    switch (c) {
      case QUOTE:
        return 'string';
      case 0x7b:
        return 'object';
      case 0x5b:
        return 'array';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (c === MINUS || isDigit(c)) return 'number';
        return this.unexpected('a value');
    }
  }

  /** Reads a scalar that `peek` announced into start, stop, escaped. */
  scalar(kind: 'string' | 'number' | 'true' | 'false' | 'null'): void {
    if (kind === 'string') this.string();
    else if (kind === 'number') this.number();
    else this.word(kind);
  }

  /** Text of the last scalar, unescaped. */
  text(): string {
    const { bytes, start, stop } = this;
    if (!this.escaped) return bytes.toString('utf8', start, stop);
    return JSON.parse(bytes.toString('utf8', start - 1, stop + 1)) as string;
  }

  /** The last scalar, when it is a plain integer of at most 15 digits; NaN otherwise. */
  smallInteger(): number {
    const { bytes, stop } = this;
    const negative = bytes[this.start] === MINUS;
    let p = negative ? this.start + 1 : this.start;
    if (this.escaped || p === stop || stop - p > 15) return NaN;
    let value = 0;
    for (; p < stop; p++) {
      if (!isDigit(bytes[p])) return NaN;
      value = value * 10 + (bytes[p] - 0x30);
    }
    return negative ? -value : value;
  }

  /** Goes into an object or array: `{` or `[`. */
  enter(): void {
    if (++this.depth > MAX_DEPTH) throw new JsonSyntaxProblem(`it is nested more than ${MAX_DEPTH} levels deep`);
    this.position++;
  }

  /** Goes to the next item of an object or array; false after the last (then it is left). */
  next(first: boolean, closing: '}' | ']'): boolean {
    this.skipSpace();
    const c = this.position < this.end ? this.bytes[this.position] : 0;
    if (c === closing.charCodeAt(0)) {
      this.position++;
      this.depth--;
      return false;
    }
    if (first) return true;
    if (c !== 0x2c) return this.unexpected(`',' or '${closing}'`);
    this.position++;
    return true;
  }

  /** Reads the name of an object's field, and the colon. */
  key(): void {
    this.skipSpace();
    if (this.bytes[this.position] !== QUOTE || this.position >= this.end) this.unexpected('a field name');
    this.string();
    this.skipSpace();
    if (this.bytes[this.position] !== 0x3a || this.position >= this.end) this.unexpected("':'");
    this.position++;
  }

  skipValue(): void {
    const kind = this.peek();
    if (kind !== 'object' && kind !== 'array') return this.scalar(kind);
    this.enter();
    const closing = kind === 'object' ? '}' : ']';
    for (let first = true; this.next(first, closing); first = false) {
      if (kind === 'object') this.key();
      this.skipValue();
    }
  }

  /** Reads a value and returns its compact text, as a STRING column holds objects and arrays. */
  compactText(): string {
    const kind = this.peek();
    if (kind !== 'object' && kind !== 'array') {
      this.scalar(kind);
      return kind === 'string' ? JSON.stringify(this.text()) : this.text();
    }
    this.enter();
    const closing = kind === 'object' ? '}' : ']';
    let text = kind === 'object' ? '{' : '[';
    for (let first = true; this.next(first, closing); first = false) {
      if (!first) text += ',';
      if (kind === 'object') {
        this.key();
        text += `${JSON.stringify(this.text())}:`;
      }
      text += this.compactText();
    }
    return text + closing;
  }

  /** For going back: after a value that could not be converted. */
  mark(): { readonly position: number; readonly depth: number } {
    return { position: this.position, depth: this.depth };
  }

  back(mark: { readonly position: number; readonly depth: number }): void {
    this.position = mark.position;
    this.depth = mark.depth;
  }

  private string(): void {
    const { bytes, end } = this;
    let p = this.position + 1;
    this.start = p;
    this.escaped = false;
    for (; p < end; p++) {
      const c = bytes[p];
      if (c === QUOTE) {
        this.stop = p;
        this.position = p + 1;
        return;
      }
      if (c < 0x20) break;
      if (c === BACKSLASH) {
        this.escaped = true;
        p = this.escape(p + 1);
      }
    }
    this.position = Math.min(p, end);
    this.unexpected("a character of a string or '\"'");
  }

  /** Checks an escape; returns its last byte. */
  private escape(p: number): number {
    const c = p < this.end ? this.bytes[p] : 0;
    if (c === 0x75) {
      for (let k = 1; k <= 4; k++) {
        if (p + k < this.end && isHex(this.bytes[p + k])) continue;
        this.position = p + k;
        this.unexpected('a hexadecimal digit');
      }
      return p + 4;
    }
    // " \ / b f n r t
    if (
      c === QUOTE ||
      c === BACKSLASH ||
      c === 0x2f ||
      c === 0x62 ||
      c === 0x66 ||
      c === 0x6e ||
      c === 0x72 ||
      c === 0x74
    )
      return p;
    this.position = p;
    return this.unexpected('an escape');
  }

  private number(): void {
    const { bytes } = this;
    this.start = this.position;
    this.escaped = false;
    if (bytes[this.position] === MINUS) this.position++;
    const zero = this.position < this.end && bytes[this.position] === 0x30;
    this.digits();
    if (zero && isDigit(bytes[this.position - 1]) && this.position - this.start > (bytes[this.start] === MINUS ? 2 : 1))
      throw new JsonSyntaxProblem('a number has leading zeros');
    if (this.position < this.end && bytes[this.position] === 0x2e) {
      this.position++;
      this.digits();
    }
    if (this.position < this.end && (bytes[this.position] | 0x20) === 0x65) {
      this.position++;
      const sign = this.position < this.end ? bytes[this.position] : 0;
      if (sign === MINUS || sign === 0x2b) this.position++;
      this.digits();
    }
    this.stop = this.position;
  }

  private digits(): void {
    const from = this.position;
    while (this.position < this.end && isDigit(this.bytes[this.position])) this.position++;
    if (this.position === from) this.unexpected('a digit');
  }

  private word(word: 'true' | 'false' | 'null'): void {
    this.start = this.position;
    this.escaped = false;
    for (let k = 0; k < word.length; k++, this.position++) {
      if (this.position >= this.end || this.bytes[this.position] !== word.charCodeAt(k)) this.unexpected(`'${word}'`);
    }
    this.stop = this.position;
  }

  private skipSpace(): void {
    const { bytes, end } = this;
    let p = this.position;
    while (p < end && (bytes[p] === 0x20 || bytes[p] === 0x0a || bytes[p] === 0x0d || bytes[p] === 0x09)) p++;
    this.position = p;
  }

  private unexpected(expected: string): never {
    const given =
      this.position < this.end ? `byte 0x${this.bytes[this.position].toString(16).padStart(2, '0')}` : 'the end';
    throw new JsonSyntaxProblem(`expected ${expected}, found ${given}`);
  }
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}

function isHex(c: number): boolean {
  return isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
}
