import type { IToken } from 'chevrotain';
import { K, NumberLiteral, P, QuotedIdentifier, StringLiteral } from './tokens.ts';

/** Syntax that Flink has, or parses and refuses later, and this grammar has no rule for. */
export interface UnsupportedSyntax {
  readonly feature: string;
  readonly token: IToken;
  readonly hint?: string;
}

/** What the tokens around one at which parsing ended look like. */
interface Place {
  readonly token: IToken;
  readonly word: string;
  readonly previous: string;
  /** The word before the previous one. */
  readonly earlier: string;
  readonly next: string;
  readonly afterNext: string;
  /** The name of the call whose parentheses are open here, upper case; empty outside of calls. */
  readonly call: string;
}

type Rule = (place: Place) => string | undefined | false;

/** What may follow a name: there the word was meant as one. */
const FOLLOWS_NAMES: readonly string[] = ['', ',', ')', '.', '=', ';', 'FROM', 'AS', 'AND', 'OR'];

function clause(feature: string): Rule {
  return ({ next }) => !FOLLOWS_NAMES.includes(next) && feature;
}

/** A predicate over periods other than OVERLAPS. */
function periods(feature: string): Rule {
  return ({ previous }) => previous === ')' && feature;
}

/** A feature that begins with a word, given that its neighbours fit. */
const BY_WORD: Readonly<Record<string, Rule>> = {
  QUALIFY: clause('QUALIFY'),
  TABLESAMPLE: clause('TABLESAMPLE'),
  PIVOT: ({ next }) => next === '(' && 'PIVOT',
  UNPIVOT: clause('UNPIVOT'),
  EXTEND: ({ next }) => next === '(' && 'EXTEND',
  WITHIN: ({ next }) => next === 'GROUP' && 'WITHIN GROUP (ORDER BY ..)',
  COLLATE: clause('COLLATE'),
  UESCAPE: clause('UESCAPE'),
  RECURSIVE: ({ previous }) => previous === 'WITH' && 'WITH RECURSIVE',
  STREAM: ({ previous }) => previous === 'SELECT' && 'SELECT STREAM',
  CONTAINS: periods('CONTAINS'),
  EQUALS: periods('EQUALS'),
  PRECEDES: periods('PRECEDES'),
  SUCCEEDS: periods('SUCCEEDS'),
  IMMEDIATELY: ({ previous, next }) => previous === ')' && /^(PRECEDES|SUCCEEDS)$/.test(next) && `IMMEDIATELY ${next}`,
  MEMBER: ({ next }) => next === 'OF' && 'MEMBER OF',
  SUBMULTISET: ({ next }) => next === 'OF' && 'SUBMULTISET OF',
  MULTISET: ({ next, afterNext }) => {
    if (['UNION', 'INTERSECT', 'EXCEPT'].includes(next)) return `MULTISET ${next}`;
    return next === '[' ? 'MULTISET[..]' : next === '(' && afterNext === 'SELECT' && 'MULTISET (subquery)';
  },
  ARRAY: ({ next }) => next === '(' && 'ARRAY (subquery)',
  MAP: ({ next }) => next === '(' && 'MAP (subquery)',
  A: ({ previous, next }) => ['IS', 'NOT'].includes(previous) && next === 'SET' && 'IS A SET',
  EMPTY: ({ previous }) => ['IS', 'NOT'].includes(previous) && 'IS EMPTY',
  UNIQUE: ({ previous, next, afterNext }) => {
    if (next === '(') return afterNext === 'SELECT' ? 'UNIQUE (subquery)' : 'a UNIQUE constraint';
    return !['', 'SELECT', 'WHERE', 'BY', ',', '('].includes(previous) && 'a UNIQUE constraint';
  },
  CURSOR: ({ next }) => next === '(' && 'CURSOR (query)',
  NEXT: ({ next }) => next === 'VALUE' && 'NEXT VALUE FOR',
  AT: ({ next }) => next === 'TIME' && 'AT TIME ZONE',
  APPLY: ({ previous }) => ['CROSS', 'OUTER'].includes(previous) && `${previous} APPLY`,
  SEMI: ({ next }) => next === 'JOIN' && 'SEMI JOIN',
  ANTI: ({ next }) => next === 'JOIN' && 'ANTI JOIN',
  ASOF: ({ next }) => next === 'JOIN' && 'ASOF JOIN',
  ILIKE: ({ next }) => next !== '' && 'ILIKE',
  RLIKE: ({ next }) => next !== '' && 'RLIKE',
  RAW: ({ next }) => next === '(' && 'the type RAW',
  STRUCTURED: ({ next }) => next === '<' && 'the type STRUCTURED',
  DISTINCT: ({ previous, earlier }) => previous === 'BY' && earlier === 'GROUP' && 'GROUP BY DISTINCT',
  ALL: ({ previous, earlier }) => previous === 'BY' && earlier === 'GROUP' && 'GROUP BY ALL',
  EXCLUDE: ({ previous, next }) => previous === '*' && next === '(' && 'SELECT * EXCLUDE (..)',
  NULL: ({ previous, call }) => previous === 'AS' && call.endsWith('CAST') && 'the type NULL',
  DEFAULT: ({ call, previous }) => call !== '' && ['(', ',', '=>'].includes(previous) && `DEFAULT for an argument`,
  ORDER: ({ call, next }) => call !== '' && next === 'BY' && `ORDER BY inside of ${call}(..)`,
  USING: ({ call }) => ['CONVERT', 'TRANSLATE'].includes(call) && `${call}(.. USING ..)`,
  TABLE: ({ call }) => call !== '' && call !== 'FROM' && `a table as an argument of ${call}`,
  DESCRIPTOR: ({ call }) => call !== '' && `DESCRIPTOR as an argument of ${call}`,
  CREATE: ({ previous }) => previous === 'EXPLAIN' && 'EXPLAIN CREATE TABLE AS',
  DATETIME: ({ next }) => next.startsWith("'") && 'a DATETIME literal',
  TIMESTAMP_LTZ: ({ next }) => next.startsWith("'") && 'a TIMESTAMP_LTZ literal',
  TIMESTAMP: ({ next, afterNext }) =>
    next === 'WITH' && afterNext === 'LOCAL' && 'a TIMESTAMP WITH LOCAL TIME ZONE literal',
  '?': ({ call, previous }) => (call !== '' || /^[=<>,]|SELECT|THEN$/.test(previous)) && 'a dynamic parameter',
  '{': () => 'the escape syntax { .. } of JDBC',
  ',': ({ previous, earlier, call }) => {
    if (earlier === 'LIMIT' && /^\d/.test(previous)) return 'LIMIT start, count';
    return call === 'UNNEST' && 'UNNEST of several collections';
  },
  '>': ({ previous }) => previous === '-' && 'a lambda (x -> ..)',
};

