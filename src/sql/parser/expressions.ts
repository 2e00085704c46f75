import type { Expression } from '../ast.ts';
import { K } from '../tokens.ts';
import { binary } from './arithmetic.ts';
import { position, type Rule } from './base.ts';
import { PredicatesParser } from './predicates.ts';

/** The precedence ladder of expressions, one rule per level; the loosest: OR, AND and NOT. */
export abstract class ExpressionsParser extends PredicatesParser {
  readonly expression: Rule<Expression> = this.RULE('expression', () =>
    this.nested(() => this.SUBRULE(this.disjunction)),
  );

  private readonly disjunction: Rule<Expression> = this.RULE('disjunction', () => {
    let left = this.SUBRULE(this.conjunction);
    this.MANY(() => {
      this.CONSUME(K.OR);
      const right = this.SUBRULE1(this.conjunction);
      left = this.make(() => binary('OR', left, right));
    });
    return left;
  });

  private readonly conjunction: Rule<Expression> = this.RULE('conjunction', () => {
    let left = this.SUBRULE(this.negation);
    this.MANY(() => {
      this.CONSUME(K.AND);
      const right = this.SUBRULE1(this.negation);
      left = this.make(() => binary('AND', left, right));
    });
    return left;
  });

  private readonly negation: Rule<Expression> = this.RULE('negation', () =>
    this.OR([
      {
        ALT: () => {
          const token = this.CONSUME(K.NOT);
          const arg = this.nested(() => this.SUBRULE(this.negation));
          return this.make((): Expression => ({ kind: 'unary', op: 'NOT', arg, position: position(token) }));
        },
      },
      { ALT: () => this.SUBRULE(this.test) },
    ]),
  );
}
