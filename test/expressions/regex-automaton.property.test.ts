import { describe, expect, test } from 'vitest';
import { compileRegex } from '../../src/expressions/values/java-regex.ts';
import { createAutomaton } from '../../src/expressions/values/regex-automaton.ts';
import { compileRegexTest } from '../../src/expressions/values/regex-test.ts';
import { similarToRegex } from '../../src/expressions/values/similar.ts';
import { Random } from './random.ts';

const ATOMS = [
  'a',
  'b',
  'c',
  '1',
  '_',
  '.',
  ' ',
  '-',
  '\\d',
  '\\w',
  '\\s',
  '\\D',
  '\\W',
  '\\S',
  '\\.',
  '\\n',
  '\\$',
  '\\[',
];
const MEMBERS = ['a', 'b', '-', '.', '$', '0-9', 'a-b', 'b-z', '\\d', '\\s', '\\W', '\\-', '\\]', ' ', '(', '*'];
const QUANTIFIERS = ['*', '+', '?', '*?', '+?', '??', '{2}', '{0}', '{1,}', '{0,2}', '{2,3}?'];
const TEXTS = ['a', 'b', 'c', 'z', '1', '_', '.', ' ', '\n', '\r', '\t', '-', '$', '[', '(', '*', 'A', '\u{7f}', '\0'];

function pattern(random: Random, depth: number): string {
  const ways = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, () => sequence(random, depth));
  return ways.join('|');
}

function sequence(random: Random, depth: number): string {
  const parts = Array.from({ length: random.below(4) }, () => atom(random, depth) + quantifier(random));
  return `${random.below(8) === 0 ? '^' : ''}${parts.join('')}${random.below(8) === 0 ? '$' : ''}`;
}

function atom(random: Random, depth: number): string {
  switch (random.below(depth === 0 ? 4 : 7)) {
    case 0:
      return `[${random.pick(['', '^'])}${Array.from({ length: 1 + random.below(3) }, () => random.pick(MEMBERS)).join('')}]`;
    case 4:
    case 5:
      return `(${pattern(random, depth - 1)})`;
    case 6:
      return `(?:${pattern(random, depth - 1)})`;
    default:
      return random.pick(ATOMS);
  }
}

function quantifier(random: Random): string {
  return random.below(2) === 0 ? '' : random.pick(QUANTIFIERS);
}

function text(random: Random, foreign: boolean): string {
  const chars = foreign ? [...TEXTS, 'é', '\u{85}', '\u{2028}', '\u{1F600}'] : TEXTS;
  return Array.from({ length: random.below(10) }, () =>
    random.pick(random.below(2) === 0 ? ['a', 'b', '1'] : chars),
  ).join('');
}

/** The text in the midst of other bytes. */
function utf8(value: string): { readonly bytes: Uint8Array; readonly start: number; readonly end: number } {
  const size = Buffer.byteLength(value);
  return { bytes: new Uint8Array(Buffer.from(`ab${value}ab`)), start: 2, end: 2 + size };
}

test('the automaton and RE2 find the same', () => {
  const seed = Number(process.env.PROPERTY_SEED ?? (process.pid * 7919 + Date.now()) % 2 ** 31);
  console.log(`regular expression property test: seed ${seed}`);
  const random = new Random(seed);
  let decided = 0;
  let matched = 0;
  for (let i = 0; i < 1500; i++) {
    const given = pattern(random, 2);
    const regex = compileRegexOrNone(given);
    if (regex === undefined) continue;
    const [part, whole] = [compileRegexTest(given, false), compileRegexTest(given, true)];
    const automaton = createAutomaton(given, false);
    for (let t = 0; t < 8; t++) {
      const value = text(random, random.below(4) === 0);
      const { bytes, start, end } = utf8(value);
      const where = `seed ${seed}: ${JSON.stringify(given)} on ${JSON.stringify(value)}`;
      expect({ where, found: part?.(bytes, start, end) }).toEqual({ where, found: regex.test(value) });
      expect({ where, whole: whole?.(bytes, start, end) }).toEqual({ where, whole: regex.matches(value) });
      if (automaton !== undefined && automaton.test(bytes, start, end) >= 0) decided++;
      if (regex.test(value)) matched++;
    }
  }
  // The test means something: most texts are the automaton's to decide, and both answers occur.
  expect(decided).toBeGreaterThan(5000);
  expect(matched).toBeGreaterThan(2000);
}, 60_000);

function compileRegexOrNone(given: string): ReturnType<typeof compileRegex> {
  try {
    return compileRegex(given);
  } catch {
    return undefined;
  }
}

describe('what the automaton leaves to RE2', () => {
  const beyond = [
    '\\bword',
    '(?i)abc',
    '[a-c&&[b]]',
    '\\p{Alpha}',
    'a++',
    'é',
    '[]a]',
    '\\x41',
    'a{65}',
    '(a{60}){60}',
  ];
  for (const given of beyond) {
    test(given, () => expect(createAutomaton(given, false)).toBeUndefined());
  }

  test('texts with other characters, up to where it knows the answer', () => {
    const automaton = createAutomaton('ab', false);
    const verdict = (value: string): number | undefined => {
      const { bytes, start, end } = utf8(value);
      return automaton?.test(bytes, start, end);
    };
    expect([verdict('xaby'), verdict('x'), verdict('é'), verdict('abé')]).toEqual([1, 0, -1, 1]);
  });

  test('patterns whose states do not end', () => {
    const automaton = createAutomaton('a.{12}b', false);
    const random = new Random(7);
    const value = Array.from({ length: 2000 }, () => random.pick(['a', 'c'])).join('');
    const { bytes, start, end } = utf8(value);
    expect(automaton?.test(bytes, start, end)).toBe(-1);
    expect(compileRegexTest('a.{12}b', false)?.(bytes, start, end)).toBe(false);
  });

  test('a whole text of anything, as SIMILAR TO asks', () => {
    const automaton = createAutomaton(similarToRegex('a%b', undefined), true);
    const { bytes, start, end } = utf8('a\n-b');
    expect(automaton?.test(bytes, start, end)).toBe(1);
  });
});
