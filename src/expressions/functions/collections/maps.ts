import { HeadwaterError } from '../../../data/errors.ts';
import { STRING, type SqlType } from '../../../data/types.ts';
import { commonType, withNullable } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import { RegexCache } from '../../values/java-regex.ts';
import { keyOf, type KeyOf } from '../../values/plain-order.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { plain, plainWithNulls } from '../kernel.ts';
import { arrayOf, mapOf, nullable, signature, text } from '../signature.ts';
import { anyNullable, elementAccess, ofMap, sameCollections, type MapType } from './signatures.ts';

type Pair = readonly [key: unknown, value: unknown];
type Pairs = readonly Pair[];

export const mapFunctions: readonly FunctionDefinition[] = [
  {
    name: 'MAP',
    syntax: ['MAP[key, value, ..]'],
    signatures: [{ shown: 'key, value, ..', resolve: constructed }],
    kernel: plainWithNulls((call) => {
      const key = keyOf((call.type as MapType).key);
      return (...values: unknown[]) =>
        lastOfEach(
          Array.from({ length: values.length / 2 }, (_, i): Pair => [values[2 * i], values[2 * i + 1]]),
          key,
        );
    }),
    doc: 'A map; of equal keys the last counts.',
    examples: [
      [
        "MAP['a', 1, 'b', 2]",
        [
          ['a', 1],
          ['b', 2],
        ],
      ],
      ["MAP['a', 1, 'a', 2]", [['a', 2]]],
    ],
  },
  {
    name: 'ELEMENT ACCESS',
    syntax: ['array[index]', 'map[key]'],
    signatures: [{ shown: 'collection, index', resolve: elementAccess }],
    kernel: plain(({ args }) => {
      const { type } = args[0];
      if (type.kind !== 'MAP') return (array: readonly unknown[], index: number) => array[index - 1] ?? null;
      const key = keyOf(type.key);
      return (map: Pairs, at: unknown) => map.find(([k]) => key(k) === key(at))?.[1] ?? null;
    }),
    check: ([collection, index]) => {
      if (collection.type.kind !== 'ARRAY' || index.kind !== 'literal' || index.value === null) return;
      if (Number(index.value) >= 1) return;
      throw new HeadwaterError(
        'invalid-argument',
        `Array element access needs an index starting at 1 but was ${String(index.value)}.`,
      );
    },
    doc: 'The element at an index from 1, or the value of a key; NULL when there is none. A constant index below 1 is refused.',
    examples: [
      ['ARRAY[7, 8][2]', 8],
      ['ARRAY[7, 8][3]', null],
      ["MAP['a', 1]['a']", 1],
      ["MAP['a', 1]['b']", null],
    ],
  },
  {
    name: 'MAP_KEYS',
    signatures: [ofMap((map) => arrayOf(map.key))],
    kernel: plain(() => (map: Pairs) => map.map(([key]) => key)),
    doc: 'The keys of a map.',
    examples: [["MAP_KEYS(MAP['a', 1])", ['a']]],
  },
  {
    name: 'MAP_VALUES',
    signatures: [ofMap((map) => arrayOf(map.value))],
    kernel: plain(() => (map: Pairs) => map.map(([, value]) => value)),
    doc: 'The values of a map.',
    examples: [["MAP_VALUES(MAP['a', 1])", [1]]],
  },
  {
    name: 'MAP_ENTRIES',
    signatures: [ofMap(entriesType)],
    kernel: plain(() => (map: Pairs) => map),
    doc: 'The entries of a map as an array of ROW(key, value).',
    examples: [["MAP_ENTRIES(MAP['a', 1])", [['a', 1]]]],
  },
  {
    name: 'MAP_FROM_ARRAYS',
    signatures: [{ shown: 'keys, values', resolve: fromArrays }],
    kernel: plain((call) => {
      const key = keyOf((call.type as MapType).key);
      return (keys: readonly unknown[], values: readonly unknown[]) => {
        if (keys.length === values.length)
          return lastOfEach(
            keys.map((k, i): Pair => [k, values[i]]),
            key,
          );
        const sizes = `${keys.length} and ${values.length}`;
        throw new HeadwaterError(
          'invalid-argument',
          `MAP_FROM_ARRAYS takes arrays of one length, but they have ${sizes}`,
        );
      };
    }),
    doc: 'A map of keys and their values; arrays of different lengths fail the job.',
    examples: [["MAP_FROM_ARRAYS(ARRAY['a'], ARRAY[1])", [['a', 1]]]],
  },
  {
    name: 'MAP_UNION',
    signatures: [sameCollections('MAP', 1, Infinity, 'map, ..')],
    kernel: plain((call) => {
      const key = keyOf((call.type as MapType).key);
      return (...maps: Pairs[]) => firstOfEach(maps.reverse().flat(), key);
    }),
    doc: 'The entries of all maps, those of the last map first; of equal keys the last counts.',
    examples: [
      [
        "MAP_UNION(MAP['a', 1, 'b', 2], MAP['a', 3])",
        [
          ['a', 3],
          ['b', 2],
        ],
      ],
    ],
  },
  {
    name: 'STR_TO_MAP',
    signatures: [
      signature([text('string')], nullable(mapOf(STRING, STRING))),
      signature([text('string'), text('pair_delimiter'), text('key_delimiter')], nullable(mapOf(STRING, STRING))),
    ],
    kernel: plain(() => {
      const cache = new RegexCache();
      return (value: string, between = ',', behindKey = '=') => strToMap(value, between, behindKey, cache);
    }),
    doc: 'A map of text such as `k1=v1,k2=v2`. The delimiters are regular expressions; a pair without the second has a NULL value.',
    examples: [
      [
        "STR_TO_MAP('k1=v1,k2=v2')",
        [
          ['k1', 'v1'],
          ['k2', 'v2'],
        ],
      ],
      [
        "STR_TO_MAP('a:1;b', ';', ':')",
        [
          ['a', '1'],
          ['b', null],
        ],
      ],
    ],
  },
];

