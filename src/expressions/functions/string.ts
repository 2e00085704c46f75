import { INT, STRING } from '../../data/types.ts';
import { codePoints } from '../values/utf8.ts';
import type { FunctionDefinition } from './definition.ts';
import { plain, raw } from './kernel.ts';
import { signature, strict, text, textOrBytes } from './signature.ts';

export const stringFunctions: readonly FunctionDefinition[] = [
  {
    name: 'CHAR_LENGTH',
    aliases: ['CHARACTER_LENGTH'],
    signatures: [signature([text('string')], strict(INT))],
    kernel: raw(() => (bytes: Uint8Array, start: number, end: number) => codePoints(bytes, start, end)),
    doc: 'The number of characters (code points).',
    examples: [["CHAR_LENGTH('añ😀')", 3]],
  },
  {
    name: 'REVERSE',
    signatures: [signature([textOrBytes('string')], strict(STRING))],
    kernel: plain(() => (value: string) => [...value].reverse().join('')),
    doc: 'The characters in the opposite order.',
    examples: [["REVERSE('abc')", 'cba']],
  },
];
