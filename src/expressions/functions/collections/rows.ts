import type { SqlType } from '../../../data/types.ts';
import type { Expr } from '../../typed.ts';
import { withNullable } from '../../types/common-type.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { plain, plainWithNulls } from '../kernel.ts';

export const rowFunctions: readonly FunctionDefinition[] = [
  {
    name: 'ROW',
    syntax: ['ROW(value, ..)', '(value, value, ..)'],
    signatures: [{ shown: 'value, ..', resolve: constructed }],
    kernel: plainWithNulls(
      () =>
        (...values: unknown[]) =>
          values,
    ),
    doc: 'A row of values.',
    examples: [
      ["ROW(1, 'a')", [1, 'a']],
      ['(1, 2)', [1, 2]],
    ],
  },
  {
    name: 'FIELD',
    syntax: ['row.field'],
    signatures: [{ shown: 'row, index', resolve: field }],
    kernel: plain(({ args }) => {
      const index = indexOf(args);
      return (row: readonly unknown[]) => row[index] ?? null;
    }),
    constants: [1],
    doc: 'A field of a row; NULL of a NULL row.',
    examples: [["CAST(ROW(1, 'a') AS ROW<id INT, name STRING>).name", 'a']],
  },
];

function constructed(args: readonly Expr[]): Resolution | undefined {
  if (args.length === 0 || args.some((arg) => arg.type.kind === 'NULL')) return undefined;
  const types: readonly SqlType[] = args.map((arg) => arg.type);
  const fields = types.map((type, i) => ({ name: `EXPR$${i}`, type }));
  return { params: types, result: { kind: 'ROW', fields, nullable: false } };
}

function field(args: readonly Expr[]): Resolution | undefined {
  const { type } = args[0];
  if (type.kind !== 'ROW') return undefined;
  const found = type.fields[indexOf(args)].type;
  return { params: args.map((arg) => arg.type), result: withNullable(found, found.nullable || type.nullable) };
}

/** The field's number is a constant that the binder finds by the name. */
function indexOf(args: readonly Expr[]): number {
  const index = args[1];
  return index.kind === 'literal' ? Number(index.value) : 0;
}
