import { HeadwaterError } from '../../../data/errors.ts';
import { INT, STRING, type SqlType } from '../../../data/types.ts';
import { commonType, isString, withNullable } from '../../types/common-type.ts';
import type { Call, Expr } from '../../typed.ts';
import { orderOf } from '../../values/plain-order.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { plain, plainWithNulls } from '../kernel.ts';
import { arrayOf, asBoolean, asInt, asText } from '../signature.ts';
import { anyNullable, arrayAndElement, arrayWith, sameCollections, type ArrayType } from './signatures.ts';

type List = readonly unknown[];

const ordered = (element: SqlType): boolean => orderOf(element) !== undefined;
const strictly = (array: ArrayType, args: readonly Expr[]): SqlType => withNullable(array, anyNullable(args));
/** As in Flink the array counts as nullable when the element is, though a NULL element makes no NULL array. */
const grown = (array: ArrayType, element: SqlType): SqlType => ({
  ...array,
  nullable: array.nullable || element.nullable,
  element: withNullable(array.element, array.element.nullable || element.nullable),
});

export const arrayFunctions: readonly FunctionDefinition[] = [
  {
    name: 'ARRAY',
    syntax: ['ARRAY[value, ..]'],
    signatures: [{ shown: 'value, ..', resolve: constructed }],
    kernel: plainWithNulls(
      () =>
        (...values: unknown[]) =>
          values,
    ),
    doc: 'An array of values of one common type. It has at least one.',
    examples: [['ARRAY[1, 2, 3]', [1, 2, 3]]],
  },
  {
    name: 'ELEMENT',
    signatures: [
      arrayWith(
        () => true,
        [],
        1,
        'array',
        (array) => withNullable(array.element, true),
      ),
    ],
    kernel: plain(() => (array: List) => {
      if (array.length <= 1) return array[0] ?? null;
      throw new HeadwaterError(
        'invalid-argument',
        `ELEMENT takes an array of one element, but this has ${array.length}`,
      );
    }),
    doc: 'The only element of an array; NULL of an empty one; more fail the job.',
    examples: [['ELEMENT(ARRAY[5])', 5]],
  },
  {
    name: 'ARRAY_APPEND',
    signatures: [arrayAndElement(grown)],
    kernel: plainWithNulls(
      () => (array: List | null, element: unknown) => (array === null ? null : [...array, element]),
    ),
    doc: 'The array with the element at its end.',
    examples: [['ARRAY_APPEND(ARRAY[1, 2], 3)', [1, 2, 3]]],
  },
  {
    name: 'ARRAY_PREPEND',
    signatures: [arrayAndElement(grown)],
    kernel: plainWithNulls(
      () => (array: List | null, element: unknown) => (array === null ? null : [element, ...array]),
    ),
    doc: 'The array with the element at its beginning.',
    examples: [['ARRAY_PREPEND(ARRAY[1, 2], 3)', [3, 1, 2]]],
  },
  {
    name: 'ARRAY_CONCAT',
    signatures: [sameCollections('ARRAY', 1, Infinity, 'array, ..')],
    kernel: plain(
      () =>
        (...arrays: List[]) =>
          arrays.flat(),
    ),
    doc: 'The arrays one after the other.',
    examples: [['ARRAY_CONCAT(ARRAY[1, 2], ARRAY[2])', [1, 2, 2]]],
  },
  {
    name: 'ARRAY_REVERSE',
    signatures: [
      arrayWith(
        () => true,
        [],
        1,
        'array',
        (array) => array,
      ),
    ],
    kernel: plain(() => (array: List) => array.toReversed()),
    doc: 'The elements in the opposite order.',
    examples: [['ARRAY_REVERSE(ARRAY[1, 2, 3])', [3, 2, 1]]],
  },
  {
    name: 'ARRAY_SLICE',
    signatures: [arrayWith(() => true, [asInt, asInt], 2, 'array, start [, end]', strictly)],
    kernel: plain(() => slice),
    doc: 'The elements from `start` to `end` (with it), from 1; 0 is the first, negative ones count from the end.',
    examples: [
      ['ARRAY_SLICE(ARRAY[1, 2, 3, 4], 2, 3)', [2, 3]],
      ['ARRAY_SLICE(ARRAY[1, 2, 3], -2)', [2, 3]],
    ],
  },
  {
    name: 'ARRAY_SORT',
    signatures: [arrayWith(ordered, [asBoolean, asBoolean], 1, 'array [, ascending] [, nulls_first]', strictly)],
    kernel: plain((call) => {
      const order = orderOfElements(call);
      return (array: List, ascending = true, nullsFirst = ascending) => {
        const nulls = array.filter((each) => each === null);
        const values = array.filter((each) => each !== null).sort((a, b) => (ascending ? order(a, b) : order(b, a)));
        return nullsFirst ? [...nulls, ...values] : [...values, ...nulls];
      };
    }),
    doc: 'The elements in order, ascending if nothing else is said. NULLs come first when ascending, last when descending.',
    examples: [
      ['ARRAY_SORT(ARRAY[3, 1, 2])', [1, 2, 3]],
      ['ARRAY_SORT(ARRAY[3, CAST(NULL AS INT), 5], FALSE)', [5, 3, null]],
    ],
  },
  extreme('ARRAY_MAX', 1, 'The greatest element; NULLs do not count.', 3),
  extreme('ARRAY_MIN', -1, 'The least element; NULLs do not count.', 1),
  {
    name: 'ARRAY_JOIN',
    signatures: [
      arrayWith(isString, [asText, asText], 2, 'array, separator [, null_replacement]', (_array, args) =>
        withNullable(STRING, anyNullable(args)),
      ),
    ],
    kernel: plain(() => (array: List, separator: string, replacement?: string) => {
      const texts =
        replacement === undefined ? array.filter((each) => each !== null) : array.map((e) => e ?? replacement);
      return texts.join(separator);
    }),
    doc: 'The texts with the separator between them; NULLs are left out, or replaced.',
    examples: [
      ["ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING), 'b'], '-')", 'a-b'],
      ["ARRAY_JOIN(ARRAY['a', CAST(NULL AS STRING)], '-', '?')", 'a-?'],
    ],
  },
  {
    name: 'CARDINALITY',
    signatures: [{ shown: 'array_or_map', resolve: sized }],
    kernel: plain(() => (collection: List) => collection.length),
    doc: 'The number of elements of an array, or of entries of a map.',
    examples: [['CARDINALITY(ARRAY[1, 2, 3])', 3]],
  },
];

