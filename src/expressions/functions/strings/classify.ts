import { BOOLEAN, STRING, type SqlType } from '../../../data/types.ts';
import { isNumeric, isString } from '../../types/common-type.ts';
import { parseDouble } from '../../values/parse.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plainWithNulls, type PlainFunction } from '../kernel.ts';
import { never, signature } from '../signature.ts';

/** Text, or a number as text. */
const asTextOfNumber = (type: SqlType): SqlType | undefined =>
  isString(type) ? type : isNumeric(type) ? STRING : undefined;

function classifier(name: string, test: PlainFunction, doc: string, examples: FunctionDefinition['examples']) {
  return {
    name,
    signatures: [signature([{ name: 'value', accept: asTextOfNumber }], never(BOOLEAN))],
    kernel: plainWithNulls(() => test),
    doc,
    examples,
  };
}

export const classifyFunctions: readonly FunctionDefinition[] = [
  classifier(
    'IS_ALPHA',
    (value: string | null) => value !== null && /^(?:(?![\u{10000}-\u{10FFFF}])\p{L})+$/u.test(value),
    'Whether all characters are letters; FALSE for an empty text and for NULL.',
    [
      ["IS_ALPHA('abcñ')", true],
      ["IS_ALPHA('a1')", false],
      ['IS_ALPHA(CAST(NULL AS STRING))', false],
    ],
  ),
  classifier(
    'IS_DIGIT',
    (value: string | null) => value !== null && /^(?:(?![\u{10000}-\u{10FFFF}])\p{Nd})+$/u.test(value),
    'Whether all characters are digits; FALSE for an empty text and for NULL.',
    [
      ["IS_DIGIT('123')", true],
      ["IS_DIGIT('1.5')", false],
    ],
  ),
  classifier(
    'IS_DECIMAL',
    (value: string | null) => value !== null && parseDouble(value) !== undefined,
    'Whether the text can be read as a number; FALSE for NULL.',
    [
      ["IS_DECIMAL('-1.5e3')", true],
      ["IS_DECIMAL('x')", false],
    ],
  ),
];
