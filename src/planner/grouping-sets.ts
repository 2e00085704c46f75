import { BIGINT, notNull, nullable, type SqlType } from '../data/types.ts';
import type { Expr, InputRef } from '../expressions/typed.ts';
import type * as ast from '../sql/ast.ts';
import { booleanCall } from './bind-operators.ts';
import { exprKey, inputRef } from './expression-tools.ts';
import type { LogicalNode } from './logical.ts';
import { projectNode, refs } from './logical-tools.ts';

/** A grouping set: places among the groups, ascending. */
export type GroupingSet = readonly number[];

/** The grouping sets of GROUP BY: each combination of a set of every item, without repetitions. */
export function groupingSets(items: readonly ast.GroupingItem[]): readonly GroupingSet[] {
  const combined = items
    .map(setsOf)
    .reduce<readonly GroupingSet[]>(
      (sets, others) => sets.flatMap((set) => others.map((other) => [...set, ...other])),
      [[]],
    );
  return distinctSets(combined);
}

function setsOf(item: ast.GroupingItem): readonly GroupingSet[] {
  switch (item.kind) {
    case 'set':
      return [item.places];
    case 'GROUPING SETS':
      return item.items.flatMap(setsOf);
    case 'ROLLUP': {
      const parts = item.items.map(placesOf);
      return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i).flat());
    }
    case 'CUBE':
      return item.items
        .map(placesOf)
        .reduceRight<readonly GroupingSet[]>((sets, part) => [...sets.map((set) => [...part, ...set]), ...sets], [[]]);
  }
}

function placesOf(item: ast.GroupingItem): GroupingSet {
  return item.kind === 'set' ? item.places : item.items.flatMap(placesOf);
}

function distinctSets(sets: readonly GroupingSet[]): readonly GroupingSet[] {
  const known = new Map(sets.map((set) => [...new Set(set)].sort((a, b) => a - b)).map((set) => [set.join(), set]));
  return [...known.values()];
}

/** Rows repeated for every grouping set; `groups` and the set's number are columns of `node`. */
export interface Expanded {
  readonly node: LogicalNode;
  readonly groups: readonly InputRef[];
  readonly number: InputRef;
}

/** Columns of `input` keep their places. A group that is in every set stays the column it is (a window's bounds do). */
export function expandGroups(input: LogicalNode, groups: readonly Expr[], sets: readonly GroupingSet[]): Expanded {
  const projections: Expr[] = [...refs(input.schema)];
  const columns = groups.map((group) => (group.kind === 'input' ? group.index : projections.push(group) - 1));
  const names = projections.map((_, i) => (i < input.schema.length ? input.schema[i].name : `$group${i}`));
  const calc = projectNode(input, projections, names);
  const width = calc.schema.length;
  const always = groups.map((_, i) => sets.every((set) => set.includes(i)));
  const copies = groups.map((group, i) => ({ name: `$set${i}`, type: always[i] ? group.type : nullable(group.type) }));
  const node: LogicalNode = {
    kind: 'expand',
    input: calc,
    groups: columns,
    sets,
    schema: [...calc.schema, ...copies, { name: '$e', type: NUMBER }],
  };
  return {
    node,
    groups: groups.map((group, i) =>
      always[i] ? inputRef(columns[i], group.type) : inputRef(width + i, copies[i].type),
    ),
    number: inputRef(width + groups.length, NUMBER),
  };
}

const NUMBER: SqlType = notNull(BIGINT);

/** The number of a set: a bit for each group, 1 where the set lacks it, the first group highest. */
function numberOf(set: GroupingSet, groups: number): bigint {
  return Array.from({ length: groups }, (_, i) => !set.includes(i)).reduce(
    (bits, absent) => bits * 2n + (absent ? 1n : 0n),
    0n,
  );
}

/** GROUPING and GROUPING_ID of some groups: their bits, by the set's number (a column). */
export function groupingId(
  places: readonly number[],
  sets: readonly GroupingSet[],
  groups: number,
  number: Expr | undefined,
): Expr {
  const bits = (set: GroupingSet): Expr =>
    long(places.reduce((sum, place) => sum * 2n + (set.includes(place) ? 0n : 1n), 0n));
  if (number === undefined) return long(0n);
  const [last, ...others] = [...sets].reverse();
  return {
    kind: 'case',
    branches: others.map((set) => ({ when: booleanCall('=', [number, long(numberOf(set, groups))]), then: bits(set) })),
    otherwise: bits(last),
    type: NUMBER,
  };
}

function long(value: bigint): Expr {
  return { kind: 'literal', value: String(value), type: NUMBER };
}

/** Equal groups are one: their place for each, and the groups that are left. */
export function distinctGroups(groups: readonly Expr[]): {
  readonly groups: readonly Expr[];
  readonly places: readonly number[];
} {
  const keys = groups.map(exprKey);
  const kept = groups.filter((_, i) => keys.indexOf(keys[i]) === i);
  const keptKeys = kept.map(exprKey);
  return { groups: kept, places: keys.map((key) => keptKeys.indexOf(key)) };
}
