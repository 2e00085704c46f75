import type { TokenType } from 'chevrotain';
import type { BinaryExpr, Expression } from '../ast.ts';
import * as t from '../tokens.ts';
import { P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { PrimariesParser } from './primaries.ts';

/** The tightest levels of precedence: sums, products, signs, element and field access. */
export abstract class ArithmeticParser extends PrimariesParser {
  protected readonly sum: Rule<Expression> = this.RULE('sum', () => {
    let left = this.SUBRULE(this.product);
    this.MANY(() => {
      const op = this.OR([
        { ALT: () => (this.CONSUME(P.Plus), '+' as const) },
        { ALT: () => (this.CONSUME(P.Minus), '-' as const) },
      ]);
      const right = this.SUBRULE1(this.product);
      left = this.make(() => binary(op, left, right));
    });
    return left;
  });

  /** `||` stands with `*`, as in Flink: `a + b || c` is `a + (b || c)`. */
  private readonly product: Rule<Expression> = this.RULE('product', () => {
    let left = this.SUBRULE(this.sign);
    this.MANY(() => {
      const op = this.OR([
        { ALT: () => (this.CONSUME(P.Star), '*' as const) },
        { ALT: () => (this.CONSUME(P.Slash), '/' as const) },
        { ALT: () => (this.CONSUME(P.Percent), '%' as const) },
        { ALT: () => (this.CONSUME(P.Concat), '||' as const) },
      ]);
      const right = this.SUBRULE1(this.sign);
      left = this.make(() => binary(op, left, right));
    });
    return left;
  });

  private readonly sign: Rule<Expression> = this.RULE('sign', () =>
    this.OR([
      { ALT: () => this.signed('-', P.Minus) },
      { ALT: () => this.signed('+', P.Plus) },
      { ALT: () => this.SUBRULE(this.postfix) },
    ]),
  );

  private signed(op: '-' | '+', type: TokenType): Expression {
    const idx = op === '-' ? 0 : 1;
    const token = this.consume(idx, type);
    const arg = this.nested(() => this.subrule(idx, this.sign));
    return this.make((): Expression => ({ kind: 'unary', op, arg, position: position(token) }));
  }

  /** `a[i]` and `(row).field`. */
  private readonly postfix: Rule<Expression> = this.RULE('postfix', () => {
    const first = this.LA(1);
    let arg = this.SUBRULE(this.primary);
    this.MANY(() => {
      arg = this.OR<Expression>([
        {
          ALT: () => {
            this.CONSUME(P.LBracket);
            const index = this.SUBRULE(this.expression);
            this.CONSUME(P.RBracket);
            return this.make(() => this.other('element access with [..]', first, [arg, index]));
          },
        },
        {
          ALT: () => {
            this.CONSUME(P.Dot);
            const name = this.CONSUME(t.Name);
            return this.make(() => this.other('field access', first, [arg], [valueOf(name)]));
          },
        },
      ]);
    });
    return arg;
  });
}

export function binary(op: BinaryExpr['op'], left: Expression, right: Expression): Expression {
  return { kind: 'binary', op, left, right, position: left.position };
}
