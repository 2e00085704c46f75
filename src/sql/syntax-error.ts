import { EOF, tokenMatcher, type IToken, type TokenType } from 'chevrotain';
import type { SourcePosition } from '../data/errors.ts';
import { SqlError } from './errors.ts';
import { nearestKeyword } from './misspelling.ts';
import { position } from './parser/base.ts';
import type { SqlParser } from './parser/statements.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import type { StatementTokens } from './statement-splitter.ts';
import { CONTINUATION_TOKENS, describeExpected } from './expectation.ts';
import { unsupportedSyntax } from './unsupported-syntax.ts';
import * as t from './tokens.ts';
import { K, P } from './tokens.ts';

export type Entry = 'statementEntry' | 'queryEntry' | 'expressionEntry';

/** Looking for what could follow is a search over the grammar; a huge statement goes without. */
const MAX_TOKENS_TO_EXPLAIN = 3000;

/** Turns chevrotain's complaint about a token into an error that a person can act on. */
export function explainSyntaxError(
  parser: SqlParser,
  entry: Entry,
  statement: StatementTokens,
  token: IToken,
  source: string,
): SqlError {
  const { tokens } = statement;
  const index =
    token.tokenType === EOF ? tokens.length : tokens.findIndex((one) => one.startOffset === token.startOffset);
  const expectedAt = (i: number): TokenType[] => {
    if (i < 0 || i > MAX_TOKENS_TO_EXPLAIN) return [];
    return parser.computeContentAssist(entry, tokens.slice(0, i)).map((path) => path.nextTokenType);
  };
  const error = (summary: string, at: SourcePosition, expected: readonly string[] = [], hint?: string): SqlError =>
    new SqlError({ code: 'sql-syntax', summary, position: at, expected, hint, source });

  const here = expectedAt(index);
  const before = expectedAt(index - 1);

  const unsupported = unsupportedSyntax(tokens, index);
  if (unsupported !== undefined) {
    return new SqlError({
      code: 'unsupported',
      summary: `${unsupported.feature} is not supported yet`,
      position: position(unsupported.token),
      ...(unsupported.hint === undefined ? {} : { hint: unsupported.hint }),
      source,
    });
  }
  const reserved = reservedAsName(tokens, index, here, before);
  if (reserved !== undefined) {
    return new SqlError({
      code: 'sql-reserved-word',
      summary: `'${reserved.image}' is a reserved word`,
      position: position(reserved),
      hint: `write \`${reserved.image}\` in back-ticks to use it as a name`,
      source,
    });
  }
  for (const [word, types] of [
    [tokens[index], here],
    [tokens[index - 1], before],
  ] as const) {
    const keyword = word === undefined ? undefined : nearestKeyword(word, types);
    if (keyword !== undefined) {
      return error(`unexpected '${word.image}'`, position(word), describeExpected(types), `did you mean ${keyword}?`);
    }
  }
  if (index >= tokens.length) {
    const what = entry === 'statementEntry' ? 'statement' : entry === 'queryEntry' ? 'query' : 'expression';
    return error(`the ${what} ends too early`, statement.end, describeExpected(here));
  }
  return error(`unexpected '${shown(token)}'`, position(token), describeExpected(here), hintFor(tokens, index));
}

function shown(token: IToken): string {
  const line = token.image.split('\n', 1)[0];
  return line.length > 40 ? `${line.slice(0, 40)}...` : line;
}

function hintFor(tokens: readonly IToken[], index: number): string | undefined {
  const token = tokens[index];
  const previous = tokens[index - 1];
  if (token.image.toUpperCase() === 'MINUS') return 'the operator is EXCEPT';
  if (previous?.image.toUpperCase() === 'MINUS' && token.tokenType === K.SELECT) return 'the operator is EXCEPT';
  if (previous?.tokenType === P.Comma && (token.tokenType === K.FROM || token.tokenType === P.RParen)) {
    return "there is a ',' too many before it";
  }
  if (previous?.tokenType === K.INTERVAL && token.tokenType === t.NumberLiteral) {
    return `the number of an interval is in quotes: INTERVAL '${token.image}' ..`;
  }
  if (token.tokenType === P.Colon) return 'a cast is CAST(a AS type), a setting ${NAME} in an option';
  if (token.tokenType === P.HintStart) return 'a hint stands right behind the name of its table, before an alias';
  if (token.tokenType === P.Equal && previous?.tokenType === P.Equal) return "equality is written '='";
  return undefined;
}

/** Words that shape statements: after a comma too many they are no names that lack back-ticks. */
const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  `SELECT FROM WHERE GROUP HAVING ORDER UNION INTERSECT EXCEPT JOIN INNER LEFT RIGHT FULL CROSS ON USING AND OR NOT AS BY
  WHEN THEN ELSE END CASE WITH INSERT INTO VALUES SET CREATE TABLE IN IS LIKE BETWEEN LIMIT OFFSET FETCH DISTINCT ALL
  OVER PARTITION FILTER FOR NULL EXISTS CAST PRIMARY CONSTRAINT WATERMARK WINDOW EXECUTE BEGIN STATEMENT EXPLAIN`.split(
    /\s+/,
  ),
);

/** The reserved word that was meant as a name: the token found, or the one before (`SELECT count FROM t`). */
function reservedAsName(
  tokens: readonly IToken[],
  index: number,
  here: readonly TokenType[],
  before: readonly TokenType[],
): IToken | undefined {
  const token = tokens[index];
  const next = tokens[index + 1];
  if (token !== undefined && isReserved(token) && takesName(here) && looksLikeName(token, tokens[index - 1], next))
    return token;
  const previous = tokens[index - 1];
  const needsMore =
    here.length > 0 && here.every((type) => [P.LParen, P.LBracket, t.StringLiteral, P.Minus, P.Plus].includes(type));
  const continues = token === undefined || ![t.NumberLiteral, t.StringLiteral].includes(token.tokenType);
  if (previous !== undefined && isReserved(previous) && continues && needsMore && takesName(before)) {
    if (looksLikeName(previous, tokens[index - 2], token)) return previous;
  }
  return undefined;
}

function isReserved(token: IToken): boolean {
  return /^\w+$/.test(token.image) && RESERVED_WORDS.has(token.image.toUpperCase());
}

function takesName(types: readonly TokenType[]): boolean {
  return types.includes(t.Name);
}

function looksLikeName(token: IToken, previous: IToken | undefined, next: IToken | undefined): boolean {
  if (previous?.tokenType === P.Dot || next?.tokenType === P.Dot) return true;
  if (!CLAUSE_WORDS.has(token.image.toUpperCase())) return true;
  if (next === undefined) return previous?.tokenType === K.BY || previous?.tokenType === K.AS;
  if (previous?.tokenType === K.TABLE || previous?.tokenType === K.INTO || previous?.tokenType === K.VIEW) return true;
  return CONTINUATION_TOKENS.some((type) => tokenMatcher(next, type));
}
