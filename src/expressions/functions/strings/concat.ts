import { MAX_LENGTH, STRING, type SqlType } from '../../../data/types.ts';
import { anyNull, asBytes, NEVER, type Operand } from '../../codegen/operand.ts';
import { guarded } from '../../kernels/strict.ts';
import type { RowCompiler } from '../../row-compiler.ts';
import { isBinary, isString, withNullable } from '../../types/common-type.ts';
import type { Call, Expr } from '../../typed.ts';
import type { FunctionDefinition, Resolution } from '../definition.ts';
import { emitted } from '../kernel.ts';
import { signature, strict, text } from '../signature.ts';

export const concatFunctions: readonly FunctionDefinition[] = [
  {
    name: '||',
    syntax: ['a || b'],
    signatures: [{ shown: 'a, b', resolve: joined }],
    kernel: emitted((compiler, call) => emitConcat(compiler, call, flattened(call))),
    doc: 'The texts (or bytes) one after the other.',
    examples: [
      ["'a' || 'b' || 'c'", 'abc'],
      ["'a' || CAST(NULL AS STRING)", null],
    ],
  },
  {
    name: 'CONCAT',
    signatures: [signature([text('string')], strict(STRING), { repeated: true })],
    kernel: emitted((compiler, call) => emitConcat(compiler, call, call.args)),
    doc: 'The texts one after the other. Numbers need a CAST.',
    examples: [["CONCAT('a', 'b', 'c')", 'abc']],
  },
  {
    name: 'CONCAT_WS',
    signatures: [signature([text('separator'), text('string')], strict(STRING), { optional: 1, repeated: true })],
    kernel: emitted(emitConcatWithSeparator),
    doc: 'The texts with the separator between them; NULLs are left out, empty texts are kept. NULL only where the separator is.',
    examples: [
      ["CONCAT_WS('-', 'a', CAST(NULL AS STRING), '', 'b')", 'a--b'],
      ["CONCAT_WS(CAST(NULL AS STRING), 'a')", null],
    ],
  },
];

function joined(args: readonly Expr[]): Resolution | undefined {
  if (args.length !== 2) return undefined;
  const [a, b] = args.map((arg) => arg.type);
  const type = sumType(a, b);
  if (type === undefined) return undefined;
  return { params: [a, b], result: withNullable(type, a.nullable || b.nullable) };
}

function sumType(a: SqlType, b: SqlType): SqlType | undefined {
  if (isString(a) && isString(b)) {
    const length = Math.min(MAX_LENGTH, a.length + b.length);
    return { kind: a.kind === 'CHAR' && b.kind === 'CHAR' ? 'CHAR' : 'VARCHAR', length, nullable: true };
  }
  if (isBinary(a) && isBinary(b)) {
    const length = Math.min(MAX_LENGTH, a.length + b.length);
    return { kind: a.kind === 'BINARY' && b.kind === 'BINARY' ? 'BINARY' : 'VARBINARY', length, nullable: true };
  }
  return undefined;
}

/** `a || b || c` is one call of three: each text is copied once. */
function flattened(call: Call): readonly Expr[] {
  return call.args.flatMap((arg) => (arg.kind === 'call' && arg.fn === '||' ? flattened(arg) : [arg]));
}

function emitConcat(compiler: RowCompiler, _call: Call, args: readonly Expr[]): Operand {
  const { source } = compiler;
  const operands = args.map((arg) => compiler.emit(arg));
  return guarded(source, 'bytes', operands, () => {
    const scratch = compiler.scratch();
    source.line(`${scratch}.open();`);
    for (const operand of operands) source.line(`${scratch}.add(${part(operand)});`);
    return written(compiler, NEVER);
  });
}

function emitConcatWithSeparator(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const [separator, ...operands] = call.args.map((arg) => compiler.emit(arg));
  return guarded(source, 'bytes', [separator], () => {
    const scratch = compiler.scratch();
    const first = source.name('f');
    source.line(`${scratch}.open(); let ${first} = true;`);
    for (const operand of operands) {
      source.block(`if (!${anyNull(operand)})`, () => {
        source.line(`if (${first}) ${first} = false; else ${scratch}.add(${part(separator)});`);
        source.line(`${scratch}.add(${part(operand)});`);
      });
    }
    return written(compiler, NEVER);
  });
}

function part(operand: Operand): string {
  const { bytes, start, end } = asBytes(operand);
  return `${bytes}, ${start}, ${end}`;
}

/** The text that was just written to the arena. */
function written(compiler: RowCompiler, isNull: string): Operand {
  const { source } = compiler;
  const scratch = compiler.scratch();
  return {
    cls: 'bytes',
    isNull,
    bytes: source.local('b', `${scratch}.bytes`),
    start: source.local('v', `${scratch}.start`),
    end: source.local('v', `${scratch}.at`),
  };
}
