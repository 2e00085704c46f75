import type { ExpressionReply } from '../ask-cases.ts';
import type { JsonValue } from '../../harness/json-values.ts';
import type { Tree } from './expressions.ts';
import { inCommonDecimal, inTypeOfFirst, nullable, withCutElement, withFlinkCuts } from './retold.ts';

/** An expression with the answers of both engines. */
export interface Compared {
  readonly tree: Tree;
  readonly sql: string;
  readonly zone: string;
  readonly flink: ExpressionReply;
  readonly ours: ExpressionReply;
}

/** The smallest part of an expression whose answers differ; its operands' answers are the same in both. */
export interface Differing extends Compared {
  readonly operands: readonly ExpressionReply[];
}

/** A cause of differences that are by choice; docs/flink-differences.md has each. */
interface Cause {
  readonly reason: string;
  /** True for a difference that has this cause and no other. */
  readonly explains: (found: Differing) => boolean;
  /** What Flink computes instead, as SQL: the difference has this cause if Headwater answers that as Flink did. */
  readonly instead?: (found: Differing) => string | undefined;
}

const CAUSES: readonly Cause[] = [
  {
    reason: "Flink's generated code does not compile",
    explains: ({ flink, ours }) =>
      answers(ours) &&
      fails(flink, 'internal', /^Line \d+, Column \d+: (Assignment conversion not possible|Cannot cast)/),
  },
  {
    reason: 'Flink folds a constant and takes a call for a literal',
    explains: ({ sql, flink, ours }) =>
      isConstant(sql) && answers(ours) && fails(flink, 'internal', /RexCall cannot be cast to class .*RexLiteral/),
  },
  {
    reason: 'Flink loses the type of DATE with an interval beside another DATE',
    explains: ({ tree, flink, ours }) =>
      tree.kind === 'date' &&
      answers(ours) &&
      flink.error !== undefined &&
      /'DATE NOT NULL' and actual argument type 'DATE'|operand types: .*\bDATE\b/.test(flink.error.message),
  },
  {
    reason: 'Flink loses the type of DATE with an interval beside another DATE',
    explains: ({ sql, flink, ours }) =>
      /\b(DATE|TIME) '[^']*' [-+] /.test(sql) &&
      answers(ours) &&
      fails(flink, 'internal', /data type '(DATE|TIME\(0\)) NOT NULL' and actual argument type '\1'/),
  },
  {
    reason: 'an interval with NULL is NULL; for Flink it is -1 ms or month',
    explains: (found) =>
      (found.tree.kind === 'span' || found.tree.kind === 'months') &&
      / [+-] /.test(found.tree.form) &&
      everyDifference(found, (flink, ours) => flink === '-1' && ours === null),
  },
  {
    reason: 'a missing element or key is NULL; Flink gives -1 where elements are NOT NULL',
    explains: (found) =>
      found.sql.endsWith(']') &&
      everyDifference(found, (flink, ours) => ours === null && (flink === -1 || flink === '-1')),
  },
  {
    reason: 'ELEMENT is nullable, for the array may be empty',
    explains: ({ tree, flink, ours }) =>
      tree.form.startsWith('ELEMENT(') && answers(flink) && answers(ours) && flink.type === `${ours.type} NOT NULL`,
  },
  {
    reason: 'array and element get a common type; Flink cuts the text to the elements of the array',
    explains: ({ tree, ours, flink }) =>
      /^ARRAY_(APPEND|PREPEND|REMOVE)\(/.test(tree.form) && tree.kind === 'texts' && answers(ours) && answers(flink),
    instead: ({ tree, operands }) => withCutElement(tree, nullable(typeOf(operands[0]))),
  },
  {
    reason: 'array and element get a common type; Flink refuses an element of another type',
    explains: ({ tree, ours, flink, operands }) =>
      /^ARRAY_(APPEND|PREPEND|REMOVE)\(/.test(tree.form) &&
      answers(ours) &&
      fails(flink, 'validation', /^Invalid input arguments/) &&
      !typeOf(operands[0]).startsWith(`ARRAY<${nullable(typeOf(operands[1]))}`),
  },
  {
    reason: 'the index of ELT is any integer; the job of Flink fails on TINYINT, SMALLINT and BIGINT',
    explains: ({ tree, ours, flink }) =>
      tree.form.startsWith('ELT(') &&
      answers(ours) &&
      fails(flink, 'internal', /^class java\.lang\.(Byte|Short|Long) cannot be cast to class java\.lang\.Integer /),
  },
  {
    reason: 'numbers are compared with a list in their common type; Flink casts the list to the type of the first',
    explains: ({ tree, flink, ours, operands }) =>
      /^\(\$\{0\} \S+ (ANY|SOME|ALL) \(/.test(tree.form) &&
      answers(flink) &&
      answers(ours) &&
      /^(TINYINT|SMALLINT|INT|BIGINT|FLOAT|DOUBLE|DECIMAL)/.test(typeOf(operands[0])),
    instead: ({ tree, operands }) => inTypeOfFirst(tree, operands.map(typeOf)),
  },
  {
    reason: 'what is refused by itself is refused everywhere; Flink first leaves out what cannot matter',
    explains: ({ flink, ours, operands }) =>
      answers(flink) &&
      ours.error !== undefined &&
      operands.some(({ error }) => error !== undefined && withoutPlace(error) === withoutPlace(ours.error)),
  },
  {
    reason: 'a truth value becomes a DECIMAL; Flink, where it computes while planning, fails on it',
    explains: ({ sql, flink, ours }) =>
      /CAST\((TRUE|FALSE) AS DECIMAL/.test(sql) &&
      answers(ours) &&
      flink.error?.message.startsWith('cannot cast ') === true &&
      flink.error.message.endsWith(' as class java.math.BigDecimal'),
  },
  {
    reason: 'JSON_VALUE(.. RETURNING BOOLEAN) that is NULL is no TRUE in CASE; the job of Flink fails',
    explains: ({ tree, flink, ours, operands }) =>
      /^(CASE WHEN |IF\()\$\{0\}/.test(tree.form) &&
      tree.parts[0].form.endsWith(' RETURNING BOOLEAN)') &&
      operands.some((one) => answers(one) && one.values.includes(null)) &&
      answers(ours) &&
      flink.error?.message.startsWith('Recovery is suppressed') === true,
  },
  {
    reason: 'a NULL element stays NULL when the elements get another type; Flink makes it 0 or fails',
    explains: (found) =>
      /^(ARRAY_(CONCAT|UNION|EXCEPT|INTERSECT)\(|COALESCE\(|CASE )/.test(found.tree.form) &&
      found.operands.some((one) => typeOf(one).startsWith('ARRAY<BIGINT')) &&
      (found.flink.error?.kind === 'internal' ||
        found.flink.error?.kind === 'runtime' ||
        everyDifference(found, (flink, ours) => sameButNulls(flink, ours))),
  },
  {
    reason: 'the last digit of a transcendental function is that of the JavaScript engine',
    explains: (found) =>
      /^(SIN|COS|TAN|COT|ASIN|ACOS|ATAN|ATAN2|SINH|COSH|TANH|EXP|LN|LOG|LOG2|LOG10|POWER)\(/.test(found.tree.form) &&
      everyDifference(found, (flink, ours) => isClose(flink, ours, 2e-15)),
  },
  {
    reason: 'Flink cuts the digits of a FLOAT that it computes while planning',
    explains: (found) =>
      isConstant(found.sql) &&
      [found.flink, ...found.operands].some((one) => typeOf(one).startsWith('FLOAT')) &&
      everyDifference(found, (flink, ours) => isClose(flink, ours, 2e-7)),
  },
  {
    reason: 'text that is no number is NULL; Flink takes blanks around one letter for 0',
    explains: (found) =>
      /^TRY_CAST\(.* AS DECIMAL/.test(found.tree.form) &&
      everyDifference(found, (flink, ours, [text]) => ours === null && Number(flink) === 0 && !/\d/.test(String(text))),
  },
  {
    reason: 'text without a month or a day is no timestamp; Flink takes the first',
    explains: (found) =>
      /^TRY_CAST\(.* AS TIMESTAMP(_LTZ)?\(\d\)\)/.test(found.tree.form) &&
      everyDifference(
        found,
        (flink, ours, [text]) => ours === null && flink !== null && /^\d{4}-(\d{0,2}-|-\d{1,2})$/.test(String(text)),
      ),
  },
  {
    reason: 'a TIME has no zone; Flink reads 12-12 as a time with an offset',
    explains: (found) =>
      /^TRY_CAST\(.* AS TIME\)/.test(found.tree.form) &&
      everyDifference(
        found,
        (flink, ours, [text]) =>
          ours === null && flink !== null && !/^\s*\d+(:\d+){0,2}(\.\d+)?\s*$/.test(String(text)),
      ),
  },
  {
    reason: "'' IN (..) of texts is compared; Flink says TRUE always",
    explains: (found) =>
      found.sql.startsWith("('' ") &&
      / IN \(/.test(found.tree.form) &&
      everyDifference(found, (flink) => flink === !found.tree.form.includes('NOT IN')),
  },
  {
    reason: 'characters beyond the Basic Multilingual Plane stay whole; Flink cuts them into halves',
    explains: (found) =>
      /^(JSON_QUOTE|JSON_UNQUOTE\(JSON_QUOTE|OVERLAY|LPAD|RPAD|REPLACE|SPLIT|REGEXP_REPLACE)\(/.test(found.tree.form) &&
      everyDifference(found, (_flink, _ours, operands) =>
        operands.some((one) => /[\u{10000}-\u{10ffff}]/u.test(String(one))),
      ),
  },
  {
    reason:
      'CEIL TO QUARTER of the first day of a quarter is that day; Flink goes to the next quarter except in January',
    explains: (found) =>
      found.tree.form.startsWith('CEIL(') &&
      found.tree.form.endsWith(' TO QUARTER)') &&
      everyDifference(found, (_flink, ours) => /-(04|07|10)-01/.test(String(ours))),
  },
  {
    reason:
      'a cast to a smaller precision cuts always; Flink leaves few nanoseconds, and compares and goes on with them',
    explains: ({ sql, flink, ours }) =>
      /CAST\(.* AS TIMESTAMP(_LTZ)?\(\d\)\)/.test(sql) && answers(flink) && answers(ours),
    instead: ({ tree, flink }) => withFlinkCuts(tree, nullable(typeOf(flink))),
  },
  {
    reason: 'DECIMALs are compared by all their digits; = and <> of Flink round both to one type, which may have fewer',
    explains: ({ tree, flink, ours, operands }) =>
      /^(\(\$\{0\} (=|<>) \$\{1\}\)|NULLIF\()/.test(tree.form) &&
      answers(flink) &&
      answers(ours) &&
      operands.some((one) => typeOf(one).startsWith('DECIMAL(38')),
    instead: ({ tree, operands }) => inCommonDecimal(tree, operands.map(typeOf)),
  },
  {
    reason: 'a FLOAT and a DOUBLE are compared as DOUBLE; FLOAT = DOUBLE and <> of Flink compare as FLOAT',
    explains: ({ tree, flink, ours, operands }) =>
      /^\(\$\{0\} (=|<>) \$\{1\}\)$/.test(tree.form) &&
      answers(flink) &&
      answers(ours) &&
      typeOf(operands[0]).startsWith('FLOAT') &&
      typeOf(operands[1]).startsWith('DOUBLE'),
    instead: ({ tree, operands }) => inTypeOfFirst(tree, operands.map(typeOf)),
  },
  {
    reason: 'a DECIMAL beyond 64 bits has a remainder; Flink computes another one',
    explains: (found) =>
      /^(\(\$\{0\} % |MOD\()/.test(found.tree.form) &&
      typeOf(found.operands[0]).startsWith('DECIMAL') &&
      everyDifference(found, (_flink, _ours, [value]) => Math.abs(Number(value)) > 2 ** 63),
  },
  {
    reason: 'IF with a condition that is NULL takes the second value; Flink the first where arrays are compared by <>',
    explains: (found) =>
      /^(IF\(|CASE WHEN )\$\{0\}/.test(found.tree.form) &&
      found.tree.parts[0].form === '(${0} <> ${1})' &&
      everyDifference(
        found,
        (flink, _ours, [condition, first]) => condition === null && JSON.stringify(flink) === JSON.stringify(first),
      ),
  },
  {
    reason: 'IS_DIGIT and IS_DECIMAL look at the digits of a number; Flink says TRUE of its type, FALSE of a DECIMAL',
    explains: (found) =>
      /^IS_(DIGIT|DECIMAL)\(\$\{0\}\)$/.test(found.tree.form) &&
      /^(TINYINT|SMALLINT|INT|BIGINT|FLOAT|DOUBLE|DECIMAL)/.test(typeOf(found.operands[0])) &&
      everyDifference(found, (flink) => flink === !typeOf(found.operands[0]).startsWith('DECIMAL')),
  },
  {
    reason: 'arrays whose elements have no common type are not compared; Flink finds them unequal',
    explains: ({ tree, flink, ours, operands }) =>
      /^\(\$\{0\} (=|<>) \$\{1\}\)$/.test(tree.form) &&
      ours.error?.message.includes('to arguments of type (ARRAY<') === true &&
      answers(flink) &&
      flink.values.every(
        (value, row) =>
          value ===
          (operands.some((one) => answers(one) && one.values[row] === null) ? null : tree.form.includes('<>')),
      ),
  },
  {
    reason: 'arrays with NULL at the same place are equal; Flink finds them unequal',
    explains: (found) =>
      /^\(\$\{0\} (=|<>) \$\{1\}\)$/.test(found.tree.form) &&
      everyDifference(
        found,
        (flink, _ours, [a, b]) =>
          flink === found.tree.form.includes('<>') &&
          Array.isArray(a) &&
          Array.isArray(b) &&
          a.includes(null) &&
          JSON.stringify(a.map(String)) === JSON.stringify(b.map(String)),
      ),
  },
  {
    reason: "TRY_CAST of NaN and infinities to DECIMAL is NULL; Flink's job fails",
    explains: ({ tree, flink, ours, operands }) =>
      /^TRY_CAST\(.* AS DECIMAL/.test(tree.form) &&
      fails(flink, 'runtime', /^Character [NI] is neither a decimal digit number/) &&
      answers(ours) &&
      operands.some((one) => answers(one) && one.values.some((value) => /^(NaN|-?Infinity)$/.test(String(value)))),
  },
  {
    reason: 'IN compares texts as = does; Flink pads them where the first one is a CHAR',
    explains: (found) =>
      /^\(\$\{0\} (NOT )?IN \(/.test(found.tree.form) &&
      /^CHAR\(/.test(typeOf(found.operands[0])) &&
      everyDifference(found, (flink, _ours, [text, ...list]) => {
        const isIn = list.some((one) => isPaddedTo(String(text), one));
        return flink === (isIn !== found.tree.form.includes(' NOT IN '));
      }),
  },
  {
    reason: 'DECIMAL arithmetic that may overflow is nullable',
    explains: ({ tree, flink, ours }) =>
      /^(\(\$\{0\} [-+*/%] (\$\{1\}|[\d.]+)\)|MOD\()/.test(tree.form) &&
      answers(flink) &&
      answers(ours) &&
      ours.type.startsWith('DECIMAL') &&
      flink.type === `${ours.type} NOT NULL` &&
      JSON.stringify(flink.values) === JSON.stringify(ours.values),
  },
  {
    reason: 'NOT BETWEEN is the contrary of BETWEEN; Flink says FALSE to both of NaN',
    explains: (found) =>
      found.tree.form.includes(' NOT BETWEEN ') &&
      everyDifference(
        found,
        (flink, ours, operands) => flink === false && ours === true && operands.some((one) => String(one) === 'NaN'),
      ),
  },
  {
    reason: 'EXTRACT(EPOCH FROM ltz) counts from 1970-01-01 00:00 UTC; Flink counts the wall clock',
    explains: (found) =>
      found.tree.form.startsWith('EXTRACT(EPOCH FROM ') &&
      typeOf(found.operands[0]).startsWith('TIMESTAMP_LTZ') &&
      everyDifference(found, (_flink, ours) => ours !== null),
  },
  {
    reason: 'COALESCE of arrays takes their common type; the job of Flink fails',
    explains: ({ tree, flink, ours }) =>
      tree.form.startsWith('COALESCE(') &&
      answers(ours) &&
      ours.type.startsWith('ARRAY<') &&
      flink.error !== undefined &&
      flink.error.message.startsWith('Recovery is suppressed'),
  },
  {
    reason: "Flink's planner loses a NOT NULL in COALESCE and fails",
    explains: ({ tree, flink, ours }) =>
      tree.form.startsWith('COALESCE(') &&
      answers(ours) &&
      flink.error !== undefined &&
      flink.error.message.startsWith('Cannot add expression of different type to set'),
  },
  {
    reason: 'the time of day before 1970 is one; the job of Flink fails on it',
    explains: ({ tree, flink, ours, operands }) =>
      tree.form === 'CAST(${0} AS TIME)' &&
      answers(ours) &&
      flink.error?.message.startsWith('Invalid value for HourOfDay (valid values 0 - 23): -') === true &&
      operands.some((one) => answers(one) && one.values.some((value) => value !== null && isBefore1970(String(value)))),
  },
  {
    reason: 'TYPEOF in full knows BINARY(0), the type of an empty literal; Flink says NULL',
    explains: (found) =>
      found.tree.form === 'TYPEOF(${0}, TRUE)' &&
      everyDifference(found, (flink, ours) => flink === null && String(ours).startsWith('BINARY(0)')),
  },
  {
    reason: 'times before 1970 are divided downwards; Flink goes towards 1970',
    explains: (found) =>
      isTemporal(found.tree.form) &&
      everyDifference(found, (_flink, ours, operands) =>
        [ours, ...operands].some((one) => /^-?\d{4,}-\d\d-\d\d/.test(String(one)) && isBefore1970(String(one))),
      ),
  },
];

/** Why the answers differ, if it is by choice; `ask` gives Headwater's answer to an expression in the same zone. */
export async function explanation(
  found: Differing,
  ask: (sql: string) => Promise<ExpressionReply>,
): Promise<string | undefined> {
  for (const { reason, explains, instead } of CAUSES) {
    if (!explains(found)) continue;
    if (instead === undefined) return reason;
    const sql = instead(found);
    if (sql !== undefined && isSame(await ask(sql), found.flink)) return reason;
  }
  return undefined;
}

/** The message of an error without the line and column, which are those within the statement. */
function withoutPlace({ message }: { readonly message: string }): string {
  return message.replace(/\b\d+:\d+\b/g, '');
}

/** Whether types, but for NOT NULL, and values are the same. */
function isSame(a: ExpressionReply, b: ExpressionReply): boolean {
  if (!answers(a) || !answers(b)) return false;
  return nullable(a.type) === nullable(b.type) && JSON.stringify(a.values) === JSON.stringify(b.values);
}

type Answered = Extract<ExpressionReply, { readonly type: string }>;

function answers(reply: ExpressionReply): reply is Answered {
  return reply.error === undefined;
}

function typeOf(reply: ExpressionReply): string {
  return reply.error === undefined ? reply.type : '';
}

function fails(reply: ExpressionReply, kind: string, message: RegExp): boolean {
  return reply.error !== undefined && reply.error.kind === kind && message.test(reply.error.message);
}

/** Whether the types are the same and every row that differs does so for the reason. */
function everyDifference(
  { flink, ours, operands }: Differing,
  isReason: (flink: JsonValue, ours: JsonValue, operands: readonly JsonValue[]) => boolean,
): boolean {
  if (!answers(flink) || !answers(ours) || flink.values.length !== ours.values.length) return false;
  const values = operands.map((one) => (answers(one) ? one.values : []));
  return flink.values.every((value, row) => {
    if (JSON.stringify(value) === JSON.stringify(ours.values[row])) return true;
    return isReason(
      value,
      ours.values[row],
      values.map((list) => list[row]),
    );
  });
}

/** No name of a column stands in it. */
function isConstant(sql: string): boolean {
  const words = sql.replace(/'[^']*'/g, '').match(/\b[a-z]\w*\b/g) ?? [];
  return words.every((word) => /^e\d*$|^x$/.test(word));
}

function isClose(a: JsonValue, b: JsonValue, part: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return false;
  return Math.abs(a - b) <= part * Math.max(Math.abs(a), Math.abs(b));
}

function sameButNulls(flink: JsonValue, ours: JsonValue): boolean {
  if (!Array.isArray(flink) || !Array.isArray(ours)) return false;
  const left = flink.filter((one) => one !== '0' && one !== null);
  const right = ours.filter((one) => one !== '0' && one !== null);
  return JSON.stringify(left) === JSON.stringify(right);
}

function isPaddedTo(char: string, text: JsonValue): boolean {
  return typeof text === 'string' && text.padEnd(char.length) === char;
}

function isTemporal(form: string): boolean {
  return /^(EXTRACT|YEAR|QUARTER|MONTH|WEEK|DAYOF|HOUR|MINUTE|SECOND|FLOOR|CEIL|CAST|TIMESTAMPDIFF|TIMESTAMPADD|DATE_FORMAT)/.test(
    form,
  );
}

function isBefore1970(text: string): boolean {
  return text.startsWith('-') || text < '1970-01-02';
}
