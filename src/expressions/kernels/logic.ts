import {
  ALWAYS,
  assign,
  assignValue,
  classOf,
  declare,
  isTrue,
  NEVER,
  type Operand,
  valueOf,
} from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call } from '../typed.ts';

/** AND (`deciding` = FALSE) and OR (`deciding` = TRUE): the first deciding operand ends it, else a NULL makes it NULL. */
export function emitConnective(compiler: RowCompiler, call: Call, deciding: boolean): Operand {
  const { source } = compiler;
  const result = declare(source, 'boolean', NEVER);
  const [value, isNull] = [valueOf(result), result.isNull];
  if (!deciding) source.line(`${value} = true;`);
  let nullable = false;
  const label = source.name('L');
  source.block(`${label}:`, () => {
    for (const arg of call.args) {
      const operand = compiler.emit(arg);
      const decides = deciding ? valueOf(operand) : `!${valueOf(operand)}`;
      const leave = `{ ${value} = ${String(deciding)}; ${isNull} = false; break ${label}; }`;
      if (operand.isNull === NEVER) {
        source.line(`if (${decides}) ${leave}`);
      } else {
        nullable = true;
        source.line(`if (${operand.isNull}) ${isNull} = true; else if (${decides}) ${leave}`);
      }
    }
  });
  return nullable ? result : { ...result, isNull: NEVER };
}

export function emitNot(compiler: RowCompiler, call: Call): Operand {
  const operand = compiler.emit(call.args[0]);
  return { cls: 'boolean', isNull: operand.isNull, value: `(!${valueOf(operand)})` };
}

export function emitNullTest(compiler: RowCompiler, call: Call, positive: boolean): Operand {
  const { isNull } = compiler.emit(call.args[0]);
  return { cls: 'boolean', isNull: NEVER, value: positive ? isNull : `(!${isNull})` };
}

/** IS [NOT] TRUE (`truth`), IS [NOT] FALSE. */
export function emitTruthTest(compiler: RowCompiler, call: Call, truth: boolean, positive: boolean): Operand {
  const operand = compiler.emit(call.args[0]);
  const tested: Operand = truth ? operand : { cls: 'boolean', isNull: operand.isNull, value: `(!${valueOf(operand)})` };
  const value = isTrue(tested);
  return { cls: 'boolean', isNull: NEVER, value: positive ? value : `(!${value})` };
}

/** The first operand that is not NULL; those after it are not evaluated. */
export function emitCoalesce(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const result = declare(source, classOf(call.type), NEVER);
  const label = source.name('L');
  let certain = false;
  source.block(`${label}:`, () => {
    for (const arg of call.args) {
      const operand = compiler.emit(arg);
      if (operand.isNull === NEVER) {
        assign(source, result, operand);
        certain = true;
        return;
      }
      if (operand.isNull === ALWAYS) continue;
      source.block(`if (!${operand.isNull})`, () => {
        assignValue(source, result, operand);
        source.line(`break ${label};`);
      });
    }
    source.line(`${result.isNull} = true;`);
  });
  return certain ? { ...result, isNull: NEVER } : result;
}
