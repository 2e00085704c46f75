import { createHash } from 'node:crypto';
import { HeadwaterError } from '../../data/errors.ts';
import type { Expr } from '../typed.ts';
import type { BytesArena } from '../values/arena.ts';
import type { FunctionDefinition } from './definition.ts';
import { hashCode } from './hash-code.ts';
import { raw } from './kernel.ts';
import { char, int, signature, strict, textOrBytes, varchar } from './signature.ts';

function hash(name: string, algorithm: string, digits: number, example: string): FunctionDefinition {
  return {
    name,
    signatures: [signature([textOrBytes('value')], strict(char(digits)))],
    kernel: raw((_call, out) => digest(out, algorithm)),
    doc: `The ${name} hash of the bytes (of a text those of UTF-8), as ${digits} hexadecimal digits.`,
    examples: [[`${name}('a')`, example]],
  };
}

function digest(out: BytesArena, algorithm: string): (bytes: Uint8Array, start: number, end: number) => number {
  return (bytes, start, end) => out.text(createHash(algorithm).update(bytes.subarray(start, end)).digest('hex'));
}

export const hashFunctions: readonly FunctionDefinition[] = [
  hashCode,
  hash('MD5', 'md5', 32, '0cc175b9c0f1b6a831c399e269772661'),
  hash('SHA1', 'sha1', 40, '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'),
  hash('SHA224', 'sha224', 56, 'abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5'),
  hash('SHA256', 'sha256', 64, 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'),
  hash(
    'SHA384',
    'sha384',
    96,
    '54a59b9f22b0b80880d8427e548b7c23abd873486e1f035dce9cd697e85175033caa88e6d57bc35efae0b5afd3145f31',
  ),
  hash(
    'SHA512',
    'sha512',
    128,
    '1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75',
  ),
  {
    name: 'SHA2',
    signatures: [signature([textOrBytes('value'), int('bits')], strict(varchar(128)))],
    kernel: raw((_call, out) => {
      const digests = new Map([224, 256, 384, 512].map((bits) => [bits, digest(out, `sha${bits}`)]));
      return (bytes: Uint8Array, start: number, end: number, bits: number) => {
        const found = digests.get(bits);
        if (found === undefined) throw unknownLength(bits);
        return found(bytes, start, end);
      };
    }),
    check: checkLength,
    doc: 'The SHA-2 hash with 224, 256, 384 or 512 bits, as hexadecimal digits.',
    examples: [["SHA2('a', 224)", 'abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5']],
  },
];

function checkLength(args: readonly Expr[]): void {
  const bits = args[1];
  if (bits.kind !== 'literal' || bits.value === null) return;
  if (![224, 256, 384, 512].includes(Number(bits.value))) throw unknownLength(bits.value);
}

function unknownLength(bits: unknown): HeadwaterError {
  return new HeadwaterError('invalid-argument', `SHA2 has 224, 256, 384 or 512 bits, not ${String(bits)}`);
}
