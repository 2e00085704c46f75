import type { Random } from '../../expressions/random.ts';
import { formsOf, isKind, type Kind, KINDS, leavesOf, wordsOf } from './grammar.ts';

/** A random expression as a tree, so that a difference can be traced to the smallest part that shows it. */
export interface Tree {
  readonly kind: Kind;
  /** The text, with `${n}` for part n. */
  readonly form: string;
  readonly parts: readonly Tree[];
}

/** One leaf in this many is a constant where there are columns: Flink computes with constants while planning. */
const CONSTANT_ONE_IN = 4;

/** An expression of a random kind, at most `depth` calls deep. */
export function randomExpression(random: Random, depth: number): Tree {
  return ofKind(random, random.pick(KINDS), depth);
}

function ofKind(random: Random, kind: Kind, depth: number): Tree {
  if (depth === 0) return leaf(random, kind);
  const parts: Tree[] = [];
  const form = random.pick(formsOf(kind)).replace(/\$([a-z]\w*)(!?)/g, (whole, name: string, bare: string) => {
    const words = wordsOf(name);
    if (words !== undefined) return random.pick(words);
    if (!isKind(name)) return whole;
    parts.push(ofKind(random, name, bare === '!' ? 0 : random.below(depth)));
    return `\${${parts.length - 1}}`;
  });
  return { kind, form, parts };
}

function leaf(random: Random, kind: Kind): Tree {
  return { kind, form: random.pick(leavesOf(kind, random.below(CONSTANT_ONE_IN) === 0)), parts: [] };
}

export function sqlOf(tree: Tree): string {
  return tree.form.replace(/\$\{(\d+)\}/g, (_, part: string) => sqlOf(tree.parts[Number(part)]));
}

/** The parts of an expression, their parts and itself, smallest first. */
export function partsOf(tree: Tree): Tree[] {
  const all = (one: Tree): Tree[] => [...one.parts.flatMap(all), one];
  const unique = new Map(all(tree).map((one) => [sqlOf(one), one]));
  return [...unique].sort(([a], [b]) => a.length - b.length).map(([, one]) => one);
}

/** The tree with each part of the text `sql` made a column of its kind; where there is none, a constant. */
export function without(tree: Tree, sql: string): Tree {
  if (sqlOf(tree) === sql) return { kind: tree.kind, form: leavesOf(tree.kind, false)[0], parts: [] };
  return { ...tree, parts: tree.parts.map((part) => without(part, sql)) };
}
