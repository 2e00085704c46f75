import {
  ALWAYS,
  anyNull,
  assignValue,
  declareValue,
  NEVER,
  type Operand,
  type ValueClass,
  valueOf,
} from '../codegen/operand.ts';
import type { Source } from '../codegen/source.ts';

/** NULL if an operand is; else an expression that can be computed on whatever lies under a NULL. */
export function simple(
  source: Source,
  cls: 'number' | 'boolean' | 'bigint' | 'nested',
  operands: readonly Operand[],
  expression: string,
): Operand {
  const isNull = source.local('n', anyNull(...operands));
  return { cls, isNull, value: source.local('v', expression) };
}

/** NULL if an operand is; else what `write` computes (never NULL), which runs only then and may fail the row. */
export function guarded(source: Source, cls: ValueClass, operands: readonly Operand[], write: () => Operand): Operand {
  const isNull = source.local('n', anyNull(...operands));
  if (isNull === NEVER) return write();
  const result = declareValue(source, cls);
  if (isNull !== ALWAYS) source.block(`if (!${isNull})`, () => assignValue(source, result, write()));
  return { ...result, isNull };
}

/** As `guarded`, where `write` may find the result to be NULL: its operand has a NULL flag. */
export function fallible(source: Source, cls: ValueClass, operands: readonly Operand[], write: () => Operand): Operand {
  const isNull = source.local('n', anyNull(...operands));
  if (isNull === NEVER) return write();
  const result = declareValue(source, cls);
  if (isNull === ALWAYS) return { ...result, isNull };
  const flag = source.name('n');
  source.line(`let ${flag} = true;`);
  source.block(`if (!${isNull})`, () => {
    const value = write();
    source.line(`${flag} = ${value.isNull};`);
    assignValue(source, result, value);
  });
  return { ...result, isNull: flag };
}

/** The values of operands in names. */
export function values(source: Source, operands: readonly Operand[]): readonly string[] {
  return operands.map((operand) => source.local('v', valueOf(operand)));
}