function constructed(args: readonly Expr[]): Resolution | undefined {
  const at = (rest: 0 | 1): SqlType | undefined =>
    commonType(args.flatMap((arg, i) => (i % 2 === rest ? arg.type : [])));
  const [key, value] = [at(0), at(1)];
  if (key === undefined || value === undefined || args.length % 2 !== 0) return undefined;
  return { params: args.map((_, i) => (i % 2 === 0 ? key : value)), result: withNullable(mapOf(key, value), false) };
}

function fromArrays(args: readonly Expr[]): Resolution | undefined {
  const [keys, values] = args.map((arg) => arg.type);
  if (args.length !== 2 || keys.kind !== 'ARRAY' || values.kind !== 'ARRAY') return undefined;
  return { params: [keys, values], result: withNullable(mapOf(keys.element, values.element), anyNullable(args)) };
}

function entriesType(map: MapType): SqlType {
  const fields = [
    { name: 'key', type: map.key },
    { name: 'value', type: map.value },
  ];
  return arrayOf({ kind: 'ROW', fields, nullable: true });
}

function lastOfEach(pairs: Pairs, key: KeyOf): Pairs {
  const known = new Map<unknown, Pair>();
  for (const pair of pairs) known.set(key(pair[0]), pair);
  return [...known.values()];
}

function firstOfEach(pairs: Pairs, key: KeyOf): Pairs {
  const known = new Map<unknown, Pair>();
  for (const pair of pairs) if (!known.has(key(pair[0]))) known.set(key(pair[0]), pair);
  return [...known.values()];
}

function strToMap(value: string, between: string, behindKey: string, cache: RegexCache): Pairs {
  if (value === '') return [];
  const pairs = split(value, between, Infinity, cache);
  while (pairs.length > 1 && pairs[pairs.length - 1] === '') pairs.pop();
  return lastOfEach(
    pairs.map((pair): Pair => {
      const [key, ...rest] = split(pair, behindKey, 2, cache);
      return rest.length === 0 ? [pair, null] : [key, rest[0]];
    }),
    (key) => key,
  );
}

/** Cut at a regular expression into at most so many pieces, as Java's String.split does. */
function split(value: string, delimiter: string, most: number, cache: RegexCache): string[] {
  const matcher = cache.get(delimiter)?.matcher(value);
  if (matcher === undefined) {
    throw new HeadwaterError('invalid-pattern', `'${delimiter}' is no regular expression`);
  }
  const pieces: string[] = [];
  let from = 0;
  while (pieces.length < most - 1 && matcher.find()) {
    // An empty match at the very beginning makes no piece.
    if (matcher.end() === 0) continue;
    pieces.push(value.slice(from, matcher.start()));
    from = matcher.end();
  }
  return [...pieces, value.slice(from)];
}
