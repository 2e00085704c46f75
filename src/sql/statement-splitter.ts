import type { SourcePosition } from '../data/errors.ts';
import { K, P, type SqlToken } from './tokens.ts';

/** The tokens of one statement, and where it ends (its semicolon, or the end of the script). */
export interface StatementTokens {
  readonly tokens: readonly SqlToken[];
  readonly end: SourcePosition;
}

/** Cuts at `;`, keeping statement sets with their inner semicolons whole; empty statements vanish. */
export function splitStatements(tokens: readonly SqlToken[], endOfScript: SourcePosition): StatementTokens[] {
  const statements: StatementTokens[] = [];
  let start = 0;
  while (start < tokens.length) {
    const end = endOfStatement(tokens, start);
    const semicolon = tokens[end];
    const position =
      semicolon === undefined ? endOfScript : { line: semicolon.startLine, column: semicolon.startColumn, length: 1 };
    if (end > start) statements.push({ tokens: tokens.slice(start, end), end: position });
    start = end + 1;
  }
  return statements;
}

function endOfStatement(tokens: readonly SqlToken[], start: number): number {
  const inside = setBody(tokens, start);
  return inside === undefined ? nextSemicolon(tokens, start) : endOfSet(tokens, inside);
}

/** Where the inserts of a statement set begin; undefined when no set starts here. */
function setBody(tokens: readonly SqlToken[], start: number): number | undefined {
  const type = (i: number) => tokens[i]?.tokenType;
  if (type(start) === K.BEGIN && type(start + 1) === K.STATEMENT) return nextSemicolon(tokens, start) + 1;
  let at = start;
  if (type(at) === K.EXPLAIN) while (at < start + 10 && type(at) !== K.STATEMENT && type(at) !== P.Semicolon) at++;
  else if (type(at) === K.EXECUTE) at++;
  const isSet = type(at) === K.STATEMENT && type(at + 1) === K.SET && type(at + 2) === K.BEGIN;
  return isSet ? at + 3 : undefined;
}

/** END counts where a statement could start; one inside CASE does not. */
function endOfSet(tokens: readonly SqlToken[], body: number): number {
  let at = body;
  while (at < tokens.length && tokens[at].tokenType !== K.END) at = nextSemicolon(tokens, at) + 1;
  return nextSemicolon(tokens, at);
}

function nextSemicolon(tokens: readonly SqlToken[], start: number): number {
  let at = start;
  while (at < tokens.length && tokens[at].tokenType !== P.Semicolon) at++;
  return at;
}
