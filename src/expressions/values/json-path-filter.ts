import { decimalParts, isScalar, JsonNumber, JsonObject, type JsonNode, writeJson } from './json-text.ts';

/** Whether a filter keeps a value; `root` is the document. */
export type FilterTest = (node: JsonNode, root: JsonNode) => boolean;

/** What a path inside a filter leads to; undefined when it leads nowhere. */
export type FilterPath = (node: JsonNode, root: JsonNode) => JsonNode | undefined;

/** A path of the steps behind `@` or `$`; `orNull`: one that leads nowhere leads to NULL if it is lax. */
export type CompilePath = (steps: string, orNull: boolean) => FilterPath | undefined;

export interface FoundFilter {
  readonly test: FilterTest;
  /** Characters of `[?(...)]`. */
  readonly length: number;
}

const TOKEN =
  /\s*(?:(\|\||&&|==|!=|>=|<=|[()!<>])|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)\b|([@$](?:\.[^.[\]()*\s=<>!&|~,]+|\[\s*(?:-?\d+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*\])*))/y;

/**
 * The filter at the beginning of a text, or undefined: `[?( )]` around comparisons (==, !=, <, <=, >, >=) of paths to one
 * value (`@.a`, `$.b[0]`) and constants, and around paths alone (the value is there), joined by !, && and ||. Compares as
 * the JsonPath library of Flink does. `compile` makes a path of the steps behind `@` or `$`.
 */
export function filterAt(text: string, compile: CompilePath): FoundFilter | undefined {
  const open = /^\[\s*\?\s*\(/.exec(text);
  if (open === null) return undefined;
  const parser = new FilterParser(text, open[0].length, compile);
  const test = parser.alternatives();
  const close = parser.take(')') ? /^\s*\]/.exec(text.slice(parser.at)) : null;
  return test === undefined || close === null ? undefined : { test, length: parser.at + close[0].length };
}

/** Brackets and negations within one another. */
const DEEPEST = 100;

class FilterParser {
  at: number;
  private depth = 0;
  private readonly text: string;
  private readonly compile: CompilePath;

  constructor(text: string, at: number, compile: CompilePath) {
    this.text = text;
    this.at = at;
    this.compile = compile;
  }

  alternatives(): FilterTest | undefined {
    let test = this.conjunction();
    while (test !== undefined && this.take('||')) {
      const [left, right] = [test, this.conjunction()];
      test = right && ((node, root) => left(node, root) || right(node, root));
    }
    return test;
  }

  private conjunction(): FilterTest | undefined {
    let test = this.negation();
    while (test !== undefined && this.take('&&')) {
      const [left, right] = [test, this.negation()];
      test = right && ((node, root) => left(node, root) && right(node, root));
    }
    return test;
  }

  private negation(): FilterTest | undefined {
    if (this.depth === DEEPEST) return undefined;
    this.depth += 1;
    const test = this.negated();
    this.depth -= 1;
    return test;
  }

  private negated(): FilterTest | undefined {
    if (this.take('!')) {
      const test = this.negation();
      return test && ((node, root) => !test(node, root));
    }
    if (!this.take('(')) return this.comparison();
    const test = this.alternatives();
    return this.take(')') ? test : undefined;
  }

  private comparison(): FilterTest | undefined {
    const left = this.operand();
    if (left === undefined) return undefined;
    const compare = this.operator();
    // A path alone: of a constant that means nothing.
    if (compare === undefined) return left.there;
    const right = this.operand();
    return right && ((node, root) => compare(left.value(node, root), right.value(node, root)));
  }

  /** Takes an operator if one follows. */
  private operator(): Compare | undefined {
    const before = this.at;
    const compare = OPERATORS.get(this.token()?.[1] ?? '');
    if (compare === undefined) this.at = before;
    return compare;
  }

  private operand(): Operand | undefined {
    const [, , quoted, number, word, path] = this.token() ?? [];
    if (quoted !== undefined) return constant(quoted.slice(1, -1).replace(/\\(.)/g, '$1'));
    if (number !== undefined) return constant(new JsonNumber(number));
    if (word !== undefined) return constant(word === 'null' ? null : word === 'true');
    if (path === undefined) return undefined;
    const [value, found] = [true, false].map((orNull) => this.compile(path.slice(1), orNull));
    if (value === undefined || found === undefined) return undefined;
    if (path.startsWith('@')) return { value, there: (node, root) => found(node, root) !== undefined };
    return { value: (_node, root) => value(root, root), there: (_node, root) => found(root, root) !== undefined };
  }

  /** Takes the symbol if it follows. */
  take(symbol: string): boolean {
    const before = this.at;
    if (this.token()?.[1] === symbol) return true;
    this.at = before;
    return false;
  }

  private token(): RegExpExecArray | undefined {
    TOKEN.lastIndex = this.at;
    const match = TOKEN.exec(this.text) ?? undefined;
    if (match !== undefined) this.at = TOKEN.lastIndex;
    return match;
  }
}

interface Operand {
  readonly value: FilterPath;
  /** Of paths only. */
  readonly there: FilterTest | undefined;
}

function constant(node: JsonNode): Operand {
  return { value: () => node, there: undefined };
}

type Compare = (left: JsonNode | undefined, right: JsonNode | undefined) => boolean;

const OPERATORS: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ['==', equal],
  ['!=', (left, right) => !equal(left, right)],
  ['>=', ordered((sign) => sign >= 0)],
  ['<=', ordered((sign) => sign <= 0)],
  ['>', ordered((sign) => sign > 0)],
  ['<', ordered((sign) => sign < 0)],
]);

