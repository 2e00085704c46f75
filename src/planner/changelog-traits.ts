import { unreachable } from '../data/errors.ts';
import type { Expr } from '../expressions/typed.ts';
import { isConstant } from './expression-tools.ts';
import type { Calc, LogicalNode, WindowTable } from './logical.ts';
import { injectiveCast } from './types/cast-rules.ts';

/** What a node's output is, whatever is asked of it. */
export interface Traits {
  /** Rows may be changed or deleted later. */
  readonly updating: boolean;
  readonly upsertKeys: readonly (readonly number[])[];
  /** Columns by whose values the rows are distributed over tasks; undefined when by none, [] when on one task. */
  readonly partition: readonly number[] | undefined;
  /** Columns that hold one literal. */
  readonly constants: ReadonlySet<number>;
  /** The node that makes the changes, for messages. */
  readonly changedBy: LogicalNode | undefined;
}

export type TraitsOf = (node: LogicalNode) => Traits;

/** Traits of every node of a tree, computed once per node. */
export function traitsOf(): TraitsOf {
  const known = new Map<LogicalNode, Traits>();
  const of: TraitsOf = (node) => {
    const traits = known.get(node) ?? derive(node, of);
    known.set(node, traits);
    return traits;
  };
  return of;
}

const APPEND: Traits = {
  updating: false,
  upsertKeys: [],
  partition: undefined,
  constants: new Set(),
  changedBy: undefined,
};

function derive(node: LogicalNode, of: TraitsOf): Traits {
  switch (node.kind) {
    case 'scan': {
      if (node.table.ability.mode === 'append') return APPEND;
      const { columns, primaryKey } = node.table.definition;
      const key = primaryKey.map((name) => columns.findIndex((column) => column.name === name));
      return { ...APPEND, updating: true, upsertKeys: key.length === 0 ? [] : [key], changedBy: node };
    }
    case 'calc':
      return deriveCalc(node, of(node.input));
    case 'window-table':
      return windowTableTraits(node, of(node.input));
    case 'window-aggregate': {
      const keys = node.keys.map((_, i) => i);
      const first = keys.length + node.aggregates.length;
      const upsertKeys = node.properties.map((_, i) => [...keys, first + i]);
      return { ...APPEND, upsertKeys, partition: keys };
    }
    case 'group-aggregate': {
      const keys = node.keys.map((_, i) => i);
      return { updating: true, upsertKeys: [keys], partition: keys, constants: new Set(), changedBy: node };
    }
    case 'union': {
      const changing = node.inputs.map(of).find((traits) => traits.updating);
      return { ...APPEND, updating: changing !== undefined, changedBy: changing?.changedBy };
    }
    case 'set-operation': {
      const all = node.schema.map((_, i) => i);
      return { ...APPEND, updating: true, upsertKeys: node.all ? [] : [all], partition: all, changedBy: node };
    }
    case 'limit':
    case 'sort':
      return { ...of(node.input), partition: [] };
    case 'expand': {
      const input = of(node.input);
      const set = node.schema.length - 1;
      return { ...input, upsertKeys: input.upsertKeys.map((key) => [...key, set]) };
    }
    case 'unnest':
      return { ...of(node.input), upsertKeys: [] };
    default:
      return unreachable(node);
  }
}

/** A row may be in several windows: its key then needs the window's. */
function windowTableTraits(node: WindowTable, input: Traits): Traits {
  const width = node.input.schema.length;
  const many = node.window.kind === 'hop' || node.window.kind === 'cumulate';
  const upsertKeys = many
    ? node.properties.flatMap((property, i) =>
        property === 'window_start' && node.window.kind === 'cumulate'
          ? []
          : input.upsertKeys.map((key) => [...key, width + i]),
      )
    : input.upsertKeys;
  const partition = node.window.kind === 'session' && node.partition !== 'groups' ? node.partition : input.partition;
  return { ...input, upsertKeys, partition };
}

function deriveCalc(calc: Calc, input: Traits): Traits {
  const places = new Map<number, number>();
  const constants = new Set<number>();
  calc.projections.forEach((expr, i) => {
    const column = keptColumn(expr);
    if (column !== undefined && !places.has(column)) places.set(column, i);
    if (isConstant(expr) || (column !== undefined && input.constants.has(column))) constants.add(i);
  });
  const move = (columns: readonly number[]): readonly number[] | undefined => {
    const moved = columns.flatMap((column) => places.get(column) ?? []);
    return moved.length === columns.length ? moved : undefined;
  };
  return {
    updating: input.updating,
    upsertKeys: input.upsertKeys.flatMap((key) => {
      const moved = move(key);
      return moved === undefined ? [] : [moved];
    }),
    partition: input.partition === undefined ? undefined : move(input.partition),
    constants,
    changedBy: input.changedBy,
  };
}

/** The column whose distinct values an expression keeps apart. */
function keptColumn(expr: Expr): number | undefined {
  if (expr.kind === 'input') return expr.index;
  if (expr.kind === 'cast' && injectiveCast(expr.arg.type, expr.type)) return keptColumn(expr.arg);
  return undefined;
}
