import { BOOLEAN, INT } from '../../../data/types.ts';
import { withNullable } from '../../types/common-type.ts';
import type { Call } from '../../typed.ts';
import { keyOf, type KeyOf } from '../../values/plain-order.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain, plainWithNulls } from '../kernel.ts';
import { arrayAndElement, arrayWith, sameCollections, type ArrayType } from './signatures.ts';

type List = readonly unknown[];

/** Functions of arrays that compare elements for being equal; two NULLs are. */
export const arraySetFunctions: readonly FunctionDefinition[] = [
  {
    name: 'ARRAY_CONTAINS',
    signatures: [arrayAndElement((array) => withNullable(BOOLEAN, array.nullable))],
    kernel: plainWithNulls((call) => {
      const key = elementKey(call);
      return (array: List | null, element: unknown) =>
        array === null ? null : array.some((each) => key(each) === key(element));
    }),
    doc: 'Whether the array has the element; NULL is found as an element.',
    examples: [
      ['ARRAY_CONTAINS(ARRAY[1, 2], 2)', true],
      ['ARRAY_CONTAINS(ARRAY[1, 2], CAST(NULL AS INT))', false],
    ],
  },
  {
    name: 'ARRAY_POSITION',
    signatures: [arrayAndElement((array, element) => withNullable(INT, array.nullable || element.nullable))],
    kernel: plain((call) => {
      const key = elementKey(call);
      return (array: List, element: unknown) => array.findIndex((each) => key(each) === key(element)) + 1;
    }),
    doc: 'Where the element first is, from 1; 0 when it is not there.',
    examples: [
      ["ARRAY_POSITION(ARRAY['a', 'b'], 'b')", 2],
      ["ARRAY_POSITION(ARRAY['a'], 'x')", 0],
    ],
  },
  {
    name: 'ARRAY_REMOVE',
    signatures: [arrayAndElement((array) => array)],
    kernel: plainWithNulls((call) => {
      const key = elementKey(call);
      return (array: List | null, element: unknown) =>
        array === null ? null : array.filter((each) => key(each) !== key(element));
    }),
    doc: 'The array without all elements that are equal to the element.',
    examples: [['ARRAY_REMOVE(ARRAY[1, 2, 1], 1)', [2]]],
  },
  {
    name: 'ARRAY_DISTINCT',
    signatures: [
      arrayWith(
        () => true,
        [],
        1,
        'array',
        (array) => array,
      ),
    ],
    kernel: plain((call) => {
      const key = elementKey(call);
      return (array: List) => distinct(array, key);
    }),
    doc: 'The array without elements that were there before.',
    examples: [['ARRAY_DISTINCT(ARRAY[3, 1, 3])', [3, 1]]],
  },
  {
    name: 'ARRAY_UNION',
    signatures: [sameCollections('ARRAY', 2, 2, 'array, array')],
    kernel: plain((call) => {
      const key = elementKey(call);
      return (a: List, b: List) => distinct([...a, ...b], key);
    }),
    doc: 'The elements of both arrays, each once.',
    examples: [['ARRAY_UNION(ARRAY[1, 2, 1], ARRAY[2, 3])', [1, 2, 3]]],
  },
  {
    name: 'ARRAY_EXCEPT',
    signatures: [sameCollections('ARRAY', 2, 2, 'array, array')],
    kernel: plain((call) => {
      const key = elementKey(call);
      return (a: List, b: List) => {
        const other = new Set(b.map(key));
        return distinct(a, key).filter((each) => !other.has(key(each)));
      };
    }),
    doc: 'The elements of the first array that are not in the second, each once.',
    examples: [['ARRAY_EXCEPT(ARRAY[1, 2, 1], ARRAY[2])', [1]]],
  },
  {
    name: 'ARRAY_INTERSECT',
    signatures: [sameCollections('ARRAY', 2, 2, 'array, array')],
    kernel: plain((call) => {
      const key = elementKey(call);
      return (a: List, b: List) => {
        const other = new Set(b.map(key));
        return distinct(a, key).filter((each) => other.has(key(each)));
      };
    }),
    doc: 'The elements of the first array that are in the second too, each once.',
    examples: [['ARRAY_INTERSECT(ARRAY[1, 2, 1], ARRAY[1, 3])', [1]]],
  },
];

function elementKey({ args }: Call): KeyOf {
  return keyOf((args[0].type as ArrayType).element);
}

function distinct(array: List, key: KeyOf): unknown[] {
  const seen = new Set<unknown>();
  return array.filter((each) => {
    const k = key(each);
    if (seen.has(k)) return false;
    seen.add(k);
    return true;
  });
}
