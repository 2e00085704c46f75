import { stripAttribute, type Schema } from '../data/types.ts';
import type { AggregateCall, Expr, InputRef } from '../expressions/typed.ts';
import type { BoundAggregate } from './aggregate-calls.ts';
import { exprKey, inputRef, remap } from './expression-tools.ts';
import type { LogicalNode, WindowProperty } from './logical.ts';
import { filterNode, projectNode, refs, uniqueNames } from './logical-tools.ts';
import {
  attachWindow,
  liftedProperty,
  propertyType,
  windowOf,
  windowOrigin,
  type Attached,
  type WindowSource,
} from './window-lineage.ts';

/** An aggregation and where its groups and aggregates are among its columns. */
export interface Aggregation {
  readonly node: LogicalNode;
  readonly groups: readonly number[];
  readonly aggregates: readonly number[];
}

/**
 * Builds the aggregation of `input` by expressions over its columns. It is a window aggregation iff the groups hold
 * window_start and window_end of one TUMBLE, otherwise an updating one. Keys and arguments are computed in a calc
 * before it.
 */
export function buildAggregation(
  input: LogicalNode,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): Aggregation {
  const source = windowOf(input, groups);
  if (source !== undefined) return windowAggregation(input, source, groups, aggregates);
  const columns = new InputColumns(input);
  const keyColumns = groups.map((group) => columns.add(group).index);
  const keys = [...new Set(keyColumns)];
  const calls = aggregates.map((aggregate) => columns.call(aggregate, (expr) => expr));
  const before = columns.node();
  const schema: Schema = [...keySchema(before, keys), ...aggregateSchema(calls)];
  return {
    node: { kind: 'group-aggregate', input: before, keys, aggregates: calls, schema },
    groups: keyColumns.map((column) => keys.indexOf(column)),
    aggregates: calls.map((_, i) => keys.length + i),
  };
}

/** SELECT DISTINCT: groups by all columns. */
export function distinct(input: LogicalNode): LogicalNode {
  const { node, groups } = buildAggregation(input, refs(input.schema), []);
  const projections = groups.map((column) => inputRef(column, node.schema[column].type));
  return projectNode(
    node,
    projections,
    input.schema.map((field) => field.name),
  );
}

function windowAggregation(
  input: LogicalNode,
  source: WindowSource,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): Aggregation {
  const attached = attachWindow(input, source);
  const plain = (expr: Expr): Expr => withoutWindows(expr, attached);
  const columns = new InputColumns(attached.node);
  const places = groups.map((group): number | WindowProperty => {
    const origin = group.kind === 'input' ? windowOrigin(input, group.index) : undefined;
    return origin?.source === source ? origin.property : columns.add(plain(group)).index;
  });
  const keys = [...new Set(places.filter((place) => typeof place === 'number'))];
  const properties = [...new Set(places.filter((place) => typeof place !== 'number'))];
  const timeType = attached.node.schema[attached.timeColumn].type;
  const timeColumn = columns.add(inputRef(attached.timeColumn, timeType)).index;
  const calls = aggregates.map((aggregate) => columns.call(aggregate, plain));
  const before = columns.node();
  const lifted = attached.lifted;
  if (lifted !== undefined) {
    remap(lifted, (index) => {
      const property = liftedProperty(index);
      if (!properties.includes(property)) properties.push(property);
      return index;
    });
  }
  const schema: Schema = [
    ...keySchema(before, keys),
    ...aggregateSchema(calls),
    ...properties.map((name) => ({ name, type: propertyType(name, timeType) })),
  ];
  const first = keys.length + calls.length;
  const { window, position } = source;
  const node: LogicalNode = {
    kind: 'window-aggregate',
    input: before,
    window,
    timeColumn,
    keys,
    aggregates: calls,
    properties,
    position,
    schema,
  };
  const condition =
    lifted === undefined ? undefined : remap(lifted, (index) => first + properties.indexOf(liftedProperty(index)));
  return {
    node: filterNode(node, condition),
    groups: places.map((place) =>
      typeof place === 'number' ? keys.indexOf(place) : first + properties.indexOf(place),
    ),
    aggregates: calls.map((_, i) => keys.length + i),
  };
}

/** An expression over the aggregation's input, moved to the input without window columns. */
function withoutWindows(expr: Expr, attached: Attached): Expr {
  return remap(expr, (index) => {
    const column = attached.columns[index];
    if (typeof column === 'number') return column;
    throw new WindowColumnUsed(column);
  });
}

/** An aggregate or a key computes with a window column; the binder knows its position. */
export class WindowColumnUsed extends Error {
  readonly column: WindowProperty;
  constructor(column: WindowProperty) {
    super(column);
    this.column = column;
  }
}

/** The calc before an aggregation: equal expressions become one column. */
class InputColumns {
  private readonly input: LogicalNode;
  private readonly expressions: Expr[] = [];
  private readonly places = new Map<string, number>();

  constructor(input: LogicalNode) {
    this.input = input;
  }

  add(expr: Expr): InputRef {
    const key = exprKey(expr);
    const known = this.places.get(key);
    const index = known ?? this.expressions.push(expr) - 1;
    this.places.set(key, index);
    return inputRef(index, expr.type);
  }

  call(aggregate: BoundAggregate, plain: (expr: Expr) => Expr): AggregateCall {
    const { fn, arg, distinct: isDistinct, filter, type } = aggregate;
    return {
      fn,
      arg: arg === undefined ? undefined : this.add(plain(arg)),
      distinct: isDistinct,
      filter: filter === undefined ? undefined : this.add(plain(filter)),
      type,
    };
  }

  node(): LogicalNode {
    const names = this.expressions.map((expr, i) =>
      expr.kind === 'input' ? this.input.schema[expr.index].name : `$f${i}`,
    );
    return projectNode(this.input, this.expressions, uniqueNames(names));
  }
}

function keySchema(input: LogicalNode, keys: readonly number[]): Schema {
  return keys.map((key) => ({ name: input.schema[key].name, type: stripAttribute(input.schema[key].type) }));
}

function aggregateSchema(calls: readonly AggregateCall[]): Schema {
  return calls.map((call, i) => ({ name: `$agg${i}`, type: call.type }));
}
