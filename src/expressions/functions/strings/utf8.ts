import { BOOLEAN, STRING } from '../../../data/types.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain } from '../kernel.ts';
import { asBinary, signature, strict } from '../signature.ts';

const bytes = { name: 'bytes', accept: asBinary };

export const utf8Functions: readonly FunctionDefinition[] = [
  {
    name: 'IS_VALID_UTF8',
    signatures: [signature([bytes], strict(BOOLEAN))],
    kernel: plain(() => isValid),
    doc: 'Whether the bytes are UTF-8.',
    examples: [
      ["IS_VALID_UTF8(x'61c3b1')", true],
      ["IS_VALID_UTF8(x'ff')", false],
    ],
  },
  {
    name: 'MAKE_VALID_UTF8',
    signatures: [signature([bytes], strict(STRING))],
    kernel: plain(() => (value: Uint8Array) => Buffer.from(value).toString('utf8')),
    doc: 'The text that the bytes are in UTF-8, with U+FFFD for what is none.',
    examples: [["MAKE_VALID_UTF8(x'61ff')", 'a\ufffd']],
  },
];

function isValid(value: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(value);
    return true;
  } catch {
    return false;
  }
}