/** The left side decides: text equals a number that is written like it, a number equals text that means it. */
function equal(left: JsonNode | undefined, right: JsonNode | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  if (typeof left === 'string') return left === (right instanceof JsonNumber ? right.text : right);
  if (left instanceof JsonNumber) {
    const number = typeof right === 'string' ? numberIn(right) : right;
    return number instanceof JsonNumber && compareNumbers(left, number) === 0;
  }
  if (isScalar(left) || isScalar(right)) return left === right;
  return writeJson(left) === writeJson(right);
}

function numberIn(text: string): JsonNumber | undefined {
  return /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? new JsonNumber(text.replace(/^\+/, '')) : undefined;
}

/** Two numbers, or two texts; nothing else has an order. */
function ordered(holds: (sign: number) => boolean): Compare {
  return (left, right) => {
    if (left instanceof JsonNumber && right instanceof JsonNumber) return holds(compareNumbers(left, right));
    if (typeof left !== 'string' || typeof right !== 'string') return false;
    return holds(left < right ? -1 : left > right ? 1 : 0);
  };
}

/** By value, exactly: 2 is 2.0. */
function compareNumbers(left: JsonNumber, right: JsonNumber): number {
  const [a, b] = [Number(left.text), Number(right.text)];
  if (a !== b) return a < b ? -1 : 1;
  const [one, other] = [decimalParts(left.text), decimalParts(right.text)];
  const apart = other.scale - one.scale;
  // Numbers that are as far apart as this are not the same double, unless they are beyond all doubles.
  if (Math.abs(apart) > 2000) return 0;
  const unscaled = ({ minus, digits }: typeof one, places: number): bigint =>
    BigInt(minus + digits) * 10n ** BigInt(Math.max(0, places));
  const difference = unscaled(one, apart) - unscaled(other, -apart);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Where a filter applies: to the elements of an array, or to an object itself. Undefined for other values. */
export function filtered(node: JsonNode, test: FilterTest, root: JsonNode): readonly JsonNode[] | undefined {
  if (Array.isArray(node)) return (node as readonly JsonNode[]).filter((element) => test(element, root));
  if (node instanceof JsonObject) return test(node, root) ? [node] : [];
  return undefined;
}
