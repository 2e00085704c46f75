import type * as ast from '../sql/ast.ts';
import type { Expr } from '../expressions/typed.ts';
import { bindExpression, type BindContext } from './bind-expression.ts';
import { shown } from './bind-operators.ts';
import { PROPERTIES, windowOf, windowTable } from './bind-window.ts';
import { inputRef } from './expression-tools.ts';
import type { LogicalNode, WindowProperty, WindowTable } from './logical.ts';
import { problem, unsupported } from './problem.ts';
import { isTimestamp } from '../expressions/types/common-type.ts';

/** The older form of windows: GROUP BY TUMBLE(ts, size), with TUMBLE_START(ts, size) and so on in the select list. */
export interface GroupWindow {
  /** The input with the window's columns behind its own. */
  readonly node: WindowTable;
  /** The window function among the groups. */
  readonly expression: ast.Expression;
  /** The window's columns, in the order of PROPERTIES. */
  readonly groups: readonly Expr[];
  /** The column that an auxiliary function such as TUMBLE_START stands for; undefined for every other expression. */
  auxiliary(expression: ast.Expression): AuxiliaryColumn | undefined;
}

interface AuxiliaryColumn {
  readonly property: WindowProperty;
  /** The type of the function, not its values: a _ROWTIME of a nullable time attribute is nullable. */
  readonly isNullable: boolean;
}

type GroupFunction = 'TUMBLE' | 'HOP' | 'SESSION';

const INTERVALS: Readonly<Record<GroupFunction, number>> = { TUMBLE: 1, HOP: 2, SESSION: 1 };
const AUXILIARY: ReadonlyMap<string, WindowProperty> = new Map<string, WindowProperty>([
  ['START', 'window_start'],
  ['END', 'window_end'],
  ['ROWTIME', 'window_time'],
  ['PROCTIME', 'window_time'],
]);

/** The window function of GROUP BY, if there is one. */
export function bindGroupWindow(
  groupBy: readonly ast.Expression[],
  input: LogicalNode,
  context: BindContext,
): GroupWindow | undefined {
  const [call, second] = groupBy.flatMap((group) => windowCall(group) ?? []);
  if (call === undefined) return undefined;
  if (second !== undefined)
    throw problem(
      'invalid-window',
      'Only a single window group function may be used in GROUP BY',
      second.expression.position,
    );
  const bound = bindCall(call.fn, call.expression, context);
  const node = windowTable(input, bound.window, bound.timeColumn, 'groups', call.expression.position);
  const first = input.schema.length;
  return {
    node,
    expression: call.expression,
    groups: PROPERTIES.map((_, i) => inputRef(first + i, node.schema[first + i].type)),
    auxiliary: (expression) => auxiliary(expression, call.fn, bound, context),
  };
}

function windowCall(
  expression: ast.Expression,
): { readonly fn: GroupFunction; readonly expression: ast.FunctionCall } | undefined {
  if (expression.kind !== 'function') return undefined;
  const name = expression.name.toUpperCase();
  return name === 'TUMBLE' || name === 'HOP' || name === 'SESSION' ? { fn: name, expression } : undefined;
}

interface BoundCall {
  readonly window: WindowTable['window'];
  readonly timeColumn: number;
  /** What the time attribute is: of events or of processing; and whether its type is nullable. */
  readonly attribute: string;
  readonly nullable: boolean;
}

function bindCall(fn: GroupFunction, call: ast.FunctionCall, context: BindContext): BoundCall {
  const [time, ...intervals] = call.args;
  const wanted = INTERVALS[fn];
  if (intervals.length === wanted + 1) throw unsupported(`${fn} with an alignment`, intervals[wanted].position);
  if (intervals.length !== wanted) {
    throw problem(
      'invalid-window',
      `${fn} in GROUP BY takes a time attribute and ${wanted} interval(s), but ${call.args.length} argument(s) are given`,
      call.position,
    );
  }
  const column = bindExpression(time, context);
  if (column.kind !== 'input' || !isTimestamp(column.type) || column.type.attribute === undefined) {
    throw problem(
      'no-time-attribute',
      `Window aggregate can only be defined over a time attribute column, but ${shown(column.type)} encountered. ` +
        'Declare WATERMARK FOR the column; an expression over it is no time attribute any more',
      time.position,
    );
  }
  const { attribute, nullable } = column.type;
  return { window: windowOf(fn, intervals), timeColumn: column.index, attribute, nullable };
}

function auxiliary(
  expression: ast.Expression,
  fn: GroupFunction,
  window: BoundCall,
  context: BindContext,
): AuxiliaryColumn | undefined {
  if (expression.kind !== 'function') return undefined;
  const match = /^(TUMBLE|HOP|SESSION)_(START|END|ROWTIME|PROCTIME)$/.exec(expression.name.toUpperCase());
  if (match === null) return undefined;
  const property = AUXILIARY.get(match[2]);
  const same = match[1] === fn && JSON.stringify(bindCall(fn, expression, context)) === JSON.stringify(window);
  const kind = match[2].toLowerCase();
  const isOther = (kind === 'rowtime' || kind === 'proctime') && kind !== window.attribute;
  if (property !== undefined && same && !isOther)
    return { property, isNullable: kind === 'rowtime' && window.nullable };
  throw problem(
    'invalid-window',
    `${match[0]} has other arguments than the ${fn} of GROUP BY, or its time attribute is of another kind; expected the same time attribute and intervals`,
    expression.position,
  );
}
