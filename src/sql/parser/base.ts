import { EmbeddedActionsParser, tokenMatcher, type IToken, type ParserMethod } from 'chevrotain';
import type { SourcePosition } from '../../data/errors.ts';
import type { Identifier, OptionDef } from '../ast.ts';
import { SqlError } from '../errors.ts';
import * as t from '../tokens.ts';
import { K, P, type SqlToken } from '../tokens.ts';
import { LazyLookahead } from './lazy-lookahead.ts';

/** Expressions, queries and types may be nested this deep in each other; the parser's stack holds more than that. */
export const MAX_DEPTH = 100;
/** Tokens that a decision of the grammar may look at. */
const MAX_LOOKAHEAD = 2;

export type Rule<T> = ParserMethod<[], T>;

/**
 * What all parts of the grammar share. Rule bodies also run once while chevrotain records the grammar, with dummy
 * tokens and undefined results; whatever looks into tokens or results goes through `make`.
 */
export abstract class BaseParser extends EmbeddedActionsParser {
  protected source = '';
  protected tokens: readonly SqlToken[] = [];
  private depth = 0;

  constructor(checkGrammar: boolean) {
    super(t.VOCABULARY, {
      maxLookahead: MAX_LOOKAHEAD,
      lookaheadStrategy: new LazyLookahead(MAX_LOOKAHEAD),
      recoveryEnabled: false,
      skipValidations: !checkGrammar,
    });
  }

  /** Takes the tokens of one statement; `source` is the whole script, for error excerpts. */
  start(tokens: readonly SqlToken[], source: string): void {
    this.depth = 0;
    this.source = source;
    this.tokens = tokens;
    this.input = [...tokens];
  }

  /** An embedded action: runs when parsing, not when the grammar is recorded. */
  protected make<T>(action: () => T): T {
    return this.ACTION(action);
  }

  /** Runs a recursive part of a rule; throws `sql-too-deep` where nesting would endanger the stack. */
  protected nested<T>(body: () => T): T {
    if (this.RECORDING_PHASE) return body();
    if (++this.depth > MAX_DEPTH) {
      throw this.fail('sql-too-deep', `nesting is deeper than ${MAX_DEPTH} levels`, this.LA(1), 'split it with views');
    }
    const result = body();
    this.depth--;
    return result;
  }

  protected fail(code: string, summary: string, token: IToken, hint?: string): SqlError {
    return this.failAt(code, summary, position(token), hint);
  }

  protected failAt(code: string, summary: string, at: SourcePosition, hint?: string): SqlError {
    return new SqlError({ code, summary, position: at, hint, source: this.source });
  }

  /** What Flink has and this parser has no place for in the AST. */
  protected unsupported(feature: string, token: IToken): SqlError {
    return this.fail('unsupported', `${feature} is not supported yet`, token);
  }

  /** The tokens from `first` to the last one consumed, one blank between them. */
  protected textFrom(first: IToken): string {
    const start = this.tokens.findIndex((token) => token.startOffset >= first.startOffset);
    const end = this.tokens.findIndex((token) => token.startOffset > this.LA(0).startOffset);
    return tokenText(this.tokens.slice(start, end < 0 ? undefined : end));
  }

  /** Whether the tokens ahead have these types. */
  protected ahead(...types: readonly (typeof t.Name)[]): boolean {
    return types.every((type, i) => tokenMatcher(this.LA(i + 1), type));
  }

  readonly identifier: Rule<Identifier> = this.RULE('identifier', () => {
    const token = this.CONSUME(t.Name);
    return this.make((): Identifier => ({ kind: 'identifier', parts: [valueOf(token)], position: position(token) }));
  });

  readonly path: Rule<Identifier> = this.RULE('path', () => {
    const first = this.CONSUME(t.Name);
    const parts = this.make(() => [valueOf(first)]);
    this.MANY(() => {
      this.CONSUME(P.Dot);
      const part = this.CONSUME1(t.Name);
      this.make(() => parts.push(valueOf(part)));
    });
    return this.make((): Identifier => ({ kind: 'identifier', parts, position: position(first) }));
  });

  readonly identifierList: Rule<Identifier[]> = this.RULE('identifierList', () => {
    const names: Identifier[] = [];
    this.CONSUME(P.LParen);
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => names.push(this.SUBRULE(this.identifier)) });
    this.CONSUME(P.RParen);
    return names;
  });

  readonly stringValue: Rule<string> = this.RULE('stringValue', () => {
    const token = this.CONSUME(t.StringLiteral);
    return this.make(() => valueOf(token));
  });

  readonly integer: Rule<number> = this.RULE('integer', () => {
    const token = this.CONSUME(t.NumberLiteral);
    return this.make(() => {
      if (/^\d{1,10}$/.test(token.image)) return Number(token.image);
      throw this.fail('sql-syntax', `expected a whole number but found '${token.image}'`, token);
    });
  });

  /** `('k' = 'v', ...)` */
  readonly options: Rule<OptionDef[]> = this.RULE('options', () => {
    const options: OptionDef[] = [];
    this.CONSUME(P.LParen);
    this.MANY_SEP({ SEP: P.Comma, DEF: () => options.push(this.SUBRULE(this.optionDef)) });
    this.CONSUME(P.RParen);
    return options;
  });

  private readonly optionDef: Rule<OptionDef> = this.RULE('optionDef', () => {
    const key = this.CONSUME(t.StringLiteral);
    this.CONSUME(P.Equal);
    const value = this.SUBRULE(this.stringValue);
    return this.make((): OptionDef => ({ key: valueOf(key), value, position: position(key) }));
  });

  /** `( anything, with balanced parentheses )`: parts of the grammar that are kept as text. */
  readonly balanced: Rule<void> = this.RULE('balanced', () => {
    this.nested(() => {
      this.CONSUME(P.LParen);
      this.MANY(() => {
        this.OR([{ ALT: () => this.CONSUME(t.Any) }, { ALT: () => this.SUBRULE(this.balanced) }]);
      });
      this.CONSUME(P.RParen);
    });
  });

  /** A hint behind a table: NAME('k' = 'v', ...); OPTIONS is the one that is known. */
  readonly tableHints: Rule<OptionDef[]> = this.RULE('tableHints', () => {
    this.CONSUME(P.HintStart);
    const name = this.CONSUME(t.Name);
    this.make(() => {
      if (name.image.toUpperCase() !== 'OPTIONS') throw this.unsupported(`the hint ${name.image}`, name);
    });
    const options = this.SUBRULE(this.options);
    this.CONSUME(P.HintEnd);
    return options;
  });

  protected consumeComment(): string | undefined {
    return this.OPTION9(() => {
      this.CONSUME9(K.COMMENT);
      return this.SUBRULE9(this.stringValue);
    });
  }
}

export function position(token: IToken): SourcePosition {
  return {
    line: token.startLine ?? 1,
    column: token.startColumn ?? 1,
    length: Math.max(1, token.image.split(/\r?\n/, 1)[0].length),
  };
}

export function valueOf(token: IToken): string {
  return (token as SqlToken).value;
}

export function tokenText(tokens: readonly IToken[]): string {
  return tokens.map((token) => token.image).join(' ');
}
