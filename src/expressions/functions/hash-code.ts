import { INT, type SqlType } from '../../data/types.ts';
import type { TimestampValue } from '../../data/read.ts';
import { isNumeric, isString } from '../types/common-type.ts';
import type { FunctionDefinition } from './definition.ts';
import { plain } from './kernel.ts';
import { signature, strict } from './signature.ts';

/** HASH_CODE: what Java's hashCode() gives for the value in Flink. */
export const hashCode: FunctionDefinition = {
  name: 'HASH_CODE',
  signatures: [signature([{ name: 'value', accept: (type) => (isHashed(type) ? type : undefined) }], strict(INT))],
  kernel: plain(({ args }) => hashOf(args[0].type)),
  doc: 'The hash code that the value has in Java, of a text without its sign.',
  examples: [
    ["HASH_CODE('abc')", 96354],
    ['HASH_CODE(1.50)', 4652],
  ],
};

function isHashed(type: SqlType): boolean {
  return (
    isNumeric(type) ||
    isString(type) ||
    type.kind === 'BOOLEAN' ||
    type.kind === 'DATE' ||
    type.kind === 'TIME' ||
    type.kind === 'TIMESTAMP'
  );
}

const view = new DataView(new ArrayBuffer(8));

/** The hash code in Java of a value of the type as functions see it; of a text that of a String, without its sign. */
export function hashOf(type: SqlType): (value: never) => number {
  switch (type.kind) {
    case 'BOOLEAN':
      return (value: boolean) => (value ? 1231 : 1237);
    case 'BIGINT':
    case 'INTERVAL_DAY_TIME':
      return (value: bigint | number) => folded(BigInt(value));
    case 'FLOAT':
      return (value: number) => {
        view.setFloat32(0, value);
        return view.getInt32(0);
      };
    case 'DOUBLE':
      return (value: number) => {
        view.setFloat64(0, value);
        return view.getInt32(0) ^ view.getInt32(4);
      };
    case 'DECIMAL':
      return (value: bigint) => (Math.imul(31, magnitude(value)) + type.scale) | 0;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return ({ ms, nanos }: TimestampValue) => (Math.imul(31, folded(BigInt(ms))) + nanos) | 0;
    case 'CHAR':
    case 'VARCHAR':
      return (value: string) => {
        let hash = 0;
        for (let i = 0; i < value.length; i++) hash = (Math.imul(31, hash) + value.charCodeAt(i)) | 0;
        return Math.abs(hash) | 0;
      };
    default:
      return (value: number) => value;
  }
}

/** The halves of a long, one upon the other. */
function folded(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (value >> 32n)));
}

/** The hash of a BigInteger: its words from the highest on, with the sign of the number. */
function magnitude(value: bigint): number {
  const size = value < 0n ? -value : value;
  let hash = 0;
  for (let shift = 96n; shift >= 0n; shift -= 32n) {
    hash = (Math.imul(31, hash) + Number(BigInt.asIntN(32, size >> shift))) | 0;
  }
  return value < 0n ? -hash | 0 : hash;
}
