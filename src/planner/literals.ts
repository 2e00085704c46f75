import type { SourcePosition } from '../data/errors.ts';
import { unreachable } from '../data/errors.ts';
import type { IntervalLiteral, LiteralExpr } from '../sql/ast.ts';
import type { Literal } from '../expressions/typed.ts';
import { problem } from './problem.ts';
import { parseDate, parseTime, parseTimestamp } from './types/datetime-text.ts';

const MAX_LONG = 9223372036854775807n;
const INTERVAL_MS: Readonly<Record<string, number>> = {
  WEEK: 604_800_000,
  DAY: 86_400_000,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1000,
};
const INTERVAL_MONTHS: Readonly<Record<string, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };
const DAY_TIME_UNITS = ['DAY', 'HOUR', 'MINUTE', 'SECOND'];

/** A literal with Flink's type: INT or BIGINT by size, DECIMAL by the digits written, CHAR(n) NOT NULL, ... */
export function bindLiteral(ast: LiteralExpr): Literal {
  switch (ast.type) {
    case 'number':
      return numberLiteral(ast.text, ast.position);
    case 'string':
      return textLiteral(ast.text);
    case 'binary':
      return literal(ast.text.toLowerCase(), { kind: 'BINARY', length: ast.text.length / 2, nullable: false });
    case 'boolean': {
      const text = ast.text.toUpperCase();
      if (text === 'UNKNOWN') return literal(null, { kind: 'BOOLEAN', nullable: true });
      return literal(text === 'TRUE', { kind: 'BOOLEAN', nullable: false });
    }
    case 'null':
      return literal(null, { kind: 'NULL', nullable: true });
    case 'date': {
      const days = parseDate(ast.text);
      if (days === undefined) throw bad('DATE', ast.text, 'yyyy-MM-dd', ast.position);
      return literal(days, { kind: 'DATE', nullable: false });
    }
    case 'time': {
      const time = parseTime(ast.text);
      if (time === undefined) throw bad('TIME', ast.text, 'HH:mm:ss[.fff]', ast.position);
      return literal(time.ms, { kind: 'TIME', precision: time.precision, nullable: false });
    }
    case 'timestamp': {
      const parsed = parseTimestamp(ast.text);
      if (parsed === undefined) throw bad('TIMESTAMP', ast.text, 'yyyy-MM-dd HH:mm:ss[.fff]', ast.position);
      return literal(parsed.value, { kind: 'TIMESTAMP', precision: parsed.precision, nullable: false });
    }
    default:
      return unreachable(ast.type);
  }
}

/** A number as written, perhaps with a minus sign in front (`-2147483648` is an INT). */
export function numberLiteral(text: string, position: SourcePosition): Literal {
  if (/e/i.test(text)) {
    // The sign belongs to the digits: of 0 none is left.
    const value = Number(text) + 0;
    if (!Number.isFinite(value)) throw outOfRange(text, position);
    return literal(value, { kind: 'DOUBLE', nullable: false });
  }
  const negative = text.startsWith('-');
  const [whole, fraction] = text.replace(/^[-+]/, '').split('.');
  const unscaled = BigInt(`${whole}${fraction ?? ''}`) * (negative ? -1n : 1n);
  if (unscaled > MAX_LONG || unscaled < -MAX_LONG - 1n) throw outOfRange(text, position);
  if (fraction === undefined) {
    const isInt = unscaled === BigInt.asIntN(32, unscaled);
    return isInt
      ? literal(Number(unscaled), { kind: 'INT', nullable: false })
      : literal(String(unscaled), { kind: 'BIGINT', nullable: false });
  }
  const scale = fraction.length;
  return literal(String(unscaled), {
    kind: 'DECIMAL',
    precision: Math.max(1, whole.length + scale),
    scale,
    nullable: false,
  });
}