const PERIODS = 'of the predicates over periods there is OVERLAPS';
const HINTS: Readonly<Record<string, string>> = {
  CONTAINS: PERIODS,
  EQUALS: PERIODS,
  PRECEDES: PERIODS,
  SUCCEEDS: PERIODS,
  'IMMEDIATELY PRECEDES': PERIODS,
  'IMMEDIATELY SUCCEEDS': PERIODS,
  QUALIFY: 'filter in a query around it: SELECT .. FROM (SELECT .., ROW_NUMBER() OVER (..) AS rn FROM t) WHERE rn = 1',
  'LIMIT start, count': 'write LIMIT count OFFSET start',
  'a DATETIME literal': "write TIMESTAMP '..'",
  'a TIMESTAMP_LTZ literal': "write CAST('..' AS TIMESTAMP_LTZ(3))",
  'a TIMESTAMP WITH LOCAL TIME ZONE literal': "write CAST('..' AS TIMESTAMP_LTZ(3))",
  ILIKE: 'write LOWER(a) LIKE ..',
  RLIKE: 'write REGEXP(a, ..)',
  'AT TIME ZONE': 'CONVERT_TZ changes the zone of a text',
  'SELECT STREAM': 'every query of a stream is one: leave the word out',
};

/** The feature at which parsing ended, in `tokens[index]` or just before it; undefined for what nobody knows. */
export function unsupportedSyntax(tokens: readonly IToken[], index: number): UnsupportedSyntax | undefined {
  const feature = atToken(tokens, index) ?? tableFunction(tokens, index) ?? wordBefore(tokens, index);
  if (feature === undefined) return undefined;
  const hint = HINTS[feature.feature];
  return hint === undefined ? feature : { ...feature, hint };
}

function atToken(tokens: readonly IToken[], index: number): UnsupportedSyntax | undefined {
  const place = placeOf(tokens, index);
  if (place === undefined || place.previous === '.') return undefined;
  const rule = Object.hasOwn(BY_WORD, place.word) ? BY_WORD[place.word] : undefined;
  const feature = (rule?.(place) ?? byKind(place, tokens, index)) || byKind(place, tokens, index);
  return feature === undefined ? undefined : { feature, token: place.token };
}