function constructed(args: readonly Expr[]): Resolution | undefined {
  const common = commonType(args.map((arg) => arg.type));
  if (common === undefined) return undefined;
  return { params: args.map(() => common), result: withNullable(arrayOf(common), false) };
}

function sized([collection, ...others]: readonly Expr[]): Resolution | undefined {
  if (others.length > 0 || !['ARRAY', 'MAP', 'MULTISET'].includes(collection?.type.kind)) return undefined;
  return { params: [collection.type], result: withNullable(INT, collection.type.nullable) };
}

function slice(array: List, start: number, end: number = array.length): List {
  const from = Math.max(1, start < 0 ? array.length + start + 1 : start);
  const to = end < 0 ? array.length + end + 1 : Math.max(1, end);
  return from > to ? [] : array.slice(from - 1, to);
}

function orderOfElements({ args }: Call): (a: unknown, b: unknown) => number {
  const order = orderOf((args[0].type as ArrayType).element);
  if (order === undefined) throw new Error('elements without an order');
  return order;
}

function extreme(name: string, sign: 1 | -1, doc: string, example: number): FunctionDefinition {
  return {
    name,
    signatures: [arrayWith(ordered, [], 1, 'array', (array) => withNullable(array.element, true))],
    kernel: plain((call) => {
      const order = orderOfElements(call);
      return (array: List) => {
        let best: unknown = null;
        for (const each of array) if (each !== null && (best === null || sign * order(each, best) > 0)) best = each;
        return best;
      };
    }),
    doc,
    examples: [[`${name}(ARRAY[2, 3, 1])`, example]],
  };
}
