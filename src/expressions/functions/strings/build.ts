import { HeadwaterError } from '../../../data/errors.ts';
import { INT, MAX_LENGTH, type SqlType, STRING } from '../../../data/types.ts';
import { commonType, isBinary, isInteger, isString, withNullable } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import type { BytesArena } from '../../values/arena.ts';
import { decodeText, indexOfBytes } from '../../values/utf8.ts';
import type { FunctionDefinition, Signature } from '../definition.ts';
import { plain, plainWithNulls, raw } from '../kernel.ts';
import { asInteger, int, nullable, signature, strict, text, type Param } from '../signature.ts';

/** No function makes a longer text, in UTF-16 units. */
const LONGEST = 1 << 28;

const code = (name: string): Param => ({ name, accept: asInteger });

/** ELT of bytes. */
const numbered: Signature = {
  shown: 'index, bytes, ..',
  resolve: ([index, ...values]) => {
    const type = commonType(values.map((value) => value.type));
    const fits = index !== undefined && isInteger(index.type) && type !== undefined && isBinary(type);
    return fits ? { params: [INT, ...values.map(() => type)], result: withNullable(type, true) } : undefined;
  },
};

export const buildFunctions: readonly FunctionDefinition[] = [
  {
    name: 'REPEAT',
    signatures: [signature([text('string'), int('times')], strict(STRING))],
    kernel: raw((_call, out) => (bytes: Uint8Array, start: number, end: number, times: number) => {
      checkLength((end - start) * Math.max(0, times));
      out.open();
      if (end > start) for (let i = 0; i < times; i++) out.add(bytes, start, end);
      return out.start;
    }),
    doc: 'The text n times; empty when n is not positive.',
    examples: [
      ["REPEAT('ab', 3)", 'ababab'],
      ["REPEAT('ab', -1)", ''],
    ],
  },
  {
    name: 'LPAD',
    signatures: [signature([text('string'), int('length'), text('fill')], padded)],
    kernel: plain(() => (value: string, length: number, fill: string) => {
      const padding = paddingOf(value, length, fill);
      return padding === null ? null : padding + value.slice(0, length - padding.length);
    }),
    doc: 'Filled at the left to the length (in UTF-16 units), or cut to it. NULL for a negative length or an empty fill.',
    examples: [
      ["LPAD('hi', 4, '?')", '??hi'],
      ["LPAD('hello', 2, '?')", 'he'],
      ["LPAD('hi', 4, '')", null],
    ],
  },
  {
    name: 'RPAD',
    signatures: [signature([text('string'), int('length'), text('fill')], padded)],
    kernel: plain(() => (value: string, length: number, fill: string) => {
      const padding = paddingOf(value, length, fill);
      return padding === null ? null : value.slice(0, length - padding.length) + padding;
    }),
    doc: 'Filled at the right to the length (in UTF-16 units), or cut to it. NULL for a negative length or an empty fill.',
    examples: [["RPAD('hi', 5, 'ab')", 'hiaba']],
  },
  {
    name: 'REPLACE',
    signatures: [signature([text('string'), text('part'), text('replacement')], strict(STRING))],
    kernel: raw((_call, out) => replaceIn(out)),
    doc: 'Every occurrence of the part replaced. An empty part stands before each character and at the end.',
    examples: [
      ["REPLACE('hello world', 'o', '00')", 'hell00 w00rld'],
      ["REPLACE('ab', '', '-')", '-a-b-'],
    ],
  },
  {
    name: 'TRANSLATE',
    aliases: ['TRANSLATE3'],
    signatures: [signature([text('string'), text('from'), text('to')], ([string]) => strict(STRING)([string], []))],
    kernel: plainWithNulls(
      () => (value: string | null, from: string | null, to: string | null) =>
        value === null || from === null ? value : translate(value, from, to ?? ''),
    ),
    doc: 'Each character of `from` replaced by the one at its place in `to`; those without one are removed. A NULL for `from` or `to` is an empty text.',
    examples: [["TRANSLATE('www.apache.org', 'wapcheorg', ' ')", '   ..']],
  },
  {
    name: 'OVERLAY',
    syntax: ['OVERLAY(string PLACING part FROM start [FOR length])'],
    signatures: [signature([text('string'), text('part'), int('start'), int('length')], overlaid, { optional: 1 })],
    kernel: plain(() => overlay),
    doc: 'The part put over the characters from `start` (in UTF-16 units); unchanged when `start` is outside of the text.',
    examples: [
      ["OVERLAY('xxxxxtest' PLACING 'xxxx' FROM 6)", 'xxxxxxxxx'],
      ["OVERLAY('abcdef' PLACING '-' FROM 2 FOR 3)", 'a-ef'],
    ],
  },
  {
    name: 'CHR',
    signatures: [signature([code('code')], nullable(STRING))],
    kernel: plain(
      () => (value: number | bigint) => (value < 0 ? '' : String.fromCharCode(Number(BigInt(value) & 255n))),
    ),
    doc: 'The character of the lowest eight bits; empty for a negative number.',
    examples: [
      ['CHR(97)', 'a'],
      ['CHR(353)', 'a'],
      ['CHR(-1)', ''],
    ],
  },
  {
    name: 'ELT',
    signatures: [signature([int('index'), text('string')], chosen, { repeated: true }), numbered],
    check: ([index]) => {
      if (index.kind !== 'literal' || index.value === null || Number(index.value) >= 0) return;
      throw new HeadwaterError(
        'invalid-argument',
        `The index of ELT must be an integer starting from 0, but was ${String(index.value)}`,
      );
    },
    kernel: plainWithNulls(
      () =>
        (index: number | null, ...values: readonly unknown[]) =>
          index === null ? null : (values[index - 1] ?? null),
    ),
    doc: 'The text, or the bytes, with this number, from 1; NULL when there is none.',
    examples: [
      ["ELT(2, 'a', 'b')", 'b'],
      ["ELT(3, 'a', 'b')", null],
      ["ELT(2, x'01', x'0203')", '0203'],
    ],
  },
];

