import { MAX_LENGTH, type SqlType } from '../../data/types.ts';
import { asBytes, NEVER, type Operand } from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { isBinary, isString } from '../types/common-type.ts';
import { codePointEnd, codePoints } from '../values/utf8.ts';
import { guarded } from './strict.ts';

const SPACE = 32;

/** Casts among strings and among bytes, without making JavaScript strings; undefined for the others. */
export function castBytes(compiler: RowCompiler, from: SqlType, to: SqlType, operand: Operand): Operand | undefined {
  const text = isString(from);
  const binary = isBinary(from);
  switch (to.kind) {
    case 'VARCHAR':
      if (!text) return undefined;
      return to.length === MAX_LENGTH || from.length <= to.length
        ? operand
        : trimmed(compiler, operand, to.length, false);
    case 'CHAR':
      return text ? trimmed(compiler, operand, to.length, true) : undefined;
    case 'VARBINARY':
      if (!text && !binary) return undefined;
      return to.length === MAX_LENGTH ? operand : cutBytes(compiler, operand, to.length, false);
    case 'BINARY':
      return text || binary ? cutBytes(compiler, operand, to.length, true) : undefined;
    default:
      return undefined;
  }
}

/** The first `length` code points, for CHAR filled up with spaces. */
function trimmed(compiler: RowCompiler, operand: Operand, length: number, pad: boolean): Operand {
  const { source } = compiler;
  return guarded(source, 'bytes', [operand], () => {
    const { bytes, start, end } = asBytes(operand);
    const limit = source.constant(length);
    const cut = source.local('e', `${source.constant(codePointEnd)}(${bytes}, ${start}, ${end}, ${limit})`);
    const short: Operand = { cls: 'bytes', isNull: NEVER, bytes, start, end: cut };
    if (!pad) return short;
    const fill = `${limit} - ${source.constant(codePoints)}(${bytes}, ${start}, ${cut})`;
    return padded(compiler, short, source.local('f', fill), SPACE);
  });
}

function cutBytes(compiler: RowCompiler, operand: Operand, length: number, pad: boolean): Operand {
  const { source } = compiler;
  return guarded(source, 'bytes', [operand], () => {
    const { bytes, start, end } = asBytes(operand);
    const cut = source.local('e', `Math.min(${end}, ${start} + ${source.constant(length)})`);
    const short: Operand = { cls: 'bytes', isNull: NEVER, bytes, start, end: cut };
    if (!pad) return short;
    return padded(compiler, short, source.local('f', `${source.constant(length)} - (${cut} - ${start})`), 0);
  });
}

function padded(compiler: RowCompiler, operand: Operand, fill: string, filler: number): Operand {
  const { source } = compiler;
  const { bytes, start, end } = asBytes(operand);
  const scratch = compiler.scratch();
  const [b, s, e] = [source.name('b'), source.name('s'), source.name('e')];
  source.line(`let ${b} = ${bytes}, ${s} = ${start}, ${e} = ${end};`);
  source.block(`if (${fill} > 0)`, () => {
    const arguments_ = `${bytes}, ${start}, ${end}, ${fill}, ${source.constant(filler)}`;
    source.line(`${s} = ${scratch}.padded(${arguments_}); ${b} = ${scratch}.bytes; ${e} = ${scratch}.at;`);
  });
  return { cls: 'bytes', isNull: NEVER, bytes: b, start: s, end: e };
}
