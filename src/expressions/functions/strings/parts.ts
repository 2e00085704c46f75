import { STRING, type SqlType } from '../../../data/types.ts';
import { codePointEnd, codePointStart, codePoints, indexOfBytes, pointSize } from '../../values/utf8.ts';
import type { FunctionDefinition } from '../definition.ts';
import { slice, type Slice } from '../kernel.ts';
import { int, likeFirst, nullable, signature, strict, text, varying } from '../signature.ts';

const partOfFirst = (params: readonly SqlType[]): SqlType => nullable(varying(params[0]))(params, []);
const trimmed = (params: readonly SqlType[]): SqlType => varying(likeFirst(params, []));

const SPACE = new Uint8Array([32]);

/** Functions whose result is a part of their first argument: nothing is copied. */
export const partFunctions: readonly FunctionDefinition[] = [
  {
    name: 'SUBSTRING',
    aliases: ['SUBSTR'],
    syntax: ['SUBSTRING(string, start [, length])', 'SUBSTRING(string FROM start [FOR length])'],
    signatures: [signature([text('string'), int('start'), int('length')], partOfFirst, { optional: 1 })],
    kernel: slice(() => substring),
    doc: 'The part from `start`, at most `length` characters. 0 counts as 1, a negative start counts from the end, a negative length gives NULL.',
    examples: [
      ["SUBSTRING('hello', 2, 3)", 'ell'],
      ["SUBSTRING('hello' FROM -3)", 'llo'],
      ["SUBSTRING('hello', 0, 2)", 'he'],
      ["SUBSTRING('hello', 1, -1)", null],
    ],
  },
  {
    name: 'LEFT',
    signatures: [signature([text('string'), int('length')], partOfFirst)],
    kernel: slice(() => (part: Slice, bytes: Uint8Array, start: number, end: number, length: number) => {
      part.start = start;
      part.end = length <= 0 ? start : codePointEnd(bytes, start, end, length);
    }),
    doc: 'The first characters; none when `length` is negative.',
    examples: [
      ["LEFT('hello', 2)", 'he'],
      ["LEFT('hello', -1)", ''],
    ],
  },
  {
    name: 'RIGHT',
    signatures: [signature([text('string'), int('length')], partOfFirst)],
    kernel: slice(() => (part: Slice, bytes: Uint8Array, start: number, end: number, length: number) => {
      part.start = length <= 0 ? end : codePointStart(bytes, start, end, length);
      part.end = end;
    }),
    doc: 'The last characters; none when `length` is negative.',
    examples: [["RIGHT('hello', 2)", 'lo']],
  },
  {
    name: 'TRIM',
    syntax: ['TRIM([BOTH | LEADING | TRAILING] [characters FROM] string)'],
    signatures: [signature([text('string'), text('characters')], trimmed, { optional: 1 })],
    kernel: slice(() => trimBoth),
    doc: 'Without the given characters (a set; spaces if none are given) at both ends, or at one.',
    examples: [
      ["TRIM('  x ')", 'x'],
      ["TRIM(LEADING '0' FROM '007')", '7'],
      ["TRIM(BOTH 'ho' FROM 'hello oho')", 'ello '],
    ],
  },
  {
    name: 'BTRIM',
    signatures: [signature([text('string'), text('characters')], strict(STRING), { optional: 1 })],
    kernel: slice(() => trimBoth),
    doc: 'Without the given characters (a set; spaces if none are given) at both ends.',
    examples: [["BTRIM('xyhixx', 'xy')", 'hi']],
  },
  {
    name: 'LTRIM',
    signatures: [signature([text('string'), text('characters')], trimmed, { optional: 1 })],
    kernel: slice(
      () =>
        (part: Slice, bytes: Uint8Array, start: number, end: number, set = SPACE, from = 0, to = 1): void => {
          part.start = leftEnd(bytes, start, end, set, from, to);
          part.end = end;
        },
    ),
    doc: 'Without the given characters (a set; spaces if none are given) at the left end.',
    examples: [["LTRIM('  x ')", 'x ']],
  },
  {
    name: 'RTRIM',
    signatures: [signature([text('string'), text('characters')], trimmed, { optional: 1 })],
    kernel: slice(
      () =>
        (part: Slice, bytes: Uint8Array, start: number, end: number, set = SPACE, from = 0, to = 1): void => {
          part.start = start;
          part.end = rightStart(bytes, start, end, set, from, to);
        },
    ),
    doc: 'Without the given characters (a set; spaces if none are given) at the right end.',
    examples: [["RTRIM(' x  ')", ' x']],
  },
];

function substring(
  part: Slice,
  bytes: Uint8Array,
  start: number,
  end: number,
  from: number,
  length: number | undefined,
): void {
  part.start = -1;
  part.end = end;
  if (length !== undefined && length < 0) return;
  part.start = startOf(bytes, start, end, from);
  if (part.start < 0) part.start = part.end = start;
  else if (length !== undefined) part.end = codePointEnd(bytes, part.start, end, length);
}

/** The byte where the character at `position` begins; -1 before the text. */
function startOf(bytes: Uint8Array, start: number, end: number, position: number): number {
  if (position > 0) return position === 1 ? start : codePointEnd(bytes, start, end, position - 1);
  if (position === 0) return start;
  return codePoints(bytes, start, end) + position < 0 ? -1 : codePointStart(bytes, start, end, -position);
}

function trimBoth(part: Slice, bytes: Uint8Array, start: number, end: number, set = SPACE, from = 0, to = 1): void {
  part.start = leftEnd(bytes, start, end, set, from, to);
  part.end = rightStart(bytes, part.start, end, set, from, to);
}

function leftEnd(bytes: Uint8Array, start: number, end: number, set: Uint8Array, from: number, to: number): number {
  let p = start;
  while (p < end) {
    const size = pointSize(bytes[p]);
    if (!holds(set, from, to, bytes, p, p + size)) return p;
    p += size;
  }
  return end;
}

function rightStart(bytes: Uint8Array, start: number, end: number, set: Uint8Array, from: number, to: number): number {
  let p = end;
  while (p > start) {
    const first = codePointStart(bytes, start, p, 1);
    if (!holds(set, from, to, bytes, first, p)) return p;
    p = first;
  }
  return start;
}

/** Whether a character is one of the set. */
function holds(set: Uint8Array, from: number, to: number, bytes: Uint8Array, start: number, end: number): boolean {
  if (to - from === 1 && end - start === 1) return set[from] === bytes[start];
  return to > from && indexOfBytes(set, from, to, bytes, start, end) >= 0;
}
