import { BOOLEAN } from '../../data/types.ts';
import { stripAttribute, type SqlType } from '../../data/types.ts';
import { assign, classOf, declare, isTrue, NEVER, type Operand } from '../codegen/operand.ts';
import { emitCoalesce } from '../kernels/logic.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { commonType, isString, withNullable } from '../types/common-type.ts';
import type { Call, Expr } from '../typed.ts';
import type { FunctionDefinition, Resolution } from './definition.ts';
import { emitted, rewritten } from './kernel.ts';

const NOTHING: Expr = { kind: 'literal', value: null, type: { kind: 'NULL', nullable: true } };

export const conditionalFunctions: readonly FunctionDefinition[] = [
  {
    name: 'COALESCE',
    signatures: [{ shown: 'value, ..', resolve: (args) => coalesced(args, 1, Infinity) }],
    kernel: emitted(emitCoalesce),
    doc: 'The first argument that is not NULL; those after it are not evaluated.',
    examples: [["COALESCE(CAST(NULL AS STRING), 'b')", 'b']],
  },
  {
    name: 'IFNULL',
    signatures: [{ shown: 'value, otherwise', resolve: replaced }],
    kernel: emitted((compiler, call) =>
      isKeptText(call.args[0]) ? compiler.emit(call.args[0]) : emitCoalesce(compiler, call),
    ),
    doc: 'The first argument, or the second where it is NULL. A text that is NOT NULL keeps its type.',
    examples: [['IFNULL(CAST(NULL AS INT), 5)', 5]],
  },
  {
    name: 'IF',
    signatures: [{ shown: 'condition, value, otherwise', resolve: chosen }],
    kernel: emitted(emitIf),
    doc: 'The second argument where the condition is TRUE, else the third. Only the one taken is evaluated.',
    examples: [
      ["IF(1 < 2, 'yes', 'no')", 'yes'],
      ['IF(CAST(NULL AS BOOLEAN), 1, 2)', 2],
    ],
  },
  {
    name: 'NULLIF',
    signatures: [{ shown: 'a, b', resolve: (args) => (args.length === 2 ? asTheyAre(args) : undefined) }],
    kernel: rewritten((args, binder) => ({
      kind: 'case',
      branches: [
        { when: binder.equal(args[0], args[1]), then: { ...NOTHING, type: withNullable(args[0].type, true) } },
      ],
      otherwise: args[0],
      type: stripAttribute(withNullable(args[0].type, true)),
    })),
    doc: 'NULL where both arguments are equal, else the first.',
    examples: [
      ['NULLIF(5, 5)', null],
      ['NULLIF(5, 0)', 5],
    ],
  },
];

function coalesced(args: readonly Expr[], least: number, most: number): Resolution | undefined {
  const common = commonType(args.map((arg) => arg.type));
  if (common === undefined || args.length < least || args.length > most) return undefined;
  const nullable = args.every((arg) => arg.type.nullable);
  return { params: args.map(() => common), result: stripAttribute(withNullable(common, nullable)) };
}

/** As in Flink a text that is NOT NULL is the result, with the type that it has. */
function isKeptText({ type }: Expr): boolean {
  return isString(type) && !type.nullable;
}

function replaced(args: readonly Expr[]): Resolution | undefined {
  const both = coalesced(args, 2, 2);
  if (both === undefined || !isKeptText(args[0])) return both;
  return { params: args.map((arg) => arg.type), result: stripAttribute(args[0].type) };
}

function chosen(args: readonly Expr[]): Resolution | undefined {
  if (args.length !== 3 || (args[0].type.kind !== 'BOOLEAN' && args[0].type.kind !== 'NULL')) return undefined;
  const both = commonType([args[1].type, args[2].type]);
  if (both === undefined) return undefined;
  // As in Flink an instant has the precision of the first one.
  const common = args[1].type.kind === 'TIMESTAMP_LTZ' ? args[1].type : both;
  // As in Flink a condition that may be NULL makes the result nullable, though it never is NULL for that.
  const result = withNullable(
    common,
    args.some((arg) => arg.type.nullable),
  );
  return { params: [BOOLEAN, common, common], result: stripAttribute(result) };
}

export function asTheyAre(args: readonly Expr[]): Resolution {
  const params: readonly SqlType[] = args.map((arg) => arg.type);
  return { params, result: params[0] };
}

function emitIf(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const result = declare(source, classOf(call.type), NEVER);
  const condition = compiler.emit(call.args[0]);
  source.block(`if (${isTrue(condition)})`, () => assign(source, result, compiler.emit(call.args[1])));
  source.block('else', () => assign(source, result, compiler.emit(call.args[2])));
  return result;
}
