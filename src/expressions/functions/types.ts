import { formatType, MAX_LENGTH, STRING, type SqlType, stripAttribute } from '../../data/types.ts';
import { withNullable } from '../types/common-type.ts';
import type { Expr } from '../typed.ts';
import type { FunctionDefinition, Resolution } from './definition.ts';
import { rewritten } from './kernel.ts';
import { varchar } from './signature.ts';

export const typeFunctions: readonly FunctionDefinition[] = [
  {
    name: 'TYPEOF',
    signatures: [{ shown: 'value [, in_full]', resolve: anyType }],
    kernel: rewritten(([value, inFull]) => {
      const type = formatType(stripAttribute(value.type));
      const full = inFull?.kind === 'literal' && inFull.value === true;
      return { kind: 'literal', value: full ? spelledOut(type) : type, type: varchar(MAX_LENGTH) };
    }),
    doc: 'The type of the value, as text; with TRUE without the short names STRING, BYTES and TIMESTAMP_LTZ.',
    examples: [
      ['TYPEOF(1)', 'INT NOT NULL'],
      ["TYPEOF('a')", 'CHAR(1) NOT NULL'],
      ['TYPEOF(ARRAY[1])', 'ARRAY<INT NOT NULL> NOT NULL'],
      ['TYPEOF(CAST(NULL AS STRING), TRUE)', 'VARCHAR(2147483647)'],
    ],
  },
  {
    name: 'CURRENT_DATABASE',
    signatures: [
      {
        shown: '',
        resolve: (args) => (args.length === 0 ? { params: [], result: withNullable(STRING, false) } : undefined),
      },
    ],
    kernel: rewritten(() => ({ kind: 'literal', value: 'default_database', type: withNullable(STRING, false) })),
    doc: 'The name of the database: there is one, `default_database`.',
    examples: [['CURRENT_DATABASE()', 'default_database']],
  },
];

function anyType(args: readonly Expr[]): Resolution | undefined {
  const [value, inFull] = args.map((arg) => arg.type) as readonly (SqlType | undefined)[];
  if (args.length > 2 || value === undefined || value.kind === 'NULL') return undefined;
  const fits = inFull === undefined || (inFull.kind === 'BOOLEAN' && args[1].kind === 'literal');
  return fits ? { params: args.map((arg) => arg.type), result: varchar() } : undefined;
}

/** Names in back-ticks stay. */
function spelledOut(type: string): string {
  return type.replace(
    /`(?:[^`]|``)*`|\b(STRING|BYTES|TIMESTAMP_LTZ(\(\d\)))/g,
    (whole, short: string | undefined, precision: string) =>
      short === undefined
        ? whole
        : short === 'STRING'
          ? `VARCHAR(${MAX_LENGTH})`
          : short === 'BYTES'
            ? `VARBINARY(${MAX_LENGTH})`
            : `TIMESTAMP${precision} WITH LOCAL TIME ZONE`,
  );
}
