import { unreachable } from '../data/errors.ts';
import type { Schema } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { PROPERTIES } from './bind-window.ts';
import { and, conjuncts, inputRef, inputsOf, remap } from './expression-tools.ts';
import type { LogicalNode, WindowAggregate, WindowProperty, WindowTable } from './logical.ts';

/** Where windows come from: a window table function, or an aggregation (whose windows a second one may use again). */
export type WindowSource = WindowTable | WindowAggregate;

export interface WindowOrigin {
  readonly source: WindowSource;
  readonly property: WindowProperty;
}

/** The window column that a column forwards unmodified, if it is one. */
export function windowOrigin(node: LogicalNode, column: number): WindowOrigin | undefined {
  switch (node.kind) {
    case 'calc': {
      const expr = node.projections[column];
      return expr.kind === 'input' ? windowOrigin(node.input, expr.index) : undefined;
    }
    case 'window-table': {
      // Its windows take the place of those that its input has: their bounds are plain columns from here on.
      const property = node.properties[column - node.input.schema.length];
      return property === undefined ? undefined : { source: node, property };
    }
    case 'window-aggregate': {
      const property = node.properties[column - node.keys.length - node.aggregates.length];
      if (property !== undefined) return { source: node, property };
      // Sessions that come with the rows are a key of the aggregation, as its start.
      return node.window.kind === 'session' && node.attached && column < node.keys.length
        ? windowOrigin(node.input, node.keys[column])
        : undefined;
    }
    case 'limit':
    case 'sort':
      return windowOrigin(node.input, column);
    case 'expand':
    case 'unnest':
      return column < node.input.schema.length ? windowOrigin(node.input, column) : undefined;
    case 'scan':
    case 'group-aggregate':
    case 'union':
    case 'set-operation':
      return undefined;
    default:
      return unreachable(node);
  }
}

/** The windows by which these group keys make a window aggregation: window_start and window_end of one source. */
export function windowOf(node: LogicalNode, keys: readonly Expr[]): WindowSource | undefined {
  const origins = keys.map((key) => (key.kind === 'input' ? windowOrigin(node, key.index) : undefined));
  return origins.find(
    (origin) =>
      origin?.property === 'window_start' &&
      origins.some((other) => other?.property === 'window_end' && other.source === origin.source),
  )?.source;
}

/** The column of the window function's input that a column forwards unmodified, if it is one. */
export function columnOrigin(node: LogicalNode, source: WindowSource, column: number): number | undefined {
  if (node === source) return column < source.input.schema.length ? column : undefined;
  if (node.kind !== 'calc') return undefined;
  const expr = node.projections[column];
  return expr.kind === 'input' ? columnOrigin(node.input, source, expr.index) : undefined;
}

/** The input of a window aggregation with its window columns taken out. */
export interface WithoutWindows {
  readonly node: LogicalNode;
  /** For each column before: its place in `node`, or the window property it was. */
  readonly columns: readonly (number | WindowProperty)[];
  readonly timeColumn: number;
  /** Conditions on window columns alone; they hold above the aggregation. Input -1 is window_start, -2 end, -3 time. */
  readonly lifted: Expr | undefined;
}

/**
 * Removes the window columns between a window table function and `node`, for an aggregation that assigns windows
 * itself, by the time column. Undefined where something computes with a window column, or where the windows cannot be
 * assigned without the function (they come from another aggregation).
 */
export function withoutWindows(node: LogicalNode, source: WindowSource): WithoutWindows | undefined {
  if (node === source) {
    if (node.kind !== 'window-table') return undefined;
    const columns = [...node.input.schema.map((_, i) => i), ...node.properties];
    return { node: node.input, columns, timeColumn: node.timeColumn, lifted: undefined };
  }
  if (node.kind !== 'calc') return undefined;
  const inner = withoutWindows(node.input, source);
  if (inner === undefined) return undefined;
  const { columns } = inner;
  const window = (expr: Expr): boolean => [...inputsOf(expr)].some((i) => typeof columns[i] !== 'number');
  let filter: Expr | undefined;
  let lifted = inner.lifted;
  for (const conjunct of conjuncts(node.filter)) {
    const inputs = [...inputsOf(conjunct)];
    if (inputs.length > 0 && inputs.every((i) => typeof columns[i] !== 'number')) {
      const onWindows = remap(conjunct, (i) => propertyInput(columns[i]));
      lifted = and(lifted, onWindows);
    } else if (window(conjunct)) return undefined;
    else filter = and(filter, plain(conjunct, inner));
  }
  const projections: Expr[] = [];
  const schema: Schema[number][] = [];
  const places: (number | WindowProperty)[] = [];
  for (const [i, expr] of node.projections.entries()) {
    const from = expr.kind === 'input' ? columns[expr.index] : 0;
    if (typeof from !== 'number') {
      places.push(from);
      continue;
    }
    if (window(expr)) return undefined;
    schema.push(node.schema[i]);
    places.push(projections.push(plain(expr, inner)) - 1);
  }
  const time = inner.node.schema[inner.timeColumn];
  const timeColumn = projections.push(inputRef(inner.timeColumn, time.type)) - 1;
  schema.push(time);
  return {
    node: { kind: 'calc', input: inner.node, filter, projections, schema },
    columns: places,
    timeColumn,
    lifted,
  };
}

/** An expression over the input with window columns, moved to the one without. */
export function plain(expr: Expr, input: WithoutWindows): Expr {
  return remap(expr, (index) => {
    const column = input.columns[index];
    if (typeof column !== 'number') throw new Error(`${column} was taken out although it is used`);
    return column;
  });
}

function propertyInput(column: number | WindowProperty): number {
  return typeof column === 'number' ? column : -1 - PROPERTIES.indexOf(column);
}

/** The property that an input of a lifted condition stands for. */
export function liftedProperty(index: number): WindowProperty {
  return PROPERTIES[-1 - index];
}
