import { HeadwaterError } from '../../../data/errors.ts';
import { BYTES, type SqlType, STRING } from '../../../data/types.ts';
import { isInteger } from '../../types/common-type.ts';
import type { Expr } from '../../typed.ts';
import type { FunctionDefinition } from '../definition.ts';
import { plain, rawOrNull } from '../kernel.ts';
import { asBinary, asInteger, nullable, signature, strict, text, textOrBytes } from '../signature.ts';
import { decodeCharset, encodeCharset, isCharset } from './charset.ts';

const integer = { name: 'integer', accept: asInteger };

export const encodeFunctions: readonly FunctionDefinition[] = [
  {
    name: 'ENCODE',
    signatures: [signature([text('string'), text('charset')], encoded)],
    kernel: plain(() => encodeCharset),
    check: checkCharset,
    doc: 'The bytes of the text in a charset: US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE or UTF-16.',
    examples: [["ENCODE('añ', 'ISO-8859-1')", '61f1']],
  },
  {
    name: 'DECODE',
    signatures: [signature([{ name: 'bytes', accept: asBinary }, text('charset')], strict(STRING))],
    kernel: plain(() => decodeCharset),
    check: checkCharset,
    doc: 'The text that the bytes are in a charset.',
    examples: [["DECODE(x'61f1', 'ISO-8859-1')", 'añ']],
  },
  {
    name: 'TO_BASE64',
    signatures: [signature([textOrBytes('value')], strict(STRING))],
    kernel: rawOrNull(
      (_call, out) => (bytes: Uint8Array, start: number, end: number) =>
        out.text(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('base64')),
    ),
    doc: 'The bytes (of a text those of UTF-8) in base 64.',
    examples: [["TO_BASE64('hello')", 'aGVsbG8=']],
  },
  {
    name: 'FROM_BASE64',
    signatures: [signature([text('string')], strict(STRING))],
    kernel: plain(() => fromBase64),
    doc: 'The text whose bytes these are in base 64; anything else fails the job.',
    examples: [["FROM_BASE64('aGVsbG8=')", 'hello']],
  },
  {
    name: 'HEX',
    signatures: [signature([integer], strict(STRING)), signature([text('string')], strict(STRING))],
    kernel: plain(({ args }) => (isInteger(args[0].type) ? hexOfInteger : hexOfText)),
    doc: 'Upper-case hexadecimal digits of an integer (negative ones as 64 bits), or of the bytes of a text.',
    examples: [
      ['HEX(20)', '14'],
      ['HEX(-1)', 'FFFFFFFFFFFFFFFF'],
      ["HEX('hi')", '6869'],
    ],
  },
  {
    name: 'UNHEX',
    signatures: [signature([text('string')], nullable(BYTES))],
    kernel: plain(() => unhex),
    doc: 'The bytes of hexadecimal digits; the first one of an odd number is dropped for a zero byte. NULL for other text.',
    examples: [
      ["UNHEX('6869')", '6869'],
      ["UNHEX('4')", '00'],
      ["UNHEX('x')", null],
    ],
  },
  {
    name: 'BIN',
    signatures: [signature([integer], strict(STRING))],
    kernel: plain(() => (value: number | bigint) => BigInt.asUintN(64, BigInt(value)).toString(2)),
    doc: 'Binary digits of an integer (negative ones as 64 bits).',
    examples: [
      ['BIN(4)', '100'],
      ['BIN(12)', '1100'],
    ],
  },
];

function checkCharset(args: readonly Expr[]): void {
  const charset = args[1];
  if (charset.kind !== 'literal' || charset.value === null || isCharset(String(charset.value))) return;
  throw new HeadwaterError('invalid-argument', `'${String(charset.value)}' is no known charset`);
}

/** An unknown charset gives NULL, which a constant cannot be. */
function encoded(params: readonly SqlType[], args: readonly Expr[]): SqlType {
  return (args[1].kind === 'literal' ? strict(BYTES) : nullable(BYTES))(params, args);
}

function hexOfInteger(value: number | bigint): string {
  return BigInt.asUintN(64, BigInt(value)).toString(16).toUpperCase();
}

function hexOfText(value: string): string {
  return Buffer.from(value, 'utf8').toString('hex').toUpperCase();
}

function unhex(value: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]*$/.test(value)) return null;
  const digits = value.length % 2 === 0 ? value : `00${value.slice(1)}`;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function fromBase64(value: string): string {
  if (!BASE64.test(value)) throw new HeadwaterError('invalid-argument', `'${value}' is not in base 64`);
  return Buffer.from(value, 'base64').toString('utf8');
}
