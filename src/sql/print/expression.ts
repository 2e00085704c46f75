import { unreachable } from '../../data/errors.ts';
import type {
  CaseExpression,
  Expression,
  FrameBound,
  FunctionCall,
  IntervalLiteral,
  LiteralExpr,
  OrderItem,
  WindowSpec,
} from '../ast.ts';
import { functionName, name, quote } from './names.ts';
import { printQuery } from './query.ts';
import { printType } from './type.ts';

/** Levels of the precedence ladder, loosest first. */
const LEVEL = {
  or: 1,
  and: 2,
  not: 3,
  is: 4,
  comparison: 5,
  range: 6,
  sum: 7,
  product: 8,
  sign: 9,
  primary: 10,
} as const;
const BINARY_LEVEL: Readonly<Record<string, number>> = {
  OR: LEVEL.or,
  AND: LEVEL.and,
  '+': LEVEL.sum,
  '-': LEVEL.sum,
  '*': LEVEL.product,
  '/': LEVEL.product,
  '%': LEVEL.product,
  '||': LEVEL.product,
};

/** SQL with the parentheses that are needed and no others. */
export function printExpression(expr: Expression): string {
  return at(expr, LEVEL.or);
}

function at(expr: Expression, level: number): string {
  const text = print(expr);
  return levelOf(expr) < level ? `(${text})` : text;
}

function levelOf(expr: Expression): number {
  switch (expr.kind) {
    case 'binary':
      return BINARY_LEVEL[expr.op] ?? LEVEL.comparison;
    case 'unary':
      return expr.op === 'NOT' ? LEVEL.not : LEVEL.sign;
    case 'is':
      return expr.test === 'DISTINCT FROM' ? LEVEL.comparison : LEVEL.is;
    case 'between':
    case 'in':
    case 'like':
      return LEVEL.range;
    case 'other-expr':
      return otherLevel(expr.feature);
    default:
      return LEVEL.primary;
  }
}

function print(expr: Expression): string {
  switch (expr.kind) {
    case 'column':
      return expr.parts.map(name).join('.');
    case 'literal':
      return literal(expr);
    case 'interval':
      return interval(expr);
    case 'time-unit':
      return expr.unit;
    case 'time-difference': {
      const units = expr.to === undefined ? expr.from : `${expr.from} TO ${expr.to}`;
      return `(${at(expr.left, LEVEL.sum)} - ${at(expr.right, LEVEL.product)}) ${units}`;
    }
    case 'unary':
      if (expr.op === 'NOT') return `NOT ${at(expr.arg, LEVEL.not)}`;
      return `${expr.op}${at(expr.arg, LEVEL.primary)}`;
    case 'binary': {
      const level = levelOf(expr);
      return `${at(expr.left, level)} ${expr.op} ${at(expr.right, level + 1)}`;
    }
    case 'case':
      return caseExpression(expr);
    case 'cast':
      return `${expr.tryCast ? 'TRY_CAST' : 'CAST'}(${printExpression(expr.arg)} AS ${printType(expr.type)})`;
    case 'function':
      return call(expr);
    case 'between': {
      const word = `${not(expr.negated)}BETWEEN${expr.symmetric ? ' SYMMETRIC' : ''}`;
      return `${at(expr.arg, LEVEL.range)} ${word} ${at(expr.low, LEVEL.sum)} AND ${at(expr.high, LEVEL.sum)}`;
    }
    case 'in': {
      const list = 'kind' in expr.list ? printQuery(expr.list) : expr.list.map(printExpression).join(', ');
      return `${at(expr.arg, LEVEL.range)} ${not(expr.negated)}IN (${list})`;
    }
    case 'like': {
      const escape = expr.escape === undefined ? '' : ` ESCAPE ${at(expr.escape, LEVEL.sum)}`;
      return `${at(expr.arg, LEVEL.range)} ${not(expr.negated)}${expr.op} ${at(expr.pattern, LEVEL.sum)}${escape}`;
    }
    case 'is': {
      const word = `IS ${not(expr.negated)}${expr.test}`;
      if (expr.other === undefined) return `${at(expr.arg, LEVEL.is)} ${word}`;
      return `${at(expr.arg, LEVEL.comparison)} ${word} ${at(expr.other, LEVEL.range)}`;
    }
    case 'other-expr':
      return expr.text === undefined ? `(${expr.args.map(printExpression).join(', ')})` : expr.text;
    default:
      return unreachable(expr);
  }
}

function not(negated: boolean): string {
  return negated ? 'NOT ' : '';
}

/** Kept as text, all but two forms are closed in themselves. */
function otherLevel(feature: string): number {
  if (feature === 'IS JSON') return LEVEL.is;
  return /^(?:[<>=]|OVERLAPS$)/.test(feature) ? LEVEL.comparison : LEVEL.primary;
}

