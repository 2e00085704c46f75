import type { TokenType } from 'chevrotain';
import { SqlError } from './errors.ts';
import { decodeEscapes, decodeUnicode } from './string-escapes.ts';
import { BARE_FUNCTIONS, FUNCTION_WORDS, RESERVED_WORDS } from './reserved-words.ts';
import * as t from './tokens.ts';
import type { SqlToken } from './tokens.ts';

const WORD = /[\p{L}\p{Nl}_$][\p{L}\p{Nl}\p{Nd}\p{Mn}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y;
const MAX_NAME_LENGTH = 256;
const NEW_LINE = 10;

/** Two characters before one, so that the longest wins. */
const PUNCTUATION: readonly (readonly [string, TokenType])[] = [
  ['<>', t.P.NotEqual],
  ['<=', t.P.LessEqual],
  ['>=', t.P.GreaterEqual],
  ['=>', t.P.Arrow],
  ['||', t.P.Concat],
  ['(', t.P.LParen],
  [')', t.P.RParen],
  ['[', t.P.LBracket],
  [']', t.P.RBracket],
  [',', t.P.Comma],
  ['.', t.P.Dot],
  [':', t.P.Colon],
  [';', t.P.Semicolon],
  ['+', t.P.Plus],
  ['-', t.P.Minus],
  ['*', t.P.Star],
  ['/', t.P.Slash],
  ['%', t.P.Percent],
  ['=', t.P.Equal],
  ['<', t.P.Less],
  ['>', t.P.Greater],
  ['{', t.PatternChar],
  ['}', t.PatternChar],
  ['|', t.PatternChar],
  ['?', t.PatternChar],
];

/** Cuts a script into tokens; comments are dropped, hints are kept. Throws SqlError at the first bad character. */
export function tokenize(text: string): SqlToken[] {
  return new Scanner(text).run();
}

class Scanner {
  private readonly tokens: SqlToken[] = [];
  private at = 0;
  private line = 1;
  private lineStart = 0;
  private inHint = false;

  constructor(private readonly text: string) {}

  run(): SqlToken[] {
    while (this.at < this.text.length) this.next();
    return this.tokens;
  }

  private next(): void {
    const { text, at } = this;
    const char = text[at];
    const two = text.slice(at, at + 2);
    if (char === '\n') this.newLine();
    else if (/\s/.test(char) || char === '\ufeff') this.at++;
    else if (two === '--' || two === '//') this.lineComment();
    else if (two === '/*') this.blockComment();
    else if (two === '*/' && this.inHint) this.hintEnd();
    else if (char === "'") this.string(0, (raw) => raw);
    else if (char === '`') this.quotedName();
    else if (/[\d.]/.test(char) && this.number()) return;
    else if (this.prefixedString(two)) return;
    else if (!this.word() && !this.punctuation()) throw this.badCharacter(char, two);
  }

  private newLine(): void {
    this.at++;
    this.line++;
    this.lineStart = this.at;
  }

  private lineComment(): void {
    const end = this.text.indexOf('\n', this.at);
    this.at = end < 0 ? this.text.length : end;
  }

  private blockComment(): void {
    if (this.text[this.at + 2] === '+') {
      this.inHint = true;
      this.push(t.P.HintStart, 3);
      return;
    }
    const end = this.text.indexOf('*/', this.at + 2);
    if (end < 0)
      throw this.error('sql-unclosed-comment', 'the comment that starts here is never closed', 2, "write '*/'");
    this.skipTo(end + 2);
  }

  private hintEnd(): void {
    this.inHint = false;
    this.push(t.P.HintEnd, 2);
  }

  private quotedName(): void {
    const end = this.closingQuote(this.at, '`');
    if (end === undefined) {
      throw this.error(
        'sql-unclosed-name',
        'the back-tick that starts here is never closed',
        1,
        'a ` inside a name is doubled: ``',
      );
    }
    const name = this.text.slice(this.at + 1, end).replaceAll('``', '`');
    if (name === '') throw this.error('sql-empty-name', 'a name between back-ticks has at least one character', 2);
    this.checkNameLength(name);
    this.push(t.QuotedIdentifier, end + 1 - this.at, name);
  }

  /** `prefix` characters (the E of E'..') stand before the quote. */
  private string(prefix: number, decode: (raw: string) => string | undefined): void {
    const start = this.at + prefix;
    const end = this.closingQuote(start, "'");
    if (end === undefined) {
      throw this.error(
        'sql-unclosed-string',
        'the string that starts here is never closed',
        prefix + 1,
        "a ' inside a string is doubled: ''",
      );
    }
    const value = decode(this.text.slice(start + 1, end).replaceAll("''", "'"));
    if (value === undefined)
      throw this.error('sql-bad-escape', 'the string has a wrong escape sequence', end + 1 - this.at);
    if (!this.continuesString(value, end + 1)) this.push(t.StringLiteral, end + 1 - this.at, value);
  }

  /** Strings on successive lines are one string, as in the SQL standard. */
  private continuesString(value: string, end: number): boolean {
    const last = this.tokens.at(-1);
    if (last === undefined || last.tokenType !== t.StringLiteral) return false;
    if (last.endLine === this.line) {
      throw this.error(
        'sql-adjacent-strings',
        'two strings next to each other on one line',
        1,
        "join strings with ||, or double the quote that is inside: ''",
      );
    }
    const merged = {
      ...last,
      value: last.value + value,
      image: `'${(last.value + value).replaceAll("'", "''")}'`,
      endOffset: end - 1,
    };
    this.skipTo(end);
    this.tokens[this.tokens.length - 1] = { ...merged, endLine: this.line };
    return true;
  }

  private prefixedString(two: string): boolean {
    if (/^[xX]'$/.test(two)) this.binary();
    else if (/^[eE]'$/.test(two)) this.string(1, decodeEscapes);
    else if (/^[uU]&$/.test(two) && this.text[this.at + 2] === "'") this.string(2, decodeUnicode);
    else return false;
    return true;
  }

  private binary(): void {
    const end = this.closingQuote(this.at + 1, "'");
    if (end === undefined)
      throw this.error('sql-unclosed-string', 'the binary literal that starts here is never closed', 2);
    const digits = this.text.slice(this.at + 2, end);
    if (!/^(?:[\da-fA-F]{2})*$/.test(digits)) {
      throw this.error(
        'sql-bad-binary',
        "a binary literal takes an even number of hexadecimal digits, such as x'0AFF'",
        end + 1 - this.at,
      );
    }
    this.push(t.BinaryLiteral, end + 1 - this.at, digits);
  }

  private number(): boolean {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) return false;
    WORD.lastIndex = NUMBER.lastIndex;
    const tail = WORD.exec(this.text);
    if (tail !== null) {
      throw this.error(
        'sql-bad-number',
        `'${match[0]}${tail[0]}' is neither a number nor a name`,
        match[0].length + tail[0].length,
        'a name that starts with a digit is written in back-ticks; a text in quotes',
      );
    }
    this.push(t.NumberLiteral, match[0].length);
    return true;
  }

  private word(): boolean {
    WORD.lastIndex = this.at;
    const match = WORD.exec(this.text);
    if (match === null) return false;
    const type = wordType(match[0]);
    if (type === t.Identifier) this.checkNameLength(match[0]);
    this.push(type, match[0].length);
    return true;
  }

  private punctuation(): boolean {
    for (const [text, type] of PUNCTUATION) {
      if (!this.text.startsWith(text, this.at)) continue;
      this.push(type, text.length);
      return true;
    }
    return false;
  }

  private closingQuote(start: number, quote: string): number | undefined {
    let end = this.text.indexOf(quote, start + 1);
    while (end >= 0 && this.text[end + 1] === quote) end = this.text.indexOf(quote, end + 2);
    return end < 0 ? undefined : end;
  }

  private push(tokenType: TokenType, length: number, value?: string): void {
    const image = this.text.slice(this.at, this.at + length);
    const startOffset = this.at;
    const { line, lineStart } = this;
    this.skipTo(startOffset + length);
    this.tokens.push({
      tokenType,
      tokenTypeIdx: tokenType.tokenTypeIdx ?? -1,
      image,
      value: value ?? image,
      startOffset,
      endOffset: startOffset + length - 1,
      startLine: line,
      startColumn: startOffset - lineStart + 1,
      endLine: this.line,
    });
  }

  private skipTo(end: number): void {
    for (let i = this.at; i < end; i++) {
      if (this.text.charCodeAt(i) !== NEW_LINE) continue;
      this.line++;
      this.lineStart = i + 1;
    }
    this.at = end;
  }

  private checkNameLength(name: string): void {
    if (name.length <= MAX_NAME_LENGTH) return;
    throw this.error(
      'sql-name-too-long',
      `a name has at most ${MAX_NAME_LENGTH} characters, this one has ${name.length}`,
      name.length,
    );
  }

  private badCharacter(char: string, two: string): SqlError {
    if (two === '!=') return this.error('sql-syntax', "'!=' is not an operator of Flink SQL", 2, "write '<>'");
    if (char === '"') {
      return this.error(
        'sql-syntax',
        'double quotes have no meaning in Flink SQL',
        1,
        "write names in `back-ticks` and strings in 'single quotes'",
      );
    }
    const point = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    return this.error('sql-unknown-character', `unknown character '${point}'`, point.length);
  }

  private error(code: string, summary: string, length: number, hint?: string): SqlError {
    const position = { line: this.line, column: this.at - this.lineStart + 1, length };
    return new SqlError({ code, summary, position, hint, source: this.text });
  }
}

function wordType(word: string): TokenType {
  const upper = word.toUpperCase();
  const keyword = t.KEYWORD_TYPES.get(upper);
  if (keyword !== undefined) return keyword;
  if (!RESERVED_WORDS.has(upper)) return t.Identifier;
  if (BARE_FUNCTIONS.has(upper)) return t.BareFunction;
  return FUNCTION_WORDS.has(upper) ? t.ReservedFunction : t.ReservedWord;
}
