import { HeadwaterError } from '../../../data/errors.ts';
import { BOOLEAN, INT } from '../../../data/types.ts';
import { codePointEnd, codePoints, decodeText, indexOfBytes } from '../../values/utf8.ts';
import type { FunctionDefinition } from '../definition.ts';
import { raw } from '../kernel.ts';
import { asBinary, int, signature, strict, text, type Param } from '../signature.ts';

const bytes = (name: string): Param => ({ name, accept: asBinary });

export const searchFunctions: readonly FunctionDefinition[] = [
  {
    name: 'POSITION',
    syntax: ['POSITION(part IN string [FROM start])'],
    signatures: [signature([text('part'), text('string'), int('start')], strict(INT), { optional: 1 })],
    kernel: raw(() => locate),
    doc: 'Where the part first occurs (at or after `start`), 0 when it does not; 1 for an empty part.',
    examples: [
      ["POSITION('lo' IN 'hello')", 4],
      ["POSITION('x' IN 'hello')", 0],
      ["POSITION('l' IN 'hello' FROM 4)", 4],
    ],
  },
  {
    name: 'LOCATE',
    signatures: [signature([text('part'), text('string'), int('start')], strict(INT), { optional: 1 })],
    kernel: raw(() => locate),
    doc: 'Where the part first occurs at or after `start`, 0 when it does not; 1 for an empty part.',
    examples: [
      ["LOCATE('l', 'hello')", 3],
      ["LOCATE('l', 'hello', 4)", 4],
    ],
  },
  {
    name: 'INSTR',
    signatures: [
      signature([text('string'), text('part'), int('start'), int('occurrence')], strict(INT), { optional: 2 }),
    ],
    kernel: raw(() => instr),
    doc: 'Where the part occurs for the n-th time at or after `start`, 0 when it does not. A negative start counts from the end and searches backwards.',
    examples: [
      ["INSTR('hello', 'l')", 3],
      ["INSTR('hello', 'l', 1, 2)", 4],
      ["INSTR('hello', 'l', -1)", 4],
    ],
  },
  {
    name: 'STARTSWITH',
    signatures: [
      signature([text('string'), text('part')], strict(BOOLEAN)),
      signature([bytes('bytes'), bytes('part')], strict(BOOLEAN)),
    ],
    kernel: raw(
      () => (whole: Uint8Array, start: number, end: number, part: Uint8Array, from: number, to: number) =>
        to - from <= end - start && sameBytes(whole, start, part, from, to),
    ),
    doc: 'Whether it begins with the part; TRUE for an empty part.',
    examples: [["STARTSWITH('hello', 'he')", true]],
  },
  {
    name: 'ENDSWITH',
    signatures: [
      signature([text('string'), text('part')], strict(BOOLEAN)),
      signature([bytes('bytes'), bytes('part')], strict(BOOLEAN)),
    ],
    kernel: raw(
      () => (whole: Uint8Array, start: number, end: number, part: Uint8Array, from: number, to: number) =>
        to - from <= end - start && sameBytes(whole, end - (to - from), part, from, to),
    ),
    doc: 'Whether it ends with the part; TRUE for an empty part.',
    examples: [["ENDSWITH('hello', 'lo')", true]],
  },
  {
    name: 'ASCII',
    signatures: [signature([text('string')], strict(INT))],
    kernel: raw(
      () => (text: Uint8Array, start: number, end: number) => (start === end ? 0 : (text[start] << 24) >> 24),
    ),
    doc: 'The first byte of the text (of UTF-8, signed); 0 for an empty text.',
    examples: [
      ["ASCII('abc')", 97],
      ["ASCII('')", 0],
    ],
  },
];

function sameBytes(a: Uint8Array, at: number, b: Uint8Array, from: number, to: number): boolean {
  for (let p = from; p < to; p++) if (a[at++] !== b[p]) return false;
  return true;
}

function locate(
  part: Uint8Array,
  from: number,
  to: number,
  whole: Uint8Array,
  start: number,
  end: number,
  position: number | undefined,
): number {
  if (from === to) return 1;
  const begin = position === undefined || position <= 1 ? start : codePointEnd(whole, start, end, position - 1);
  const found = indexOfBytes(whole, begin, end, part, from, to);
  return found < 0 ? 0 : codePoints(whole, start, found) + 1;
}

function instr(
  whole: Uint8Array,
  start: number,
  end: number,
  part: Uint8Array,
  from: number,
  to: number,
  position: number | undefined,
  occurrence: number | undefined,
): number {
  if (occurrence !== undefined && occurrence <= 0) {
    throw new HeadwaterError('invalid-argument', `The occurrence of INSTR must be positive, but is ${occurrence}`);
  }
  if (position === undefined && occurrence === undefined) return locate(part, from, to, whole, start, end, 1);
  const text = [...decodeText(whole, start, end)];
  const needle = [...decodeText(part, from, to)];
  return nth(text, needle, position ?? 1, occurrence ?? 1);
}

function nth(text: readonly string[], part: readonly string[], position: number, occurrence: number): number {
  if (position === 0) return 0;
  if (position < 0) {
    const found = nth(text.toReversed(), part.toReversed(), -position, occurrence);
    return found === 0 ? 0 : text.length + 2 - found - part.length;
  }
  let from = position - 1;
  let found = 0;
  for (let i = 0; i < occurrence; i++) {
    found = indexOf(text, part, from) + 1;
    if (found === 0) return 0;
    from = found;
  }
  return found;
}

function indexOf(text: readonly string[], part: readonly string[], from: number): number {
  if (part.length === 0) return 0;
  for (let i = from; i + part.length <= text.length; i++) if (part.every((char, j) => text[i + j] === char)) return i;
  return -1;
}
