import { unreachable } from '../data/errors.ts';
import { type Schema, stripAttribute } from '../data/types.ts';
import type { AggregateCall, Expr } from '../expressions/typed.ts';
import { inputRef, inputsOf, remap } from './expression-tools.ts';
import type { Calc, Expand, GroupAggregate, LogicalNode, Unnest, WindowAggregate, WindowTable } from './logical.ts';

interface Pruned {
  readonly node: LogicalNode;
  /** Old column to new column; defined for the required ones. */
  readonly columns: ReadonlyMap<number, number>;
}

/** Takes out the columns that nothing above uses, down to a calc over each scan that names the columns to read. */
export function pruneColumns(root: LogicalNode): LogicalNode {
  const required = root.schema.map((_, i) => i);
  return exactly(prune(root, new Set(required)), required, root);
}

function prune(node: LogicalNode, required: ReadonlySet<number>): Pruned {
  switch (node.kind) {
    case 'scan': {
      const kept = ascending(required);
      const projections = kept.map((i) => inputRef(i, node.schema[i].type));
      const calc: Calc = {
        kind: 'calc',
        input: node,
        filter: undefined,
        projections,
        schema: kept.map((i) => node.schema[i]),
      };
      return { node: calc, columns: placesOf(kept) };
    }
    case 'calc': {
      const kept = ascending(required);
      const projections = kept.map((i) => node.projections[i]);
      const input = prune(node.input, inputsOf(node.filter, ...projections));
      const move = (expr: Expr): Expr => remap(expr, (i) => placeIn(input.columns, i));
      const calc: Calc = {
        kind: 'calc',
        input: input.node,
        filter: node.filter === undefined ? undefined : move(node.filter),
        projections: projections.map(move),
        schema: kept.map((i) => node.schema[i]),
      };
      return { node: calc, columns: placesOf(kept) };
    }
    case 'window-table':
      return pruneWindowTable(node, required);
    case 'window-aggregate':
    case 'group-aggregate':
      return pruneAggregate(node, required);
    case 'union': {
      const kept = ascending(required);
      const inputs = node.inputs.map((input) => exactly(prune(input, required), kept, input));
      return { node: { ...node, inputs, schema: kept.map((i) => node.schema[i]) }, columns: placesOf(kept) };
    }
    case 'set-operation': {
      // Rows are the same or not by all of their columns.
      const all = node.schema.map((_, i) => i);
      const whole = (input: LogicalNode): LogicalNode => exactly(prune(input, new Set(all)), all, input);
      return { node: { ...node, inputs: [whole(node.inputs[0]), whole(node.inputs[1])] }, columns: placesOf(all) };
    }
    case 'limit': {
      const { node: input, columns } = prune(node.input, required);
      return { node: { ...node, input, schema: input.schema }, columns };
    }
    case 'sort': {
      const { node: input, columns } = prune(node.input, new Set([...required, ...node.keys.map((key) => key.column)]));
      const keys = node.keys.map((key) => ({ ...key, column: placeIn(columns, key.column) }));
      return { node: { ...node, input, keys, schema: input.schema }, columns };
    }
    case 'expand':
      return pruneAdded(node, required, node.groups, (input, place, added) => ({
        ...node,
        input,
        groups: node.groups.map(place),
        schema: [...input.schema, ...added],
      }));
    case 'unnest':
      return pruneAdded(node, required, [node.column, ...inputsOf(node.condition)], (input, place, added) => ({
        ...node,
        input,
        column: place(node.column),
        condition: node.condition === undefined ? undefined : remap(node.condition, place),
        schema: [...input.schema, ...added],
      }));
    default:
      return unreachable(node);
  }
}

/** A node that adds columns to its input, all of which stay. */
function pruneAdded(
  node: Expand | Unnest,
  required: ReadonlySet<number>,
  used: readonly number[],
  build: (input: LogicalNode, place: (i: number) => number, added: Schema) => LogicalNode,
): Pruned {
  const width = node.input.schema.length;
  const input = prune(node.input, new Set([...required, ...used].filter((i) => i < width)));
  const columns = new Map(input.columns);
  const added = node.schema.slice(width);
  added.forEach((_, i) => columns.set(width + i, input.node.schema.length + i));
  return { node: build(input.node, (i) => placeIn(columns, i), added), columns };
}

