export { EOF } from 'chevrotain';
import { createToken, EOF, Lexer, type IToken, type TokenType } from 'chevrotain';
import { FUNCTION_WORDS, RESERVED_WORDS } from './reserved-words.ts';

/** A token with its meaning: the decoded content of a string or of a quoted name, the text as written otherwise. */
export interface SqlToken extends IToken {
  readonly value: string;
  readonly startLine: number;
  readonly startColumn: number;
}

const token = (name: string, label: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, label, pattern: Lexer.NA, categories });

/** Category of everything but parentheses: the raw parts of the grammar (patterns, JSON clauses) skip over it. */
export const Any = token('Any', 'text');
/** Category of names: plain, quoted, and words that Flink does not reserve. */
export const Name = token('Name', 'a name', Any);
/** Category of the reserved words that can be called. */
export const FunctionWord = token('FunctionWord', 'a function', Any);

export const Identifier = token('Identifier', 'a name', Name);
export const QuotedIdentifier = token('QuotedIdentifier', 'a name', Name);
/** Reserved words without a place in this grammar. */
export const ReservedWord = token('ReservedWord', 'a reserved word', Any);
export const ReservedFunction = token('ReservedFunction', 'a function', FunctionWord);
/** CURRENT_DATE and the like, called without parentheses. */
export const BareFunction = token('BareFunction', 'a function', Any);

export const StringLiteral = token('StringLiteral', "a 'string'", Any);
export const BinaryLiteral = token('BinaryLiteral', "x'..'", Any);
export const NumberLiteral = token('NumberLiteral', 'a number', Any);
/** Characters of MATCH_RECOGNIZE patterns. */
export const PatternChar = token('PatternChar', 'a pattern', Any);

export const P = {
  LParen: token('LParen', "'('"),
  RParen: token('RParen', "')'"),
  LBracket: token('LBracket', "'['", Any),
  RBracket: token('RBracket', "']'", Any),
  Comma: token('Comma', "','", Any),
  Dot: token('Dot', "'.'", Any),
  Colon: token('Colon', "':'", Any),
  Semicolon: token('Semicolon', "';'"),
  Plus: token('Plus', "'+'", Any),
  Minus: token('Minus', "'-'", Any),
  Star: token('Star', "'*'", Any),
  Slash: token('Slash', "'/'", Any),
  Percent: token('Percent', "'%'", Any),
  Concat: token('Concat', "'||'", Any),
  Equal: token('Equal', "'='", Any),
  NotEqual: token('NotEqual', "'<>'", Any),
  Less: token('Less', "'<'", Any),
  LessEqual: token('LessEqual', "'<='", Any),
  Greater: token('Greater', "'>'", Any),
  GreaterEqual: token('GreaterEqual', "'>='", Any),
  Arrow: token('Arrow', "'=>'", Any),
  HintStart: token('HintStart', "'/*+'"),
  HintEnd: token('HintEnd', "'*/'"),
} as const;

/** The words that the grammar uses. Reserved or not is decided by Flink's list, not here. */
const KEYWORD_LINES = [
  'ALL AND ANY ARRAY AS ASC ASYMMETRIC BEGIN BETWEEN BIGINT BINARY BOOLEAN BOTH BY BYTES CASE CAST CHAR',
  'CHARACTER COMMENT CONFLICT CONSTRAINT CREATE CROSS CUBE CUMULATE CURRENT DATE DAY DAYS DEC DECIMAL DESC',
  'DESCRIPTOR DISTINCT DISTRIBUTED DOUBLE ELSE END ENFORCED ESCAPE EXCEPT EXCLUDING EXECUTE EXISTS EXPLAIN',
  'EXTRACT FALSE FETCH FILTER FIRST FLOAT FOLLOWING FOR FROM FULL GROUP GROUPING HAVING HOP HOUR HOURS IF IN',
  'INCLUDING INNER INSERT INT INTEGER INTERSECT INTERVAL INTO IS JOIN JSON JSON_OBJECT JSON_OBJECTAGG KEY LAST',
  'LATERAL LEADING LEFT',
  'LIKE LIMIT LOCAL MAP MATCH_RECOGNIZE METADATA MINUTE MINUTES MONTH MONTHS MULTISET NATURAL NEXT NOT NULL',
  'NULLS NUMERIC OF OFFSET ON ONLY OR ORDER ORDINALITY OUTER OVER OVERLAPS OVERLAY OVERWRITE OVERWRITING PARTITION',
  'PARTITIONED PERIOD PLACING PLAN POSITION PRECEDING PRECISION PRIMARY QUARTER QUARTERS RANGE REAL REPLACE RIGHT',
  'ROLLUP ROW ROWS SECOND SECONDS SELECT SESSION SET SETS SIMILAR SMALLINT SOME STATEMENT STRING SUBSTRING',
  'SYMMETRIC SYSTEM_TIME TABLE TEMPORARY THEN TIME TIMESTAMP TIMESTAMP_LTZ TINYINT TO TRAILING TRIM TRUE',
  'TRY_CAST TUMBLE UNBOUNDED UNION UNKNOWN UNNEST USING VALUE VALUES VARBINARY VARCHAR VARYING VIEW VIRTUAL',
  'WATERMARK WEEK WEEKS WHEN WHERE WINDOW WITH WITHOUT YEAR YEARS ZONE',
] as const;

type Words<Line extends string> = Line extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Line;
export type Keyword = Words<(typeof KEYWORD_LINES)[number]>;

export const K: Readonly<Record<Keyword, TokenType>> = Object.fromEntries(
  KEYWORD_LINES.flatMap((line) => line.split(' ')).map((word) => [word, token(word, word, keywordCategory(word))]),
) as Record<Keyword, TokenType>;

function keywordCategory(word: string): TokenType {
  if (FUNCTION_WORDS.has(word)) return FunctionWord;
  return RESERVED_WORDS.has(word) ? Any : Name;
}

/** The token type of an unquoted word, given in upper case. */
export const KEYWORD_TYPES: ReadonlyMap<string, TokenType> = new Map(Object.entries(K));

/** Keyword tokens by their words: `keywords('SELECT FROM')`. */
export function keywords(words: string): TokenType[] {
  return words.split(' ').map((word) => {
    const type = KEYWORD_TYPES.get(word);
    if (type === undefined) throw new Error(`no keyword ${word}`);
    return type;
  });
}

export const VOCABULARY: TokenType[] = [
  Any,
  Name,
  FunctionWord,
  Identifier,
  QuotedIdentifier,
  ReservedWord,
  ReservedFunction,
  BareFunction,
  StringLiteral,
  BinaryLiteral,
  NumberLiteral,
  PatternChar,
  ...Object.values(P),
  ...Object.values(K),
  EOF,
];
