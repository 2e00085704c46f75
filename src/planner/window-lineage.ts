import { unreachable } from '../data/errors.ts';
import { notNull, timestamp, type Schema, type SqlType } from '../data/types.ts';
import type { Expr } from '../expressions/typed.ts';
import { and, conjuncts, inputRef, inputsOf, remap } from './expression-tools.ts';
import type { LogicalNode, Tumble, WindowAggregate, WindowProperty } from './logical.ts';
import { unsupported } from './problem.ts';

/** Where windows come from: a TUMBLE, or an aggregation over it (whose windows a second one may use again). */
export type WindowSource = Tumble | WindowAggregate;

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
    case 'tumble': {
      const property = PROPERTIES[column - node.input.schema.length];
      return property === undefined ? undefined : { source: node, property };
    }
    case 'window-aggregate': {
      const property = node.properties[column - node.keys.length - node.aggregates.length];
      return property === undefined ? undefined : { source: node, property };
    }
    case 'scan':
    case 'group-aggregate':
    case 'union':
      return undefined;
    default:
      return unreachable(node);
  }
}

const PROPERTIES: readonly WindowProperty[] = ['window_start', 'window_end', 'window_time'];

/** The windows by which these group keys make a window aggregation: window_start and window_end of one source. */
export function windowOf(node: LogicalNode, keys: readonly Expr[]): WindowSource | undefined {
  const origins = keys.map((key) => (key.kind === 'input' ? windowOrigin(node, key.index) : undefined));
  return origins.find(
    (origin) =>
      origin?.property === 'window_start' &&
      origins.some((other) => other?.property === 'window_end' && other.source === origin.source),
  )?.source;
}

/** The input of a window aggregation with its window columns taken out. */
export interface Attached {
  readonly node: LogicalNode;
  /** For each column before: its place in `node`, or the window property it was. */
  readonly columns: readonly (number | WindowProperty)[];
  readonly timeColumn: number;
  /** Conditions on window columns alone; they hold above the aggregation. Input -1 is window_start, -2 end, -3 time. */
  readonly lifted: Expr | undefined;
}

/** Removes the window columns between `source` and `node`: the aggregation assigns windows itself, by the time column. */
export function attachWindow(node: LogicalNode, source: WindowSource): Attached {
  if (node === source) return attachSource(source);
  if (node.kind !== 'calc') throw new Error('window columns come through calcs only');
  const inner = attachWindow(node.input, source);
  const where = source.position;
  const plain = (expr: Expr): Expr =>
    remap(expr, (index) => {
      const column = inner.columns[index];
      if (typeof column === 'number') return column;
      throw unsupported(
        `An expression over ${column} between TUMBLE and its aggregation`,
        where,
        `GROUP BY it, then compute`,
      );
    });
  let filter: Expr | undefined;
  let lifted = inner.lifted;
  for (const conjunct of conjuncts(node.filter)) {
    const inputs = [...inputsOf(conjunct)];
    const onWindows = inputs.length > 0 && inputs.every((i) => typeof inner.columns[i] !== 'number');
    if (onWindows)
      lifted = and(
        lifted,
        remap(conjunct, (i) => propertyInput(inner.columns[i])),
      );
    else filter = and(filter, plain(conjunct));
  }
  const projections: Expr[] = [];
  const schema: Schema[number][] = [];
  const columns = node.projections.map((expr, i) => {
    const from = expr.kind === 'input' ? inner.columns[expr.index] : 0;
    if (typeof from !== 'number') return from;
    projections.push(plain(expr));
    schema.push(node.schema[i]);
    return projections.length - 1;
  });
  const time = inner.node.schema[inner.timeColumn];
  projections.push(inputRef(inner.timeColumn, time.type));
  schema.push(time);
  const timeColumn = projections.length - 1;
  return { node: { kind: 'calc', input: inner.node, filter, projections, schema }, columns, timeColumn, lifted };
}

function attachSource(source: WindowSource): Attached {
  if (source.kind === 'tumble') {
    const columns = [...source.input.schema.map((_, i) => i), ...PROPERTIES];
    return { node: source.input, columns, timeColumn: source.timeColumn, lifted: undefined };
  }
  const first = source.keys.length + source.aggregates.length;
  const columns = source.schema.map((_, i) => (i < first ? i : source.properties[i - first]));
  const known = source.properties.indexOf('window_time');
  if (known >= 0) return { node: source, columns, timeColumn: first + known, lifted: undefined };
  const timeType = source.input.schema[source.timeColumn].type;
  const node: WindowAggregate = {
    ...source,
    properties: [...source.properties, 'window_time'],
    schema: [...source.schema, { name: 'window_time', type: propertyType('window_time', timeType) }],
  };
  return { node, columns, timeColumn: node.schema.length - 1, lifted: undefined };
}

export function propertyType(property: WindowProperty, timeType: SqlType): SqlType {
  if (property !== 'window_time') return notNull(timestamp(3));
  if (timeType.kind !== 'TIMESTAMP' && timeType.kind !== 'TIMESTAMP_LTZ')
    throw new Error('a time attribute is a timestamp');
  return { ...timeType, precision: 3, nullable: false };
}

function propertyInput(column: number | WindowProperty): number {
  return typeof column === 'number' ? column : -1 - PROPERTIES.indexOf(column);
}

/** The property that an input of a lifted condition stands for. */
export function liftedProperty(index: number): WindowProperty {
  return PROPERTIES[-1 - index];
}
