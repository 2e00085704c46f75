import { randomBytes, randomUUID } from 'node:crypto';
import { HeadwaterError } from '../../data/errors.ts';
import { DOUBLE, INT } from '../../data/types.ts';
import type { Call, Expr } from '../typed.ts';
import type { FunctionDefinition } from './definition.ts';
import { JavaRandom } from './java-random.ts';
import { plain, raw, type RawFunction } from './kernel.ts';
import { char, int, never, signature, strict } from './signature.ts';

export const randomFunctions: readonly FunctionDefinition[] = [
  {
    name: 'RAND',
    signatures: [signature([int('seed')], strict(DOUBLE), { optional: 1 })],
    kernel: raw((call) => randomOf(call, call.args[0], (random) => random.nextDouble())),
    volatile: true,
    doc: 'A random DOUBLE from 0 to below 1, anew for each row. A seed fixes the sequence of each parallel instance.',
    examples: [['RAND(1)', 0.7308781907032909]],
  },
  {
    name: 'RAND_INTEGER',
    signatures: [signature([int('bound')], strict(INT)), signature([int('seed'), int('bound')], strict(INT))],
    kernel: raw((call) => {
      const seed = call.args.length === 2 ? call.args[0] : undefined;
      return randomOf(call, seed, (random, bound) => random.nextInt(checkBound(bound)));
    }),
    volatile: true,
    doc: 'A random INT from 0 to below the bound, anew for each row. A seed fixes the sequence of each parallel instance.',
    examples: [['RAND_INTEGER(42, 10)', 0]],
  },
  {
    name: 'UUID',
    signatures: [signature([], never(char(36)))],
    kernel: plain(() => randomUUID),
    volatile: true,
    doc: 'A random UUID (version 4), anew for each row.',
    examples: [['CHAR_LENGTH(UUID())', 36]],
  },
];

/** One sequence per operator instance, from the constant seed or from none; a seed from a column begins anew for each row. */
function randomOf(
  { args }: Call,
  seed: Expr | undefined,
  next: (random: JavaRandom, bound: number) => number,
): RawFunction {
  if (seed !== undefined && seed.kind !== 'literal') {
    return (value: number, bound: number) => next(new JavaRandom(BigInt(value)), bound);
  }
  const start = seed === undefined ? randomBytes(8).readBigInt64LE() : BigInt(String(seed.value ?? 0));
  const random = new JavaRandom(start);
  const boundAt = args.length - 1;
  return (...values: number[]) => next(random, values[boundAt]);
}

function checkBound(bound: number): number {
  if (bound > 0) return bound;
  throw new HeadwaterError('invalid-argument', `The bound of RAND_INTEGER must be positive, but is ${bound}`);
}
