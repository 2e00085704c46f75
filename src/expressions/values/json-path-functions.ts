import { formatDouble } from './format.ts';
import { JsonNumber, type JsonNode, JsonObject } from './json-text.ts';

/** What a function at the end of a path makes of the value before it; undefined where it has no answer. */
export type PathFunction = (node: JsonNode) => JsonNode | undefined;

/** The functions of paths, `$.a.length()` and the like, as Flink has them. */
export const PATH_FUNCTIONS: ReadonlyMap<string, PathFunction> = new Map<string, PathFunction>([
  ['length', length],
  ['size', length],
  ['keys', (node) => (node instanceof JsonObject ? [...node.members.keys()] : undefined)],
  ['first', (node) => elementsOf(node)?.at(0)],
  ['last', (node) => elementsOf(node)?.at(-1)],
  ['min', ofNumbers((numbers) => numbers.reduce((a, b) => Math.min(a, b)))],
  ['max', ofNumbers((numbers) => numbers.reduce((a, b) => Math.max(a, b)))],
  ['sum', ofNumbers(sum)],
  ['avg', ofNumbers((numbers) => sum(numbers) / numbers.length)],
  ['stddev', ofNumbers(deviation)],
]);

/** How many elements or members; of a scalar nothing. */
function length(node: JsonNode): JsonNode | undefined {
  const count = node instanceof JsonObject ? node.members.size : elementsOf(node)?.length;
  return count === undefined ? undefined : new JsonNumber(String(count));
}

function elementsOf(node: JsonNode): readonly JsonNode[] | undefined {
  return Array.isArray(node) ? (node as readonly JsonNode[]) : undefined;
}

/** Of the numbers in an array, as a double; other elements do not count, and without numbers there is no answer. */
function ofNumbers(aggregate: (numbers: readonly number[]) => number): PathFunction {
  return (node) => {
    const numbers = (elementsOf(node) ?? []).flatMap((element) =>
      element instanceof JsonNumber ? Number(element.text) : [],
    );
    return numbers.length === 0 ? undefined : new JsonNumber(formatDouble(aggregate(numbers)));
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Of the whole population. */
function deviation(numbers: readonly number[]): number {
  const total = sum(numbers);
  const squares = sum(numbers.map((value) => value * value));
  return Math.sqrt(squares / numbers.length - (total * total) / numbers.length / numbers.length);
}
