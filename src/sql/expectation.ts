import { EOF, type TokenType } from 'chevrotain';
import * as t from './tokens.ts';
import { K, keywords, P } from './tokens.ts';

const MAX_SHOWN = 6;

/** What can follow a whole expression inside it; many of these together mean `an operator`. */
const OPERATORS: readonly TokenType[] = [
  ...[P.Plus, P.Minus, P.Star, P.Slash, P.Percent, P.Concat, P.Equal, P.NotEqual, P.Less, P.LessEqual, P.Greater],
  ...[P.GreaterEqual, P.Dot, P.LBracket, P.LParen],
  ...keywords('OR NOT IS BETWEEN IN LIKE SIMILAR OVERLAPS FILTER OVER'),
];
const EXPRESSION_STARTS: readonly TokenType[] = [
  ...[t.Name, t.FunctionWord, t.BareFunction, t.StringLiteral, t.BinaryLiteral, t.NumberLiteral],
  ...[P.LParen, P.Plus, P.Minus],
  ...keywords(
    'NOT TRUE FALSE UNKNOWN NULL DATE TIME TIMESTAMP INTERVAL CASE CAST TRY_CAST EXISTS ARRAY MAP ROW PERIOD',
  ),
  ...keywords('EXTRACT SUBSTRING TRIM POSITION OVERLAY JSON_OBJECT JSON_OBJECTAGG YEAR MONTH DAY HOUR MINUTE SECOND'),
];
const TYPE_STARTS: readonly TokenType[] = [
  ...keywords('BOOLEAN TINYINT SMALLINT INT INTEGER BIGINT FLOAT REAL DOUBLE DECIMAL DEC NUMERIC STRING BYTES VARCHAR'),
  ...keywords('VARBINARY CHAR CHARACTER BINARY DATE TIME TIMESTAMP TIMESTAMP_LTZ INTERVAL MAP ARRAY MULTISET ROW'),
];
const UNITS = keywords(
  'YEAR YEARS QUARTER QUARTERS MONTH MONTHS WEEK WEEKS DAY DAYS HOUR HOURS MINUTE MINUTES SECOND SECONDS',
);
const QUERY_STARTS: readonly TokenType[] = [...keywords('SELECT VALUES WITH TABLE'), P.LParen];

interface Group {
  readonly label: string;
  /** The group counts when all of these can stand there. */
  readonly sign: readonly TokenType[];
  readonly members: readonly TokenType[];
}

/** Many tokens with one name for people. */
const GROUPS: readonly Group[] = [
  {
    label: 'a statement',
    sign: [K.CREATE, K.INSERT, K.SELECT],
    members: [...keywords('CREATE INSERT EXPLAIN EXECUTE BEGIN'), ...QUERY_STARTS],
  },
  { label: 'a type', sign: [K.BOOLEAN, K.DECIMAL], members: [...TYPE_STARTS, t.Name] },
  { label: 'an expression', sign: [K.CASE, K.CAST, t.NumberLiteral], members: EXPRESSION_STARTS },
  { label: 'a unit of time', sign: [K.QUARTER, K.SECONDS], members: UNITS },
  {
    label: 'a table',
    sign: [K.TABLE, K.LATERAL, K.UNNEST],
    members: [...keywords('TABLE TUMBLE HOP CUMULATE SESSION LATERAL UNNEST'), P.LParen, t.Name],
  },
  { label: 'a query', sign: [K.SELECT, K.VALUES], members: QUERY_STARTS },
  { label: 'an operator', sign: [P.Concat, P.Slash], members: OPERATORS },
];

/** Possible nearly everywhere, of no help to anybody. */
const HIDDEN: readonly TokenType[] = [t.Any, t.PatternChar, P.HintStart];

/** What people mean most often comes before the rest. */
const FIRST: readonly TokenType[] = [
  ...[P.RParen, P.Comma, P.Semicolon],
  ...keywords('END FROM AS THEN WHEN ELSE SET INTO TABLE VIEW ON WHERE GROUP HAVING ORDER LIMIT WITH'),
  ...keywords('NOT PRIMARY COMMENT METADATA'),
];
const END = 'the end';
const LAST_LABELS: readonly string[] = ['an operator', END];

/** Tokens that follow a name in a list, a column definition or a query. */
export const CONTINUATION_TOKENS: readonly TokenType[] = [
  ...[P.Comma, P.RParen, P.Dot, P.Equal, P.NotEqual, P.Less, P.LessEqual, P.Greater, P.GreaterEqual, K.FROM, K.AS],
  ...TYPE_STARTS,
];

/** At most six readable names for what could have stood there. */
export function describeExpected(types: readonly TokenType[]): string[] {
  let left = [...new Set(types)].filter((type) => !HIDDEN.includes(type));
  // Where OR can follow, AND is one operator of many; alone it is the AND of BETWEEN.
  if (left.includes(K.OR)) left = left.filter((type) => type !== K.AND);
  const groups: string[] = [];
  for (const group of GROUPS) {
    if (!group.sign.every((type) => left.includes(type))) continue;
    groups.push(group.label);
    left = left.filter((type) => !group.members.includes(type));
  }
  const labels = [...groups, ...left.sort((a, b) => rank(a) - rank(b)).map(labelOf)];
  const last = LAST_LABELS.filter((label) => labels.includes(label));
  const before = labels.filter((label) => !last.includes(label));
  return [...new Set([...before.slice(0, MAX_SHOWN - last.length), ...last])];
}

function rank(type: TokenType): number {
  if (type === P.Dot) return FIRST.length + 1;
  return FIRST.includes(type) ? FIRST.indexOf(type) : FIRST.length;
}

function labelOf(type: TokenType): string {
  return type === EOF ? END : (type.LABEL ?? type.name);
}