function literal(expr: LiteralExpr): string {
  switch (expr.type) {
    case 'number':
    case 'boolean':
    case 'null':
      return expr.text;
    case 'string':
      return quote(expr.text);
    case 'binary':
      return `x'${expr.text}'`;
    case 'date':
    case 'time':
    case 'timestamp':
      return `${expr.type.toUpperCase()} ${quote(expr.text)}`;
    default:
      return unreachable(expr.type);
  }
}

function interval(expr: IntervalLiteral): string {
  const sign = expr.negative ? '-' : '';
  const to = expr.to === undefined ? '' : ` TO ${expr.to}`;
  const inFrom = expr.to === undefined && expr.toPrecision !== undefined;
  const sizes = [expr.fromPrecision, inFrom ? expr.toPrecision : undefined].filter((size) => size !== undefined);
  const toSize = expr.toPrecision === undefined || inFrom ? '' : `(${expr.toPrecision})`;
  return `INTERVAL ${sign}${quote(expr.text)} ${expr.from}${sizes.length === 0 ? '' : `(${sizes.join(', ')})`}${to}${toSize}`;
}

function caseExpression(expr: CaseExpression): string {
  const operand = expr.operand === undefined ? '' : ` ${printExpression(expr.operand)}`;
  const branches = expr.branches.map(
    (branch) => ` WHEN ${branch.when.map(printExpression).join(', ')} THEN ${printExpression(branch.then)}`,
  );
  const otherwise = expr.otherwise === undefined ? '' : ` ELSE ${printExpression(expr.otherwise)}`;
  return `CASE${operand}${branches.join('')}${otherwise} END`;
}

function call(expr: FunctionCall): string {
  if (expr.bare !== undefined) return expr.bare;
  const list = expr.args.map(printExpression).join(', ');
  const nulls = expr.nulls === undefined ? '' : ` ${expr.nulls.toUpperCase()} NULLS`;
  const onNull = expr.onNull === undefined ? '' : ` ${expr.onNull.toUpperCase()} ON NULL`;
  const args = (callArguments(expr.name, expr.args) ?? list) + nulls + onNull;
  const filter = expr.filter === undefined ? '' : ` FILTER (WHERE ${printExpression(expr.filter)})`;
  const over = expr.window === undefined ? '' : ` OVER (${window(expr.window)})`;
  return `${functionName(expr.name)}(${expr.star ? '*' : (expr.distinct ? 'DISTINCT ' : '') + args})${filter}${over}`;
}

/** Words in place of commas. */
function callArguments(name: string, [first, second, third]: readonly (Expression | undefined)[]): string | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (name === 'POSITION') {
    const from = third === undefined ? '' : ` FROM ${printExpression(third)}`;
    return `${at(first, LEVEL.sum)} IN ${printExpression(second)}${from}`;
  }
  if (name === 'JSON_OBJECTAGG') return `KEY ${printExpression(first)} VALUE ${printExpression(second)}`;
  if (name === 'EXTRACT') return `${printExpression(first)} FROM ${printExpression(second)}`;
  if (second.kind !== 'time-unit') return undefined;
  // An interval at its end would take the TO for its own.
  const closed = first.kind === 'column' || first.kind === 'function' || first.kind === 'cast';
  return `${closed ? print(first) : `(${print(first)})`} TO ${second.unit}`;
}

function window({ partitionBy, orderBy, frame }: WindowSpec): string {
  const parts: string[] = [];
  if (partitionBy.length > 0) parts.push(`PARTITION BY ${partitionBy.map(printExpression).join(', ')}`);
  if (orderBy.length > 0) parts.push(`ORDER BY ${printOrder(orderBy)}`);
  if (frame !== undefined) {
    parts.push(
      frame.end === undefined
        ? `${frame.unit} ${bound(frame.start)}`
        : `${frame.unit} BETWEEN ${bound(frame.start)} AND ${bound(frame.end)}`,
    );
  }
  return parts.join(' ');
}

export function printOrder(items: readonly OrderItem[]): string {
  return items
    .map((item) => {
      const nulls = item.nulls === undefined ? '' : ` NULLS ${item.nulls.toUpperCase()}`;
      return `${printExpression(item.expr)}${item.descending ? ' DESC' : ''}${nulls}`;
    })
    .join(', ');
}

function bound(frameBound: FrameBound): string {
  switch (frameBound.kind) {
    case 'current-row':
      return 'CURRENT ROW';
    case 'unbounded':
      return `UNBOUNDED ${frameBound.side}`;
    case 'bounded':
      return `${at(frameBound.value, LEVEL.sum)} ${frameBound.side}`;
    default:
      return unreachable(frameBound);
  }
}
