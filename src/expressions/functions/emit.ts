import { unreachable } from '../../data/errors.ts';
import type { SqlType } from '../../data/types.ts';
import {
  asBytes,
  assignValue,
  classOf,
  declare,
  declareValue,
  NEVER,
  type Operand,
  valueOf,
  type ValueClass,
} from '../codegen/operand.ts';
import { fallible, guarded } from '../kernels/strict.ts';
import { fromPlain, toPlain } from '../kernels/plain.ts';
import type { Source } from '../codegen/source.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { atRow } from '../row-error.ts';
import type { Call, Expr } from '../typed.ts';
import { isString } from '../types/common-type.ts';
import type { Kernel, Slice } from './kernel.ts';

type KernelOf<K extends Kernel['kind']> = Kernel & { readonly kind: K };

/** Writes the call of a function for one row. */
export function emitKernel(compiler: RowCompiler, call: Call, kernel: Kernel): Operand {
  switch (kernel.kind) {
    case 'emit':
      return kernel.emit(compiler, call);
    case 'inline':
      return emitInline(compiler, call, kernel);
    case 'raw':
      return emitRaw(compiler, call, kernel);
    case 'slice':
      return emitSlice(compiler, call, kernel);
    case 'plain':
      return kernel.takesNull ? emitPlainWithNulls(compiler, call, kernel) : emitPlain(compiler, call, kernel);
    case 'rewrite':
      throw new Error(`${call.fn} is rewritten by the planner`);
    default:
      return unreachable(kernel);
  }
}

function operandsOf(compiler: RowCompiler, call: Call): readonly Operand[] {
  return call.args.map((arg) => compiler.emit(arg));
}

function emitInline(compiler: RowCompiler, call: Call, kernel: KernelOf<'inline'>): Operand {
  const { source } = compiler;
  const operands = operandsOf(compiler, call);
  const cls = singleClass(call.type);
  return guarded(source, cls, operands, () => {
    const values = operands.map((operand) => source.local('v', valueOf(operand)));
    return {
      cls,
      isNull: NEVER,
      value: source.local(
        'v',
        kernel.write(values, call, (value) => source.constant(value)),
      ),
    };
  });
}

/** The class of a result that one JavaScript value holds. */
function singleClass(type: SqlType): 'number' | 'boolean' | 'bigint' | 'nested' {
  const cls = classOf(type);
  if (cls === 'time' || cls === 'bytes') throw new Error(`a ${cls} value is no single expression`);
  return cls;
}

function rawArguments(operands: readonly Operand[]): string {
  return operands
    .flatMap((operand) => {
      switch (operand.cls) {
        case 'bytes':
          return [operand.bytes, operand.start, operand.end];
        case 'time':
          return [operand.ms, operand.nanos];
        default:
          return [operand.value];
      }
    })
    .join(', ');
}

function emitRaw(compiler: RowCompiler, call: Call, kernel: KernelOf<'raw'>): Operand {
  const { source } = compiler;
  const operands = operandsOf(compiler, call);
  const cls = classOf(call.type);
  const strict = kernel.nullable ? fallible : guarded;
  const scratch = cls === 'bytes' ? compiler.scratch() : undefined;
  const fn = source.constant(kernel.make(call, compiler.arena(), compiler.context));
  return strict(source, cls, operands, () => {
    const result = called(compiler, `${fn}(${rawArguments(operands)})`);
    if (scratch !== undefined) {
      const isNull = kernel.nullable ? source.local('n', `${result} < 0`) : NEVER;
      const bytes = source.local('b', `${scratch}.bytes`);
      return { cls: 'bytes', isNull, bytes, start: result, end: source.local('v', `${scratch}.at`) };
    }
    const isNull = kernel.nullable ? source.local('n', `${result} === null`) : NEVER;
    return { cls: singleClass(call.type), isNull, value: result };
  });
}

function emitSlice(compiler: RowCompiler, call: Call, kernel: KernelOf<'slice'>): Operand {
  const { source } = compiler;
  const operands = operandsOf(compiler, call);
  const found: Slice = { start: 0, end: 0 };
  const at = source.constant(found);
  const fn = source.constant(kernel.make(call));
  return fallible(source, 'bytes', operands, () => {
    source.line(`${fn}(${at}, ${rawArguments(operands)});`);
    const start = source.local('v', `${at}.start`);
    const isNull = source.local('n', `${start} < 0`);
    const { bytes } = asBytes(operands[0]);
    return { cls: 'bytes', isNull, bytes, start, end: source.local('v', `${at}.end`) };
  });
}

function emitPlain(compiler: RowCompiler, call: Call, kernel: KernelOf<'plain'>): Operand {
  const { source } = compiler;
  const operands = operandsOf(compiler, call);
  const cls = classOf(call.type);
  const fn = source.constant(kernel.make(call, compiler.context));
  return fallible(source, cls, operands, () => {
    const values = operands.map((operand, i) => plainArgument(source, operand, call.args[i]));
    return plainResult(compiler, call.type, cls, called(compiler, `${fn}(${values.join(', ')})`));
  });
}

/** A constant text is decoded once, not for each row. */
function plainArgument(source: Source, operand: Operand, arg: Expr): string {
  if (arg.kind === 'literal' && typeof arg.value === 'string' && isString(arg.type)) {
    return source.constant(arg.value);
  }
  return toPlain(source, operand, arg.type);
}

function emitPlainWithNulls(compiler: RowCompiler, call: Call, kernel: KernelOf<'plain'>): Operand {
  const { source } = compiler;
  const fn = source.constant(kernel.make(call, compiler.context));
  const values = operandsOf(compiler, call).map((operand, i) => {
    const value = toPlain(source, operand, call.args[i].type);
    return source.local('p', operand.isNull === NEVER ? value : `${operand.isNull} ? null : ${value}`);
  });
  return plainResult(compiler, call.type, classOf(call.type), called(compiler, `${fn}(${values.join(', ')})`));
}

function plainResult(compiler: RowCompiler, type: SqlType, cls: ValueClass, plain: string): Operand {
  const { source } = compiler;
  const isNull = source.local('n', `${plain} === null`);
  const target = declareValue(source, cls);
  source.block(`if (!${isNull})`, () => assignValue(source, target, fromPlain(compiler, type, plain)));
  return { ...target, isNull };
}

/** The result in a name; what the function throws becomes an error of the row. */
function called(compiler: RowCompiler, expression: string): string {
  const { source, row } = compiler;
  const result = source.name('p');
  source.line(
    `let ${result}; try { ${result} = ${expression}; } catch (e) { throw ${source.constant(atRow)}(e, ${row}); }`,
  );
  return result;
}

/** Declares the variables of a result that is NULL until a branch assigns it. */
export function declareResult(compiler: RowCompiler, call: Call): Operand {
  return declare(compiler.source, classOf(call.type), NEVER);
}