/** What is missing to the length; null where the result is NULL. */
function paddingOf(value: string, length: number, fill: string): string | null {
  if (length < 0 || fill === '') return null;
  checkLength(length);
  const missing = Math.max(0, length - value.length);
  return fill.repeat(Math.ceil(missing / fill.length)).slice(0, missing);
}

function checkLength(length: number): void {
  if (length <= LONGEST) return;
  throw new HeadwaterError('text-too-long', `A text of ${length} characters was asked for; the most is ${LONGEST}`);
}

function replaceIn(out: BytesArena) {
  return (
    bytes: Uint8Array,
    start: number,
    end: number,
    part: Uint8Array,
    from: number,
    to: number,
    by: Uint8Array,
    byStart: number,
    byEnd: number,
  ): number => {
    if (from === to) {
      const between = decodeText(by, byStart, byEnd);
      return out.text(['', ...decodeText(bytes, start, end), ''].join(between));
    }
    out.open();
    let at = start;
    for (;;) {
      const found = indexOfBytes(bytes, at, end, part, from, to);
      if (found < 0) break;
      out.add(bytes, at, found);
      out.add(by, byStart, byEnd);
      at = found + (to - from);
    }
    out.add(bytes, at, end);
    return out.start;
  };
}

function translate(value: string, from: string, to: string): string {
  const targets = [...to];
  const map = new Map<string, string>();
  for (const [i, char] of [...from].entries()) if (!map.has(char)) map.set(char, targets[i] ?? '');
  let result = '';
  for (const char of value) result += map.get(char) ?? char;
  return result;
}

function overlay(value: string, part: string, start: number, length: number = part.length): string {
  if (start <= 0 || start > value.length) return value;
  const head = value.slice(0, start - 1) + part;
  return length > 0 && start + length <= value.length ? head + value.slice(start - 1 + length) : head;
}

/** NULL only where an argument is, if the length and the fill are constants that make text. */
function padded(params: readonly SqlType[], args: readonly Expr[]): SqlType {
  const [, length, fill] = args;
  const known =
    length.kind === 'literal' && Number(length.value) >= 0 && fill.kind === 'literal' && String(fill.value) !== '';
  return known ? strict(STRING)(params, args) : nullable(STRING)(params, args);
}

/** As long as both texts together. */
function overlaid(params: readonly SqlType[], args: readonly Expr[]): SqlType {
  const length = params.slice(0, 2).reduce((sum, type) => sum + (isString(type) ? type.length : 0), 0);
  return strict({ kind: 'VARCHAR', length: Math.min(MAX_LENGTH, length), nullable: true })(params, args);
}

/** The common type of the texts. */
function chosen([, ...texts]: readonly SqlType[]): SqlType {
  return withNullable(commonType(texts) ?? STRING, true);
}
