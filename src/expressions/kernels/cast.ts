import { timeZone } from '../../data/time-zone.ts';
import { formatType, nullable, sameType, stripAttribute, type SqlType } from '../../data/types.ts';
import { assignValue, classOf, declareValue, type Operand } from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';
import { RowError } from '../row-error.ts';
import type { CastExpr } from '../typed.ts';
import { isBinary, isNested, isString } from '../types/common-type.ts';
import { FAILED, valueCast } from '../values/cast.ts';
import { formatText } from '../values/format.ts';
import { castBytes } from './cast-bytes.ts';
import { castNumber } from './cast-number.ts';
import { castTime } from './cast-time.ts';
import { nullOperand } from './literal.ts';
import { fromPlain, toPlain } from './plain.ts';
import { fallible, guarded } from './strict.ts';

/** CAST fails the row (`cast-failed`) where TRY_CAST gives NULL. Frequent casts are inline, the rest go by plain values. */
export function emitCast(compiler: RowCompiler, expr: CastExpr, operand: Operand): Operand {
  const from = stripAttribute(expr.arg.type);
  const to = stripAttribute(expr.type);
  if (from.kind === 'NULL') return nullOperand(compiler.source, to);
  if (sameType(from, to)) return operand;
  return (
    castNumber(compiler, from, to, operand) ??
    castTime(compiler, from, to, operand) ??
    castBytes(compiler, from, to, operand) ??
    castPlain(compiler, from, to, operand, expr.tryCast)
  );
}

function castPlain(compiler: RowCompiler, from: SqlType, to: SqlType, operand: Operand, tryCast: boolean): Operand {
  const { source, row } = compiler;
  const cls = classOf(to);
  const cast = source.constant(valueCast(from, to, timeZone(compiler.context.zone)));
  const apply = (): string => source.local('p', `${cast}(${source.local('p', toPlain(source, operand, from))})`);
  if (!mayFail(from, to)) return guarded(source, cls, [operand], () => fromPlain(compiler, to, apply()));
  return fallible(source, cls, [operand], () => {
    const plain = source.local('p', toPlain(source, operand, from));
    const result = source.local('p', `${cast}(${plain})`);
    const failed = source.constant(FAILED);
    if (!tryCast) {
      const fail = source.constant((value: unknown, at: number) => castFailed(from, to, value, at));
      source.line(`if (${result} === ${failed}) throw ${fail}(${plain}, ${row});`);
    }
    const isNull = source.local('n', tryCast ? `${result} === ${failed} || ${result} === null` : `${result} === null`);
    const target = declareValue(source, cls);
    source.block(`if (!${isNull})`, () => assignValue(source, target, fromPlain(compiler, to, result)));
    return { ...target, isNull };
  });
}

function mayFail(from: SqlType, to: SqlType): boolean {
  if (isString(to) || isBinary(to)) return false;
  if (to.kind === 'DECIMAL') return true;
  // Nested types fail when an element does.
  return isString(from) || isNested(from);
}

function castFailed(from: SqlType, to: SqlType, value: unknown, row: number): RowError {
  const name = formatType(nullable(to));
  return new RowError('cast-failed', `Cannot cast '${formatText(from, value)}' to ${name}`, row);
}
