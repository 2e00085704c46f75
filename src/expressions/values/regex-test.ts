import { compileRegex } from './java-regex.ts';
import { createAutomaton } from './regex-automaton.ts';
import { decodeText } from './utf8.ts';

/** Whether [start, end) of UTF-8 bytes matches. */
export type RegexTest = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * Tests texts against a pattern of Java's syntax: ASCII texts by an automaton over bytes where the pattern allows, all
 * else by RE2. undefined and errors as of `compileRegex`.
 */
export function compileRegexTest(pattern: string, whole: boolean): RegexTest | undefined {
  const regex = compileRegex(pattern);
  if (regex === undefined) return undefined;
  const decoded: RegexTest = whole
    ? (bytes, start, end) => regex.matches(decodeText(bytes, start, end))
    : (bytes, start, end) => regex.test(decodeText(bytes, start, end));
  const automaton = createAutomaton(pattern, whole);
  if (automaton === undefined) return decoded;
  return (bytes, start, end) => {
    const verdict = automaton.test(bytes, start, end);
    return verdict < 0 ? decoded(bytes, start, end) : verdict === 1;
  };
}
