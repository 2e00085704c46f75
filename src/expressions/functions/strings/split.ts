import { STRING } from '../../../data/types.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain } from '../kernel.ts';
import { arrayOf, int, nullable, signature, strict, text } from '../signature.ts';

export const splitFunctions: readonly FunctionDefinition[] = [
  {
    name: 'SPLIT_INDEX',
    signatures: [
      signature([text('string'), text('separator'), int('index')], nullable(STRING)),
      signature([text('string'), int('code'), int('index')], nullable(STRING)),
    ],
    kernel: plain(({ args }) => (args[1].type.kind === 'INT' ? splitIndexByCode : splitIndex)),
    doc: 'The piece with this number, counted from 0, of the text cut at the separator (or at the character with a code from 1 to 255); NULL when there is none. An empty separator cuts at white space.',
    examples: [
      ["SPLIT_INDEX('a,b,c', ',', 1)", 'b'],
      ["SPLIT_INDEX('a,b,c', 44, 3)", null],
    ],
  },
  {
    name: 'SPLIT',
    signatures: [signature([text('string'), text('separator')], strict(arrayOf(STRING)))],
    kernel: plain(() => splitAll),
    doc: 'The pieces of the text cut at the separator; its characters when that is empty. An empty text has none.',
    examples: [["SPLIT('a,,b', ',')", ['a', '', 'b']]],
  },
];

function splitAll(value: string, separator: string): string[] {
  if (value === '') return [];
  return separator === '' ? [...value] : value.split(separator);
}

function splitIndex(value: string, separator: string, index: number): string | null {
  if (index < 0 || value === '') return null;
  return value.split(separator === '' ? /\s/ : separator)[index] ?? null;
}

function splitIndexByCode(value: string, code: number, index: number): string | null {
  return code < 1 || code > 255 ? null : splitIndex(value, String.fromCharCode(code), index);
}