/** Rules for a kind of token in place of a word. */
function byKind(place: Place, tokens: readonly IToken[], index: number): string | undefined {
  const { token, previous, earlier, next } = place;
  const before = tokens[index - 1] as IToken | undefined;
  if (before === undefined) return undefined;
  if (token.tokenType === StringLiteral) {
    if (/^(_\w+|N)$/.test(previous) && (before.endOffset ?? 0) + 1 === token.startOffset) {
      return 'a string with a character set';
    }
    return tokens[0].tokenType === K.EXPLAIN && index <= 3 ? 'EXPLAIN of a plan in a file' : undefined;
  }
  if (previous === 'LATERAL' && next === '(') return `LATERAL ${token.image}(..)`;
  if (previous === '(' && earlier === 'OVER') return 'OVER with a named window';
  if (token.tokenType === P.LParen && /^(CURRENT_|LOCAL)TIME(STAMP)?$/.test(previous))
    return `a precision of ${previous}`;
  if (previous === '(' && earlier === 'EXCEPT' && tokens[index - 3]?.image === '*') return 'SELECT * EXCEPT (..)';
  if (place.call === 'CONVERT' && previous === ',') return 'CONVERT(value, type)';
  if (namesOnly(tokens, index)) return 'CREATE TABLE (names of columns without types) AS';
  return undefined;
}

/** Parsing ended in the column list of CREATE TABLE .. AS behind a name. */
function namesOnly(tokens: readonly IToken[], index: number): boolean {
  if (tokens[0].tokenType !== K.CREATE || ![P.Comma, P.RParen].includes(tokens[index].tokenType)) return false;
  if (![P.LParen, P.Comma].includes(tokens[index - 2]?.tokenType)) return false;
  return tokens.some((token, i) => token.tokenType === K.AS && tokens[i + 1]?.tokenType === K.SELECT);
}

/** `FROM f(..)`: Flink calls it without TABLE(..) too. */
function tableFunction(tokens: readonly IToken[], index: number): UnsupportedSyntax | undefined {
  if (tokens[index]?.tokenType !== P.LParen) return undefined;
  let at = index - 1;
  while (tokens[at - 1]?.tokenType === P.Dot) at -= 2;
  const name = tokens[at] as IToken | undefined;
  const before = tokens[at - 1] as IToken | undefined;
  if (name === undefined || before === undefined) return undefined;
  if (![K.FROM, K.JOIN, P.Comma].includes(before.tokenType)) return undefined;
  const text = tokens
    .slice(at, index)
    .map((token) => token.image)
    .join('');
  return { feature: `the table function ${text}(..)`, token: name };
}

/** Words that were read as an alias or a name and show only behind themselves that they were meant otherwise. */
function wordBefore(tokens: readonly IToken[], index: number): UnsupportedSyntax | undefined {
  const token = tokens[index - 1] as IToken | undefined;
  if (token === undefined || token.tokenType === QuotedIdentifier) return undefined;
  const word = token.image.toUpperCase();
  if (word === 'MATCH_CONDITION') return { feature: 'ASOF JOIN', token };
  if (word === 'REPEATABLE' || word === 'TABLESAMPLE') return { feature: 'TABLESAMPLE', token };
  const rule = ['ASOF', 'ILIKE', 'RLIKE', 'MEMBER', 'SUBMULTISET', 'STREAM', 'TIMESTAMP', 'ARRAY', 'MAP', 'MULTISET'];
  return rule.includes(word) ? atToken(tokens, index - 1) : undefined;
}

function placeOf(tokens: readonly IToken[], index: number): Place | undefined {
  const token = tokens[index] as IToken | undefined;
  if (token === undefined || token.tokenType === QuotedIdentifier || token.tokenType === NumberLiteral)
    return undefined;
  const word = (i: number): string => (tokens[i] as IToken | undefined)?.image.toUpperCase() ?? '';
  return {
    token,
    word: word(index),
    previous: word(index - 1),
    earlier: word(index - 2),
    next: word(index + 1),
    afterNext: word(index + 2),
    call: openCall(tokens, index),
  };
}

function openCall(tokens: readonly IToken[], index: number): string {
  let closed = 0;
  for (let i = index - 1; i > 0; i--) {
    const { tokenType } = tokens[i];
    if (tokenType === P.RParen) closed++;
    else if (tokenType === P.LParen && closed-- === 0) {
      const name = tokens[i - 1].image;
      return /^[\w$]+$/.test(name) && !NO_CALLS.has(name.toUpperCase()) ? name.toUpperCase() : '';
    }
  }
  return '';
}

/** Words that may stand before a parenthesis and call nothing. */
const NO_CALLS: ReadonlySet<string> = new Set(
  'FROM JOIN WHERE SELECT IN AS ON AND OR NOT OVER BY USING VALUES EXISTS TABLE LATERAL SETS WITH ANY ALL SOME'.split(
    ' ',
  ),
);
