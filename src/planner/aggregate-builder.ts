import { stripAttribute, type Schema, type SqlType } from '../data/types.ts';
import type { AggregateCall, Expr, InputRef } from '../expressions/typed.ts';
import type { SourcePosition } from '../data/errors.ts';
import type { BoundAggregate } from './aggregate-calls.ts';
import { propertyType } from './bind-window.ts';
import { isGroupItself } from './equal-values.ts';
import { exprKey, inputRef, inputsOf, isProctime, remap } from './expression-tools.ts';
import type { LogicalNode, WindowProperty } from './logical.ts';
import { filterNode, projectNode, refs, uniqueNames } from './logical-tools.ts';
import { unsupported } from './problem.ts';
import {
  columnOrigin,
  liftedProperty,
  plain,
  windowOf,
  windowOrigin,
  withoutWindows,
  type WindowSource,
  type WithoutWindows,
} from './window-lineage.ts';

/** An aggregation and where its groups and aggregates are among its columns. */
export interface Aggregation {
  readonly node: LogicalNode;
  readonly groups: readonly number[];
  readonly aggregates: readonly number[];
}

/**
 * Builds the aggregation of `input` by expressions over its columns. It is a window aggregation iff the groups hold
 * window_start and window_end of one window function, otherwise an updating one. Keys and arguments are computed in a calc
 * before it.
 */
export function buildAggregation(
  input: LogicalNode,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): Aggregation {
  const source = windowOf(input, groups);
  const isPlain = (group: Expr): boolean => source === undefined || propertyOf(input, source, group) === undefined;
  const places = aggregates.map((one) => groups.findIndex((group) => isPlain(group) && isGroupItself(one, group)));
  const rest = aggregates.filter((_, i) => places[i] < 0);
  const computed =
    source === undefined ? updatingAggregation(input, groups, rest) : windowAggregation(input, source, groups, rest);
  const columns = computed.aggregates.values();
  return {
    ...computed,
    aggregates: places.map((place) => (place < 0 ? (columns.next().value as number) : computed.groups[place])),
  };
}

function updatingAggregation(
  input: LogicalNode,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): Aggregation {
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
  refuseInSessions(source, aggregates);
  const without = withoutWindows(input, source);
  const assigns =
    without !== undefined &&
    assignable(without, input, source, groups, aggregates) &&
    !aggregatesAttached(source, without, aggregates);
  // By the wall clock, rows that have their windows come after these have closed.
  if (!assigns && isProctime(timeTypeOf(source))) return updatingAggregation(input, groups, aggregates);
  return assigns ? assigned(input, source, without, groups, aggregates) : attached(input, source, groups, aggregates);
}

function timeTypeOf(source: WindowSource): SqlType {
  return source.kind === 'window-table' ? source.input.schema[source.timeColumn].type : source.timeType;
}

/** Sessions are merged, and the first and the last value of merged rows are not known. */
function refuseInSessions({ window, position }: WindowSource, aggregates: readonly BoundAggregate[]): void {
  const ordered = aggregates.find(isOrdered);
  if (window.kind === 'session' && ordered !== undefined) throw unsupportedOrder(ordered, window, position);
}

/**
 * FIRST_VALUE and LAST_VALUE do not know which of two panes came first. Where a condition is on the window, its rows are
 * put together one window at a time, without panes.
 */
function aggregatesAttached(
  { window, position }: WindowSource,
  { lifted }: WithoutWindows,
  aggregates: readonly BoundAggregate[],
): boolean {
  const ordered = aggregates.find(isOrdered);
  if (window.kind === 'tumble' || ordered === undefined) return false;
  if (lifted !== undefined) return true;
  throw unsupportedOrder(ordered, window, position);
}

function isOrdered({ fn }: BoundAggregate): boolean {
  return fn === 'FIRST_VALUE' || fn === 'LAST_VALUE';
}

function unsupportedOrder({ fn }: BoundAggregate, { kind }: WindowSource['window'], position: SourcePosition): Error {
  return unsupported(`${fn} in windows of ${kind.toUpperCase()}`, position);
}