/** An interval as months (INT) or milliseconds (BIGINT text). */
export function bindInterval(ast: IntervalLiteral): Literal {
  const from = unit(ast.from);
  const to = ast.to === undefined ? undefined : unit(ast.to);
  const match = /^\s*([-+]?)\s*(\S.*?)\s*$/.exec(ast.text);
  if (match === null) throw badInterval(ast);
  const sign = (match[1] === '-') !== ast.negative ? -1 : 1;
  const body = match[2];
  checkLeadingPrecision(ast, from, body);
  if (from in INTERVAL_MONTHS) {
    const months = yearMonth(body, from, to);
    if (months === undefined) throw badInterval(ast);
    return literal(sign * months, { kind: 'INTERVAL_YEAR_MONTH', nullable: false });
  }
  const ms = dayTime(body, from, to);
  if (ms === undefined) throw badInterval(ast);
  return literal(String(sign * ms), { kind: 'INTERVAL_DAY_TIME', nullable: false });
}

function yearMonth(body: string, from: string, to: string | undefined): number | undefined {
  if (to === undefined) return /^\d+$/.test(body) ? Number(body) * INTERVAL_MONTHS[from] : undefined;
  const match = /^(\d+)-(\d{1,2})$/.exec(body);
  if (match === null || from !== 'YEAR' || to !== 'MONTH' || Number(match[2]) > 11) return undefined;
  return Number(match[1]) * 12 + Number(match[2]);
}

function dayTime(body: string, from: string, to: string | undefined): number | undefined {
  if (to === undefined || to === from) {
    const match = (from === 'SECOND' ? /^(\d+)(?:\.(\d{1,9}))?$/ : /^(\d+)$/).exec(body);
    if (match === null) return undefined;
    return Number(match[1]) * INTERVAL_MS[from] + fractionMs(match[2]);
  }
  const first = DAY_TIME_UNITS.indexOf(from);
  const last = DAY_TIME_UNITS.indexOf(to);
  if (first < 0 || last <= first) return undefined;
  const units = DAY_TIME_UNITS.slice(first, last + 1);
  const pattern = units
    .map(
      (name, i) =>
        (i === 0 ? '(\\d+)' : `${units[i - 1] === 'DAY' ? '\\s+' : ':'}(\\d{1,2})`) +
        (name === 'SECOND' ? '(?:\\.(\\d{1,9}))?' : ''),
    )
    .join('');
  const match = new RegExp(`^${pattern}$`).exec(body);
  if (match === null) return undefined;
  let ms = fractionMs(match[units.length + 1]);
  for (let i = 0; i < units.length; i++) {
    const limit = units[i] === 'HOUR' ? 23 : 59;
    if (i > 0 && Number(match[i + 1]) > limit) return undefined;
    ms += Number(match[i + 1]) * INTERVAL_MS[units[i]];
  }
  return ms;
}

function checkLeadingPrecision(ast: IntervalLiteral, from: string, body: string): void {
  const digits = /^\d*/.exec(body)?.[0].replace(/^0+(?=\d)/, '') ?? '';
  const precision = ast.fromPrecision ?? 2;
  if (digits.length > precision) {
    throw problem(
      'invalid-literal',
      `Interval field value ${digits} exceeds precision of ${from}(${precision}) field; write ${from}(${digits.length})`,
      ast.position,
    );
  }
}

function fractionMs(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.padEnd(3, '0').slice(0, 3));
}

function unit(name: string): string {
  return name.toUpperCase().replace(/S$/, '');
}

function literal(value: Literal['value'], type: Literal['type']): Literal {
  return { kind: 'literal', value, type };
}

function bad(type: string, text: string, expected: string, position: SourcePosition): Error {
  return problem('invalid-literal', `Illegal ${type} literal '${text}': not in format '${expected}'`, position);
}
function badInterval(ast: IntervalLiteral): Error {
  const range = ast.to === undefined ? ast.from : `${ast.from} TO ${ast.to}`;
  return problem(
    'invalid-literal',
    `Illegal interval literal format '${ast.text}' for INTERVAL ${range}`,
    ast.position,
  );
}
function outOfRange(text: string, position: SourcePosition): Error {
  return problem('invalid-literal', `Numeric literal '${text}' out of range`, position);
}

/** A constant text as CHAR of its length. */
export function textLiteral(text: string): Literal {
  return { kind: 'literal', value: text, type: { kind: 'CHAR', length: [...text].length, nullable: false } };
}
