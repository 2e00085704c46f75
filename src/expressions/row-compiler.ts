import { unreachable } from '../data/errors.ts';
import type { Source } from './codegen/source.ts';
import type { ExpressionContext } from './context.ts';
import { assign, classOf, declare, isTrue, NEVER, type Operand } from './codegen/operand.ts';
import { emitKernel } from './functions/emit.ts';
import { functionNamed } from './functions/registry.ts';
import { emitCast } from './kernels/cast.ts';
import { emitLiteral } from './kernels/literal.ts';
import type { CaseExpr, Expr, InputRef } from './typed.ts';
import { BytesArena } from './values/arena.ts';

/**
 * Writes the code that evaluates expressions for one row (variable `row`). Statements are written where evaluation
 * happens: a branch that is not taken is not evaluated.
 */
export class RowCompiler {
  readonly source: Source;
  readonly row: string;
  readonly context: ExpressionContext;
  private readonly load: (ref: InputRef) => Operand;
  private readonly scratchArena = new BytesArena();
  private scratchName: string | undefined;

  constructor(source: Source, row: string, context: ExpressionContext, load: (ref: InputRef) => Operand) {
    this.source = source;
    this.row = row;
    this.context = context;
    this.load = load;
  }

  emit(expr: Expr): Operand {
    switch (expr.kind) {
      case 'input':
        return this.load(expr);
      case 'literal':
        return emitLiteral(this.source, expr);
      case 'call':
        return emitKernel(this, expr, functionNamed(expr.fn).kernel);
      case 'case':
        return this.emitCase(expr);
      case 'cast':
        return emitCast(this, expr, this.emit(expr.arg));
      default:
        return unreachable(expr);
    }
  }

  /** The arena for strings that this row's expressions make. */
  scratch(): string {
    if (this.scratchName === undefined) {
      this.scratchName = this.source.constant(this.scratchArena);
      this.source.prologue(`${this.scratchName}.at = 0;`);
    }
    return this.scratchName;
  }

  /** The arena itself, for functions that append to it; `scratch` must have been called. */
  arena(): BytesArena {
    return this.scratchArena;
  }

  get usesScratch(): boolean {
    return this.scratchName !== undefined;
  }

  private emitCase(expr: CaseExpr): Operand {
    const { source } = this;
    const result = declare(source, classOf(expr.type), NEVER);
    const label = source.name('L');
    source.block(`${label}:`, () => {
      for (const branch of expr.branches) {
        const condition = this.emit(branch.when);
        source.block(`if (${isTrue(condition)})`, () => {
          assign(source, result, this.emit(branch.then));
          source.line(`break ${label};`);
        });
      }
      assign(source, result, this.emit(expr.otherwise));
    });
    return result;
  }
}