/** The aggregation can assign windows itself: nothing computes with window columns, and sessions are those of its keys. */
function assignable(
  without: WithoutWindows,
  input: LogicalNode,
  source: WindowSource,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): boolean {
  const keys = groups.filter((group) => propertyOf(input, source, group) === undefined);
  const used = inputsOf(...keys, ...aggregates.flatMap(({ arg, second, filter }) => [arg, second, filter]));
  if ([...used].some((column) => typeof without.columns[column] !== 'number')) return false;
  if (source.kind !== 'window-table' || source.window.kind !== 'session' || source.partition === 'groups') return true;
  const origins = keys.map((key) => (key.kind === 'input' ? columnOrigin(input, source, key.index) : undefined));
  const { partition } = source;
  return (
    origins.every((origin) => origin !== undefined && partition.includes(origin)) &&
    partition.every((column) => origins.includes(column))
  );
}

/** Window aggregation by time: one operator assigns windows and aggregates. */
function assigned(
  input: LogicalNode,
  source: WindowSource,
  without: WithoutWindows,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): Aggregation {
  const columns = new InputColumns(without.node);
  const places = groups.map(
    (group): Place => propertyOf(input, source, group) ?? columns.add(plain(group, without)).index,
  );
  const timeType = without.node.schema[without.timeColumn].type;
  const timeColumn = columns.add(inputRef(without.timeColumn, timeType)).index;
  const calls = aggregates.map((aggregate) => columns.call(aggregate, (expr) => plain(expr, without)));
  const parts = { source, timeColumn, timeType, attached: false, places, calls };
  return windowNode(columns.node(), parts, without.lifted);
}

/** Window aggregation of rows that have their windows: by the end, and for sessions by the start too. */
function attached(
  input: LogicalNode,
  source: WindowSource,
  groups: readonly Expr[],
  aggregates: readonly BoundAggregate[],
): Aggregation {
  const columns = new InputColumns(input);
  let timeColumn = -1;
  const places = groups.map((group): Place => {
    const property = propertyOf(input, source, group);
    if (property === 'window_end') timeColumn = columns.add(group).index;
    const isKey = property === undefined || (property === 'window_start' && source.window.kind === 'session');
    return isKey ? columns.add(group).index : property;
  });
  const timeType = timeTypeOf(source);
  const calls = aggregates.map((aggregate) => columns.call(aggregate, (expr) => expr));
  return windowNode(columns.node(), { source, timeColumn, timeType, attached: true, places, calls }, undefined);
}

type Place = number | WindowProperty;

function windowNode(
  input: LogicalNode,
  parts: {
    readonly source: WindowSource;
    readonly timeColumn: number;
    readonly timeType: SqlType;
    readonly attached: boolean;
    /** Of each group: a column of the input, or a column of the window. */
    readonly places: readonly Place[];
    readonly calls: readonly AggregateCall[];
  },
  lifted: Expr | undefined,
): Aggregation {
  const { source, timeColumn, timeType, places, calls } = parts;
  const keys = [...new Set(places.filter((place) => typeof place === 'number'))];
  const conditions = [...inputsOf(lifted)].map(liftedProperty);
  const properties = [...new Set([...places.filter((place) => typeof place !== 'number'), ...conditions])];
  const schema: Schema = [
    ...keySchema(input, keys),
    ...aggregateSchema(calls),
    ...properties.map((name) => ({ name, type: propertyType(name, timeType) })),
  ];
  const first = keys.length + calls.length;
  const { window, position } = source;
  const node: LogicalNode = {
    kind: 'window-aggregate',
    input,
    window,
    timeColumn,
    timeType,
    attached: parts.attached,
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

/** The column of these windows that a group forwards, if it is one. */
function propertyOf(input: LogicalNode, source: WindowSource, group: Expr): WindowProperty | undefined {
  const origin = group.kind === 'input' ? windowOrigin(input, group.index) : undefined;
  return origin?.source === source ? origin.property : undefined;
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
    const { fn, arg, second, distinct: isDistinct, filter, type, ...settings } = aggregate;
    return {
      fn,
      arg: arg === undefined ? undefined : this.add(plain(arg)),
      ...(second === undefined ? {} : { second: this.add(plain(second)) }),
      distinct: isDistinct,
      filter: filter === undefined ? undefined : this.add(plain(filter)),
      type,
      ...settings,
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
