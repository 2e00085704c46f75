import { BOOLEAN, INT, type SqlType, STRING } from '../../data/types.ts';
import { compileRegex, RegexCache, type Regex } from '../values/java-regex.ts';
import { compileRegexTest, type RegexTest } from '../values/regex-test.ts';
import { decodeText } from '../values/utf8.ts';
import type { Expr } from '../typed.ts';
import type { Example, FunctionDefinition, Signature } from './definition.ts';
import { plain, type PlainFunction, raw, type RawFunction } from './kernel.ts';
import { arrayOf, int, nullable, signature, strict, text } from './signature.ts';

/** A function of a text and a pattern (the second argument), with more arguments after them. */
function ofPattern(
  name: string,
  signature_: Signature,
  make: (regex: (pattern: string) => Regex | undefined) => PlainFunction,
  doc: string,
  examples: readonly Example[],
): FunctionDefinition {
  return {
    name,
    signatures: [signature_],
    kernel: plain(() => {
      const cache = new RegexCache();
      return make((pattern) => cache.get(pattern));
    }),
    check: checkPattern,
    doc,
    examples,
  };
}

/** A constant pattern that cannot be matched is refused while planning. */
export function checkPattern(args: readonly Expr[]): void {
  const pattern = args[1];
  if (pattern.kind === 'literal' && typeof pattern.value === 'string') compileRegex(pattern.value);
}

const NEVER_MATCHES: RegexTest = () => false;

function compileTest(pattern: string): RegexTest {
  return (pattern === '' ? undefined : compileRegexTest(pattern, false)) ?? NEVER_MATCHES;
}

/** A constant pattern is compiled once, others when they change. */
function tester(pattern: Expr): RawFunction {
  if (pattern.kind === 'literal' && typeof pattern.value === 'string') return compileTest(pattern.value);
  const known = new Map<string, RegexTest>();
  return (bytes: Uint8Array, start: number, end: number, patterns: Uint8Array, from: number, to: number) => {
    const key = decodeText(patterns, from, to);
    let test = known.get(key);
    if (test === undefined) {
      if (known.size >= 256) known.clear();
      test = compileTest(key);
      known.set(key, test);
    }
    return test(bytes, start, end);
  };
}

const two = (result: SqlType): Signature => signature([text('string'), text('pattern')], nullable(result));
const withGroup = (result: SqlType): Signature =>
  signature([text('string'), text('pattern'), int('group')], nullable(result), { optional: 1 });

export const regexpFunctions: readonly FunctionDefinition[] = [
  {
    name: 'REGEXP',
    signatures: [signature([text('string'), text('pattern')], strict(BOOLEAN))],
    kernel: raw(({ args }) => tester(args[1])),
    check: checkPattern,
    doc: 'Whether the pattern matches anywhere in the text; FALSE for an empty or a wrong pattern. Patterns have the syntax of Java and are matched in linear time: what needs backtracking (look-around, back references, possessive quantifiers) is refused.',
    examples: [
      ["REGEXP('hello', 'l+')", true],
      ["REGEXP('hello', '(')", false],
    ],
  },
  ofPattern(
    'REGEXP_EXTRACT',
    withGroup(STRING),
    (regex) =>
      (value: string, pattern: string, group = 0) => {
        const matcher = regex(pattern)?.matcher(value);
        if (matcher === undefined || group < 0 || group > matcher.groupCount() || !matcher.find()) return null;
        return matcher.group(group);
      },
    'The group (0, if none is given: all) of the first match; NULL when there is none, or the pattern is wrong.',
    [
      ["REGEXP_EXTRACT('foothebar', 'foo(.*?)(bar)', 2)", 'bar'],
      ["REGEXP_EXTRACT('foothebar', 'x')", null],
    ],
  ),
  ofPattern(
    'REGEXP_EXTRACT_ALL',
    withGroup(arrayOf(STRING)),
    (regex) =>
      (value: string, pattern: string, group = 1) => {
        const matcher = regex(pattern)?.matcher(value);
        if (matcher === undefined || group < 0 || group > matcher.groupCount()) return null;
        const found: (string | null)[] = [];
        while (matcher.find()) found.push(matcher.group(group));
        return found;
      },
    'The group (1, if none is given) of every match; NULL when the pattern is wrong or has no such group.',
    [
      ["REGEXP_EXTRACT_ALL('a1b22', '([a-z])([0-9]+)', 2)", ['1', '22']],
      ["REGEXP_EXTRACT_ALL('a1b22', '[0-9]')", null],
    ],
  ),
  ofPattern(
    'REGEXP_REPLACE',
    signature([text('string'), text('pattern'), text('replacement')], replaced),
    (regex) => (value: string, pattern: string, replacement: string) =>
      regex(pattern)
        ?.matcher(value)
        .replaceAll(() => replacement) ?? null,
    'Every match replaced by the replacement as it is (`$1` is no group); NULL when the pattern is wrong.',
    [
      ["REGEXP_REPLACE('foobar', 'oo|ar', '')", 'fb'],
      ["REGEXP_REPLACE('ab', '(a)', '$1$1')", '$1$1b'],
    ],
  ),
  ofPattern(
    'REGEXP_COUNT',
    two(INT),
    (regex) => (value: string, pattern: string) => {
      const matcher = regex(pattern)?.matcher(value);
      if (matcher === undefined) return null;
      let count = 0;
      while (matcher.find()) count++;
      return count;
    },
    'The number of matches; NULL when the pattern is wrong.',
    [["REGEXP_COUNT('a1b22', '[0-9]')", 3]],
  ),
  ofPattern(
    'REGEXP_INSTR',
    two(INT),
    (regex) => (value: string, pattern: string) => {
      const matcher = regex(pattern)?.matcher(value);
      if (matcher === undefined) return null;
      return matcher.find() ? matcher.start() + 1 : 0;
    },
    'Where the first match begins, 0 when there is none (in UTF-16 units); NULL when the pattern is wrong.',
    [["REGEXP_INSTR('a1b22', '[0-9]')", 2]],
  ),
  ofPattern(
    'REGEXP_SUBSTR',
    two(STRING),
    (regex) => (value: string, pattern: string) => {
      const matcher = regex(pattern)?.matcher(value);
      return matcher?.find() === true ? matcher.group() : null;
    },
    'The first match; NULL when there is none, or the pattern is wrong.',
    [["REGEXP_SUBSTR('a1b22', '[0-9]{2}')", '22']],
  ),
];

/** NULL for a wrong pattern, which a constant that was accepted is not. */
function replaced(params: readonly SqlType[], args: readonly Expr[]): SqlType {
  return (args[1].kind === 'literal' ? strict(STRING) : nullable(STRING))(params, args);
}
