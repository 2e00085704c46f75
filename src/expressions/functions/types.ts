import { formatType, MAX_LENGTH, type SqlType, stripAttribute } from '../../data/types.ts';
import type { Expr } from '../typed.ts';
import type { FunctionDefinition, Resolution } from './definition.ts';
import { rewritten } from './kernel.ts';
import { varchar } from './signature.ts';

export const typeFunctions: readonly FunctionDefinition[] = [
  {
    name: 'TYPEOF',
    signatures: [{ shown: 'value', resolve: anyType }],
    kernel: rewritten(([value]) => ({
      kind: 'literal',
      value: formatType(stripAttribute(value.type)),
      type: varchar(MAX_LENGTH),
    })),
    doc: 'The type of the value, as text.',
    examples: [
      ['TYPEOF(1)', 'INT NOT NULL'],
      ["TYPEOF('a')", 'CHAR(1) NOT NULL'],
      ['TYPEOF(ARRAY[1])', 'ARRAY<INT NOT NULL> NOT NULL'],
    ],
  },
];

function anyType(args: readonly Expr[]): Resolution | undefined {
  const types: readonly SqlType[] = args.map((arg) => arg.type);
  return args.length === 1 && types[0].kind !== 'NULL' ? { params: types, result: varchar() } : undefined;
}
