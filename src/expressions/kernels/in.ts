import { declare, held, NEVER, type Operand, valueOf } from '../codegen/operand.ts';
import type { RowCompiler } from '../row-compiler.ts';
import type { Call, Expr, Literal } from '../typed.ts';
import { compare } from './comparison.ts';
import { emitLiteral } from './literal.ts';

/** From here on constants are looked up in a set. */
const SET_FROM = 9;

/** TRUE if a candidate equals the value, else NULL if the value or a candidate is NULL, else FALSE. */
export function emitIn(compiler: RowCompiler, call: Call): Operand {
  const { source } = compiler;
  const [subject, ...candidates] = call.args;
  const value = held(source, compiler.emit(subject));
  const result = declare(source, 'boolean', NEVER);
  const found = valueOf(result);
  const { constants, rest } = splitConstants(value, candidates);
  const label = source.name('L');
  let nullable = value.isNull !== NEVER;
  source.block(`${label}:`, () => {
    if (value.isNull !== NEVER) source.line(`if (${value.isNull}) { ${result.isNull} = true; break ${label}; }`);
    const hit = `{ ${found} = true; ${result.isNull} = false; break ${label}; }`;
    if (constants.size > 0) source.line(`if (${source.constant(constants)}.has(${valueOf(value)})) ${hit}`);
    for (const candidate of rest) {
      const operand =
        candidate.kind === 'literal' ? emitLiteral(source, candidate) : held(source, compiler.emit(candidate));
      const equal = compare(source, '=', value, operand, subject.type);
      if (operand.isNull === NEVER) {
        source.line(`if (${equal}) ${hit}`);
      } else {
        nullable = true;
        source.line(`if (${operand.isNull}) ${result.isNull} = true; else if (${equal}) ${hit}`);
      }
    }
  });
  return nullable ? result : { ...result, isNull: NEVER };
}

/** Many number or bigint constants become a set; NaN equals nothing. */
function splitConstants(
  value: Operand,
  candidates: readonly Expr[],
): { readonly constants: ReadonlySet<unknown>; readonly rest: readonly Expr[] } {
  const numeric = value.cls === 'number' || value.cls === 'bigint';
  const literals = candidates.filter((c): c is Literal => c.kind === 'literal' && c.value !== null);
  if (!numeric || literals.length < SET_FROM) return { constants: new Set(), rest: candidates };
  const parse = value.cls === 'bigint' ? (v: unknown) => BigInt(String(v)) : Number;
  const constants = new Set<unknown>(literals.map((literal) => parse(literal.value)));
  constants.delete(NaN);
  return { constants, rest: candidates.filter((c) => c.kind !== 'literal' || c.value === null) };
}
