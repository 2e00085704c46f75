import { unreachable } from '../data/errors.ts';
import { formatType, type Schema } from '../data/types.ts';
import type { AggregateCall, Expr, Literal } from '../expressions/typed.ts';
import { withNullable } from '../expressions/types/common-type.ts';

/** An expression as SQL-like text, with the input's column names. */
export function formatExpr(expr: Expr, schema: Schema): string {
  const show = (e: Expr): string => formatExpr(e, schema);
  switch (expr.kind) {
    case 'input':
      return schema[expr.index]?.name ?? `$${expr.index}`;
    case 'literal':
      return formatLiteral(expr);
    case 'cast':
      return `${expr.tryCast ? 'TRY_CAST' : 'CAST'}(${show(expr.arg)} AS ${formatType(withNullable(expr.type, true))})`;
    case 'case': {
      const branches = expr.branches.map((b) => ` WHEN ${show(b.when)} THEN ${show(b.then)}`).join('');
      return `CASE${branches} ELSE ${show(expr.otherwise)} END`;
    }
    case 'call':
      return formatCall(expr.fn, expr.args.map(show));
    default:
      return unreachable(expr);
  }
}

export function formatAggregate(call: AggregateCall, schema: Schema): string {
  const args = [call.arg, call.second].flatMap((ref) => (ref === undefined ? [] : formatExpr(ref, schema)));
  if (call.percentages !== undefined) {
    const isArray = call.type.kind === 'ARRAY';
    args.splice(1, 0, isArray ? `ARRAY[${call.percentages.join(', ')}]` : String(call.percentages[0]));
  }
  const filter = call.filter === undefined ? '' : ` FILTER (WHERE ${formatExpr(call.filter, schema)})`;
  const separator = call.separator === undefined ? '' : `, '${call.separator.replaceAll("'", "''")}'`;
  const keeps = call.keepNulls === undefined ? '' : call.keepNulls ? ' NULL ON NULL' : ' ABSENT ON NULL';
  const nulls = call.ignoreNulls === true ? ' IGNORE NULLS' : keeps;
  const list = args.length === 0 ? '*' : args.join(', ');
  return `${call.fn}(${call.distinct ? 'DISTINCT ' : ''}${list}${separator}${nulls})${filter}`;
}

function formatCall(fn: string, args: readonly string[]): string {
  if (fn === 'NOT') return `NOT (${args[0]})`;
  if (fn === 'NEGATE') return `-(${args[0]})`;
  if (fn === 'IN') return `${args[0]} IN (${args.slice(1).join(', ')})`;
  if (args.length === 1 && fn.startsWith('IS ')) return `(${args[0]} ${fn})`;
  if (args.length === 2 && !/^[A-Z][A-Z0-9_]*$/.test(fn)) return `(${args.join(` ${fn} `)})`;
  if (fn === 'AND' || fn === 'OR') return `(${args.join(` ${fn} `)})`;
  return `${fn}(${args.join(', ')})`;
}

function formatLiteral({ value, type }: Literal): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return `'${String(value).replaceAll("'", "''")}'`;
    case 'BINARY':
    case 'VARBINARY':
      return `x'${String(value)}'`;
    case 'BOOLEAN':
      return value === true ? 'TRUE' : 'FALSE';
    case 'DECIMAL':
      return decimalText(String(value), type.scale);
    case 'DATE':
      return `DATE '${new Date(Number(value) * 86_400_000).toISOString().slice(0, 10)}'`;
    case 'TIME':
      return `TIME '${new Date(Number(value)).toISOString().slice(11, 23)}'`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      if (!Array.isArray(value)) return String(value);
      const text = new Date(Number(value[0])).toISOString().replace('T', ' ').replace('Z', '');
      const nanos =
        type.precision > 3
          ? String(value[1])
              .padStart(6, '0')
              .slice(0, type.precision - 3)
          : '';
      return `TIMESTAMP '${text}${nanos}'`;
    }
    case 'INTERVAL_DAY_TIME':
      return `INTERVAL ${String(value)} ms`;
    case 'INTERVAL_YEAR_MONTH':
      return `INTERVAL ${String(value)} months`;
    default:
      return String(value);
  }
}

function decimalText(unscaled: string, scale: number): string {
  if (scale === 0) return unscaled;
  const sign = unscaled.startsWith('-') ? '-' : '';
  const digits = unscaled.replace('-', '').padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
