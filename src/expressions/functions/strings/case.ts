import { INT, STRING } from '../../../data/types.ts';
import type { BytesArena } from '../../values/arena.ts';
import { codePoints, decodeText, isAscii } from '../../values/utf8.ts';
import type { FunctionDefinition } from '../definition.ts';
import { raw } from '../kernel.ts';
import { likeFirst, nullable, signature, strict, text } from '../signature.ts';

const DIFFERENCE = 32;

export const caseFunctions: readonly FunctionDefinition[] = [
  {
    name: 'CHAR_LENGTH',
    aliases: ['CHARACTER_LENGTH'],
    signatures: [signature([text('string')], strict(INT))],
    kernel: raw(() => codePoints),
    doc: 'The number of characters (code points).',
    examples: [["CHAR_LENGTH('añ😀')", 3]],
  },
  {
    name: 'UPPER',
    signatures: [signature([text('string')], likeFirst)],
    kernel: raw((_call, out) => changeCase(out, 97, 122, -DIFFERENCE, (value) => value.toUpperCase())),
    doc: 'In upper case.',
    examples: [["UPPER('añB')", 'AÑB']],
  },
  {
    name: 'LOWER',
    signatures: [signature([text('string')], likeFirst)],
    kernel: raw((_call, out) => changeCase(out, 65, 90, DIFFERENCE, (value) => value.toLowerCase())),
    doc: 'In lower case.',
    examples: [["LOWER('AÑb')", 'añb']],
  },
  {
    name: 'INITCAP',
    signatures: [signature([text('string')], likeFirst)],
    kernel: raw((_call, out) => (bytes: Uint8Array, start: number, end: number) => {
      const from = out.copy(bytes, start, end);
      capitalize(out.bytes, from, out.at);
      return from;
    }),
    doc: 'Each run of letters and digits (of ASCII) begins with an upper-case letter and goes on in lower case.',
    examples: [["INITCAP('hello WORLD 2nd')", 'Hello World 2nd']],
  },
  {
    name: 'REVERSE',
    signatures: [signature([text('string')], nullable(STRING))],
    kernel: raw((_call, out) => (bytes: Uint8Array, start: number, end: number) => {
      if (!isAscii(bytes, start, end)) return out.text([...decodeText(bytes, start, end)].reverse().join(''));
      const from = out.copy(bytes, start, end);
      for (let a = from, p = end; p > start;) out.bytes[a++] = bytes[--p];
      return from;
    }),
    doc: 'The characters in the opposite order.',
    examples: [["REVERSE('abñ')", 'ñba']],
  },
];

/** ASCII letters by adding to the bytes `first` to `last`; other text by way of a JavaScript string. */
function changeCase(
  out: BytesArena,
  first: number,
  last: number,
  difference: number,
  other: (value: string) => string,
): (bytes: Uint8Array, start: number, end: number) => number {
  return (bytes, start, end) => {
    const from = out.copy(bytes, start, end);
    const target = out.bytes;
    for (let p = from; p < out.at; p++) {
      const byte = target[p];
      if (byte >= first && byte <= last) target[p] = byte + difference;
      else if (byte >= 0x80) return out.text(other(decodeText(bytes, start, end)));
    }
    return from;
  };
}

function capitalize(bytes: Uint8Array, start: number, end: number): void {
  let inWord = false;
  for (let p = start; p < end; p++) {
    const byte = bytes[p];
    const upper = byte >= 65 && byte <= 90;
    const lower = byte >= 97 && byte <= 122;
    if (lower && !inWord) bytes[p] = byte - DIFFERENCE;
    if (upper && inWord) bytes[p] = byte + DIFFERENCE;
    inWord = upper || lower || (byte >= 48 && byte <= 57);
  }
}
