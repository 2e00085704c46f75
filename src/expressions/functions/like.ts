import { HeadwaterError } from '../../data/errors.ts';
import { BOOLEAN } from '../../data/types.ts';
import type { Call, Expr } from '../typed.ts';
import { compileLike, type Matcher } from '../values/like.ts';
import { compileRegexTest } from '../values/regex-test.ts';
import { similarToRegex } from '../values/similar.ts';
import { decodeText } from '../values/utf8.ts';
import type { Example, FunctionDefinition } from './definition.ts';
import { raw, type RawFunction } from './kernel.ts';
import { signature, strict, text } from './signature.ts';

type Compile = (pattern: string, escape: string | undefined) => Matcher;

function matching(name: string, compile: Compile, doc: string, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    syntax: [`string [NOT] ${name} pattern [ESCAPE character]`],
    signatures: [signature([text('string'), text('pattern'), text('escape')], strict(BOOLEAN), { optional: 1 })],
    kernel: raw((call) => matcher(call, compile)),
    check: ([, pattern, escape]) => {
      const [p, e] = [constantText(pattern), constantText(escape)];
      if (e !== undefined) checkEscape(e);
      if (p !== undefined && (escape === undefined || e !== undefined)) compile(p, e);
    },
    doc,
    examples,
  };
}

export const likeFunctions: readonly FunctionDefinition[] = [
  matching(
    'LIKE',
    compileLike,
    'Whether the whole text matches: `%` is any text, `_` one character (but a line end). There is no escape character unless one is given.',
    [
      ["'hello' LIKE 'h%o'", true],
      ["'hello' NOT LIKE '_ell'", true],
      ["'50%' LIKE '__!%' ESCAPE '!'", true],
    ],
  ),
  matching(
    'SIMILAR TO',
    compileSimilar,
    'Whether the whole text matches a regular expression of SQL: `%` and `_` as in LIKE, `|`, `*`, `+`, `?`, `{n,m}`, `( )`, `[ ]`.',
    [
      ["'abc' SIMILAR TO '(a|x)%'", true],
      ["'abc' SIMILAR TO '[b-z]+'", false],
    ],
  ),
];

function compileSimilar(pattern: string, escape: string | undefined): Matcher {
  const test = compileRegexTest(similarToRegex(pattern, escape), true);
  if (test === undefined) {
    throw new HeadwaterError('invalid-pattern', `'${pattern}' is no regular expression of SIMILAR TO`);
  }
  return test;
}

function constantText(expr: Expr | undefined): string | undefined {
  return expr?.kind === 'literal' && typeof expr.value === 'string' ? expr.value : undefined;
}

function checkEscape(escape: string): void {
  if ([...escape].length === 1) return;
  throw new HeadwaterError('invalid-pattern', `Invalid escape character '${escape}': it must be one character`);
}

/** A constant pattern is compiled once, others when they change. */
function matcher({ args }: Call, compile: Compile): RawFunction {
  const [pattern, escape] = [constantText(args[1]), constantText(args[2])];
  if (pattern !== undefined && (args[2] === undefined || escape !== undefined)) return compile(pattern, escape);
  const known = new Map<string, Matcher>();
  return (
    bytes: Uint8Array,
    start: number,
    end: number,
    patterns: Uint8Array,
    from: number,
    to: number,
    escapes: Uint8Array | undefined,
    escapeFrom: number,
    escapeTo: number,
  ) => {
    const text = decodeText(patterns, from, to);
    const by = escapes === undefined ? undefined : decodeText(escapes, escapeFrom, escapeTo);
    const key = `${by ?? ''}\0${text}`;
    let found = known.get(key);
    if (found === undefined) {
      if (by !== undefined) checkEscape(by);
      if (known.size >= 256) known.clear();
      found = compile(text, by);
      known.set(key, found);
    }
    return found(bytes, start, end);
  };
}
