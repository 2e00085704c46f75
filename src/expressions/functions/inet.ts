import { BIGINT, STRING } from '../../data/types.ts';
import type { FunctionDefinition } from './definition.ts';
import { plain } from './kernel.ts';
import { asInteger, nullable, signature, text } from './signature.ts';

const MOST = 0xffffffffn;

export const inetFunctions: readonly FunctionDefinition[] = [
  {
    name: 'INET_ATON',
    signatures: [signature([text('address')], nullable(BIGINT))],
    kernel: plain(() => toNumber),
    doc: 'An IPv4 address as a number; of fewer than four numbers the last one is the last byte. NULL for other text.',
    examples: [
      ["INET_ATON('127.0.0.1')", '2130706433'],
      ["INET_ATON('x')", null],
    ],
  },
  {
    name: 'INET_NTOA',
    signatures: [signature([{ name: 'number', accept: asInteger }], nullable(STRING))],
    kernel: plain(() => toAddress),
    doc: 'A number as an IPv4 address; NULL outside of 32 bits.',
    examples: [['INET_NTOA(2130706433)', '127.0.0.1']],
  },
];

/** Of fewer than four numbers the last one is the last byte, and the bytes before it that are left out are 0. */
function toNumber(address: string): bigint | null {
  if (!/^\d{1,3}(\.\d{1,3}){0,3}$/.test(address)) return null;
  const parts = address.split('.').map(BigInt);
  if (parts.some((part) => part > 255n)) return null;
  const bytes = [...parts.slice(0, -1), ...Array<bigint>(4 - parts.length).fill(0n), parts[parts.length - 1]];
  return bytes.reduce((sum, part) => sum * 256n + part, 0n);
}

function toAddress(value: number | bigint): string | null {
  const number = BigInt(value);
  if (number < 0n || number > MOST) return null;
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.');
}
