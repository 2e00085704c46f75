import type { SourcePosition } from '../data/errors.ts';
import type { Expression, Query, Statement } from './ast.ts';
import { checkDepth } from './depth.ts';
import { tokenize } from './lexer.ts';
import { parseOther } from './other-statements.ts';
import { SqlParser } from './parser/statements.ts';
import { splitStatements, type StatementTokens } from './statement-splitter.ts';
import { explainSyntaxError, type Entry } from './syntax-error.ts';
import { P, type SqlToken } from './tokens.ts';

import { SqlError } from './errors.ts';

export { formatSqlError, SqlError } from './errors.ts';
export { printExpression, printQuery, printStatement } from './printer.ts';

/** The statements of a script, cut at `;`. Throws SqlError with its position in the whole script. */
export function parseScript(text: string): Statement[] {
  return splitStatements(tokenize(text), endOf(text)).map(
    (statement) => parseOther(statement, text) ?? parse<Statement>('statementEntry', statement, text),
  );
}

export interface ParsedParts {
  readonly statements: readonly Statement[];
  /** One for each statement that does not parse. */
  readonly errors: readonly SqlError[];
  /** The tables and views that those would have declared. */
  readonly broken: readonly string[];
}

/** Parses as far as possible: an error in one statement does not hide those in others. */
export function parseAll(text: string): ParsedParts {
  const statements: Statement[] = [];
  const errors: SqlError[] = [];
  const broken: string[] = [];
  const attempt = (action: () => void, tokens: readonly SqlToken[]): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      errors.push(error);
      const words = tokens.slice(0, 8).map((token) => token.value);
      const name = /^CREATE (?:TEMPORARY )?(?:TABLE|VIEW) (?:IF NOT EXISTS )?(\S+)/i.exec(words.join(' '));
      if (name !== null) broken.push(name[1]);
    }
  };
  attempt(() => {
    for (const part of splitStatements(tokenize(text), endOf(text))) {
      attempt(() => {
        statements.push(parseOther(part, text) ?? parse<Statement>('statementEntry', part, text));
      }, part.tokens);
    }
  }, []);
  return { statements, errors, broken };
}

/** A statement's text as it stands in a script. */
export interface ScriptPart {
  readonly text: string;
  /** Its `;` is there. */
  readonly complete: boolean;
}

/** Cuts a script into the texts of its statements without parsing them. Throws SqlError for what are no tokens. */
export function cutScript(text: string): ScriptPart[] {
  const tokens = tokenize(text);
  return splitStatements(tokens, endOf(text)).map(({ tokens: own }) => {
    const last = own[own.length - 1];
    const end = (last.endOffset ?? 0) + 1;
    const next = tokens.find((token) => token.startOffset >= end);
    return { text: text.slice(own[0].startOffset, end), complete: next?.tokenType === P.Semicolon };
  });
}

/** One query without `;`. Throws SqlError. */
export function parseQuery(text: string): Query {
  return parse<Query>('queryEntry', { tokens: tokenize(text), end: endOf(text) }, text);
}

/** One expression. Throws SqlError. */
export function parseExpression(text: string): Expression {
  return parse<Expression>('expressionEntry', { tokens: tokenize(text), end: endOf(text) }, text);
}

let parser: SqlParser | undefined;

function parse<T>(entry: Entry, statement: StatementTokens, source: string): T {
  parser ??= new SqlParser();
  parser.start(statement.tokens, source);
  const result = parser[entry]();
  const error = parser.errors[0];
  if (error !== undefined) throw explainSyntaxError(parser, entry, statement, error.token, source);
  checkDepth(result, statement.end, source);
  return result as T;
}

function endOf(text: string): SourcePosition {
  const lines = text.trimEnd().split('\n');
  return { line: lines.length, column: lines[lines.length - 1].length + 1, length: 1 };
}
