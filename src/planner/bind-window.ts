import { unreachable, type SourcePosition } from '../data/errors.ts';
import { notNull, stripAttribute, timestamp, type Schema, type SqlType } from '../data/types.ts';
import type * as ast from '../sql/ast.ts';
import { shown } from './bind-operators.ts';
import { bindExpression } from './bind-expression.ts';
import { isConstant } from './expression-tools.ts';
import type { LogicalNode, WindowTable } from './logical.ts';
import type { WindowProperty, WindowSpec } from './physical.ts';
import { problem, unsupported } from './problem.ts';
import { resolveColumn, type Scope } from './scope.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';

export const PROPERTIES: readonly WindowProperty[] = ['window_start', 'window_end', 'window_time'];

/** TUMBLE, HOP, CUMULATE or SESSION over a bound input: its columns, then the window's. */
export function bindWindowFunction(
  from: ast.WindowTable,
  input: { readonly node: LogicalNode; readonly scope: Scope },
): WindowTable {
  const timeColumn = bindTimeColumn(from, input.scope);
  if (from.function !== 'SESSION' && from.partitionBy.length > 0)
    throw unsupported(`PARTITION BY in ${from.function}`, from.partitionBy[0].position);
  const partition = from.partitionBy.map((column) => {
    const key = resolveColumn(input.scope, column.parts, column.position);
    if (key.kind !== 'input') throw new Error('a column is an input reference');
    return key.index;
  });
  const window = windowSpec(from.function, from.args, from.position);
  return windowTable(input.node, window, timeColumn, partition, from.position);
}

export function windowTable(
  input: LogicalNode,
  window: WindowSpec,
  timeColumn: number,
  partition: WindowTable['partition'],
  position: SourcePosition,
): WindowTable {
  const timeType = input.schema[timeColumn].type;
  const schema: Schema = [
    ...input.schema.map((field, i) =>
      i === timeColumn ? { name: field.name, type: stripAttribute(field.type) } : field,
    ),
    ...PROPERTIES.map((name) => ({ name, type: propertyType(name, timeType) })),
  ];
  return { kind: 'window-table', input, window, timeColumn, partition, properties: PROPERTIES, position, schema };
}

export function propertyType(property: WindowProperty, timeType: SqlType): SqlType {
  if (property !== 'window_time') return notNull(timestamp(3));
  if (!isTimestamp(timeType)) throw new Error('a time attribute is a timestamp');
  return { ...timeType, attribute: timeType.attribute ?? 'rowtime', precision: 3, nullable: false };
}

function bindTimeColumn(from: ast.WindowTable, scope: Scope): number {
  const time = resolveColumn(scope, from.timeColumn.parts, from.timeColumn.position);
  if (!isTimestamp(time.type) || time.type.attribute === undefined) {
    throw problem(
      'no-time-attribute',
      `The window function requires the timecol is a time attribute type, but is ${shown(time.type)}. ` +
        'Declare WATERMARK FOR the column; an expression over it is no time attribute any more',
      from.timeColumn.position,
    );
  }
  if (time.kind !== 'input') throw new Error('a column is an input reference');
  return time.index;
}

/** The intervals of a window table function, after its time column; HOP and CUMULATE only with whole numbers of panes. */
function windowSpec(
  fn: ast.WindowTable['function'],
  args: readonly ast.Expression[],
  position: SourcePosition,
): WindowSpec {
  const [most, shape] = fn === 'SESSION' ? [1, 'a gap'] : SHAPES[fn];
  const least = fn === 'TUMBLE' || fn === 'SESSION' ? 1 : 2;
  if (args.length < least || args.length > most) {
    throw problem('invalid-window', `${fn} takes ${shape}, but ${args.length} arguments are given`, position);
  }
  const spec = windowOf(fn, args);
  if (spec.kind === 'hop') checkMultiple('HOP', 'slide', spec.slide, spec.size, args[1].position);
  if (spec.kind === 'cumulate') checkMultiple('CUMULATE', 'step', spec.step, spec.size, args[1].position);
  return spec;
}

const SHAPES = {
  TUMBLE: [2, 'a size and perhaps an offset'],
  HOP: [3, 'a slide, a size and perhaps an offset'],
  CUMULATE: [3, 'a step, a size and perhaps an offset'],
} as const;

/** A window of these intervals, each in its own range. */
export function windowOf(fn: ast.WindowTable['function'], args: readonly ast.Expression[]): WindowSpec {
  switch (fn) {
    case 'TUMBLE': {
      const size = positiveInterval(args[0], 'The size of TUMBLE');
      const offset = offsetOf('TUMBLE', args[1]);
      if (Math.abs(offset) >= size) {
        throw problem(
          'invalid-window',
          `The offset of TUMBLE must be smaller than its size (${size} ms), but is ${offset} ms`,
          args[1].position,
        );
      }
      return { kind: 'tumble', size, offset };
    }
    case 'HOP': {
      const slide = positiveInterval(args[0], 'The slide of HOP');
      return {
        kind: 'hop',
        size: positiveInterval(args[1], 'The size of HOP'),
        slide,
        offset: offsetOf('HOP', args[2]),
      };
    }
    case 'CUMULATE': {
      const step = positiveInterval(args[0], 'The step of CUMULATE');
      const size = positiveInterval(args[1], 'The size of CUMULATE');
      return { kind: 'cumulate', size, step, offset: offsetOf('CUMULATE', args[2]) };
    }
    case 'SESSION':
      return { kind: 'session', gap: positiveInterval(args[0], 'The gap of SESSION') };
    default:
      return unreachable(fn);
  }
}

function checkMultiple(fn: string, part: string, length: number, size: number, position: SourcePosition): void {
  if (size % length === 0) return;
  throw problem(
    'invalid-window',
    `The size of ${fn} must be an integral multiple of its ${part}, but got size ${size} ms and ${part} ${length} ms`,
    position,
  );
}

function offsetOf(fn: string, arg: ast.Expression | undefined): number {
  return arg === undefined ? 0 : constantInterval(arg, `The offset of ${fn}`);
}

function positiveInterval(arg: ast.Expression, what: string): number {
  const value = constantInterval(arg, what);
  if (value <= 0) throw problem('invalid-window', `${what} must be positive, but is ${value} ms`, arg.position);
  return value;
}

function constantInterval(arg: ast.Expression, what: string): number {
  const expr = bindExpression(arg, {
    clause: 'a window function',
    column: (_parts, position) => {
      throw problem('invalid-window', `${what} must be a constant interval`, position);
    },
  });
  if (!isConstant(expr) || expr.kind !== 'literal' || expr.type.kind !== 'INTERVAL_DAY_TIME') {
    throw problem(
      'invalid-window',
      `${what} must be an interval of days, hours, minutes or seconds such as INTERVAL '10' SECOND, but is ${shown(expr.type)}`,
      arg.position,
    );
  }
  return Number(expr.value);
}