/** The time column and the columns that keep sessions apart stay, for the function itself. */
function pruneWindowTable(node: WindowTable, required: ReadonlySet<number>): Pruned {
  const width = node.input.schema.length;
  const partition = node.partition === 'groups' ? [] : node.partition;
  const used = [...required].filter((i) => i < width);
  const input = prune(node.input, new Set([...used, node.timeColumn, ...partition]));
  const place = (i: number): number => placeIn(input.columns, i);
  const properties = node.properties.filter((_, i) => required.has(width + i));
  const columns = new Map(used.map((i) => [i, place(i)]));
  const inputWidth = input.node.schema.length;
  properties.forEach((property, i) => columns.set(width + node.properties.indexOf(property), inputWidth + i));
  const schema = [
    ...input.node.schema.map((field, i) =>
      i === place(node.timeColumn) ? { name: field.name, type: stripAttribute(field.type) } : field,
    ),
    ...properties.map((property) => node.schema[width + node.properties.indexOf(property)]),
  ];
  return {
    node: {
      ...node,
      input: input.node,
      timeColumn: place(node.timeColumn),
      partition: partition.map(place),
      properties,
      schema,
    },
    columns,
  };
}

/** Keys stay, they make the groups; aggregates and window properties that are not used go. */
function pruneAggregate(node: WindowAggregate | GroupAggregate, required: ReadonlySet<number>): Pruned {
  const keyCount = node.keys.length;
  const first = keyCount + node.aggregates.length;
  const kept = node.schema.map((_, i) => i).filter((i) => i < keyCount || required.has(i));
  const calls = kept.filter((i) => i >= keyCount && i < first).map((i) => node.aggregates[i - keyCount]);
  const time = node.kind === 'window-aggregate' ? [node.timeColumn] : [];
  const used = new Set([...node.keys, ...time, ...calls.flatMap(callInputs)]);
  const input = prune(node.input, used);
  const place = (i: number): number => placeIn(input.columns, i);
  const common = {
    input: input.node,
    keys: node.keys.map(place),
    aggregates: calls.map((call) => moveCall(call, place)),
    schema: kept.map((i) => node.schema[i]),
  };
  const columns = placesOf(kept);
  if (node.kind === 'group-aggregate') return { node: { kind: 'group-aggregate', ...common }, columns };
  const properties = kept.filter((i) => i >= first).map((i) => node.properties[i - first]);
  const timeColumn = place(node.timeColumn);
  return { node: { ...node, ...common, timeColumn, properties }, columns };
}

function callInputs(call: AggregateCall): readonly number[] {
  return [call.arg, call.second, call.filter].flatMap((ref) => (ref === undefined ? [] : [ref.index]));
}

function moveCall(call: AggregateCall, place: (i: number) => number): AggregateCall {
  const { arg, second, filter } = call;
  return {
    ...call,
    ...(second === undefined ? {} : { second: inputRef(place(second.index), second.type) }),
    arg: arg === undefined ? undefined : inputRef(place(arg.index), arg.type),
    filter: filter === undefined ? undefined : inputRef(place(filter.index), filter.type),
  };
}

/** The node with exactly these columns in this order: a calc where it has others. */
function exactly({ node, columns }: Pruned, wanted: readonly number[], original: LogicalNode): LogicalNode {
  const places = wanted.map((i) => placeIn(columns, i));
  if (node.schema.length === wanted.length && places.every((place, i) => place === i)) return node;
  const projections = places.map((place) => inputRef(place, node.schema[place].type));
  return { kind: 'calc', input: node, filter: undefined, projections, schema: wanted.map((i) => original.schema[i]) };
}

function ascending(columns: ReadonlySet<number>): readonly number[] {
  return [...columns].sort((a, b) => a - b);
}

function placesOf(kept: readonly number[]): ReadonlyMap<number, number> {
  return new Map(kept.map((old, i) => [old, i]));
}

function placeIn(columns: ReadonlyMap<number, number>, column: number): number {
  const place = columns.get(column);
  if (place === undefined) throw new Error(`column ${column} was pruned although it is used`);
  return place;
}
