import type { TokenType } from 'chevrotain';
import type { BinaryExpr, Expression, IsExpr, Query } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { position, valueOf, type Rule } from './base.ts';
import { PrimariesParser } from './primaries.ts';

/** The precedence ladder of expressions, loosest first, one rule per level. */
export abstract class ExpressionsParser extends PrimariesParser {
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

  /** `IS [NOT] NULL | TRUE | FALSE | UNKNOWN` binds more loosely than comparison, as in Flink. */
  private readonly test: Rule<Expression> = this.RULE('test', () => {
    const first = this.LA(1);
    let arg = this.SUBRULE(this.comparison);
    this.MANY(() => {
      this.CONSUME(K.IS);
      const negated = this.OPTION(() => this.CONSUME(K.NOT)) !== undefined;
      arg = this.OR<Expression>([
        {
          ALT: () => {
            const test = this.SUBRULE(this.truth);
            return this.make(() => ({
              kind: 'is',
              negated,
              test,
              arg,
              other: undefined,
              position: arg.position,
            }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.JSON);
            const kind = this.OPTION1(() =>
              this.OR1([
                { ALT: () => this.CONSUME(t.Identifier) },
                { ALT: () => this.CONSUME(K.ARRAY) },
                { ALT: () => this.CONSUME(K.VALUE) },
              ]),
            );
            const words = (): string[] => [negated ? 'NOT' : '', kind?.image.toUpperCase() ?? 'VALUE'];
            return this.make(() => this.other('IS JSON', first, [arg], words()));
          },
        },
      ]);
    });
    return arg;
  });

  private readonly truth: Rule<IsExpr['test']> = this.RULE('truth', () =>
    this.OR([
      { ALT: () => (this.CONSUME(K.NULL), 'NULL' as const) },
      { ALT: () => (this.CONSUME(K.TRUE), 'TRUE' as const) },
      { ALT: () => (this.CONSUME(K.FALSE), 'FALSE' as const) },
      { ALT: () => (this.CONSUME(K.UNKNOWN), 'UNKNOWN' as const) },
    ]),
  );

  private readonly comparison: Rule<Expression> = this.RULE('comparison', () => {
    const first = this.LA(1);
    let left = this.SUBRULE(this.range);
    this.MANY({
      GATE: () => this.comparisonAhead(),
      DEF: () => {
        left = this.OR<Expression>([
          {
            ALT: () => {
              const op = this.SUBRULE(this.comparisonOperator);
              const quantifier = this.OPTION(() =>
                this.OR1([
                  { ALT: () => this.CONSUME(K.ANY) },
                  { ALT: () => this.CONSUME(K.SOME) },
                  { ALT: () => this.CONSUME(K.ALL) },
                ]),
              );
              const right = this.SUBRULE1(this.range);
              return this.make(() =>
                quantifier === undefined
                  ? binary(op, left, right)
                  : this.other(`${op} ${quantifier.image.toUpperCase()}`, first, [left, right]),
              );
            },
          },
          {
            ALT: () => {
              this.CONSUME(K.OVERLAPS);
              const right = this.SUBRULE3(this.range);
              return this.make(() => this.other('OVERLAPS', first, [left, right]));
            },
          },
          {
            ALT: () => {
              this.CONSUME(K.IS);
              const negated = this.OPTION1(() => this.CONSUME(K.NOT)) !== undefined;
              this.CONSUME(K.DISTINCT);
              this.CONSUME(K.FROM);
              const other = this.SUBRULE2(this.range);
              return this.make(() => ({
                kind: 'is',
                negated,
                test: 'DISTINCT FROM',
                arg: left,
                other,
                position: left.position,
              }));
            },
          },
        ]);
      },
    });
    return left;
  });

  private comparisonAhead(): boolean {
    return !this.ahead(K.IS) || this.ahead(K.IS, K.DISTINCT) || this.ahead(K.IS, K.NOT, K.DISTINCT);
  }

  private readonly comparisonOperator: Rule<BinaryExpr['op']> = this.RULE('comparisonOperator', () =>
    this.OR([
      { ALT: () => (this.CONSUME(P.Equal), '=' as const) },
      { ALT: () => (this.CONSUME(P.NotEqual), '<>' as const) },
      { ALT: () => (this.CONSUME(P.Less), '<' as const) },
      { ALT: () => (this.CONSUME(P.LessEqual), '<=' as const) },
      { ALT: () => (this.CONSUME(P.Greater), '>' as const) },
      { ALT: () => (this.CONSUME(P.GreaterEqual), '>=' as const) },
    ]),
  );

  /** BETWEEN, IN and LIKE bind more tightly than comparison. */
  private readonly range: Rule<Expression> = this.RULE('range', () => {
    let arg = this.SUBRULE(this.sum);
    this.MANY(() => {
      const negated = this.OPTION(() => this.CONSUME(K.NOT)) !== undefined;
      const build = this.OR([
        { ALT: () => this.SUBRULE(this.between) },
        { ALT: () => this.SUBRULE(this.inList) },
        { ALT: () => this.SUBRULE(this.like) },
      ]);
      arg = this.make(() => build(arg, negated));
    });
    return arg;
  });

  private readonly between: Rule<Suffix> = this.RULE('between', (): Suffix => {
    this.CONSUME(K.BETWEEN);
    const symmetric = this.OPTION(() =>
      this.OR([{ ALT: () => (this.CONSUME(K.SYMMETRIC), true) }, { ALT: () => (this.CONSUME(K.ASYMMETRIC), false) }]),
    );
    const low = this.SUBRULE(this.sum);
    this.CONSUME(K.AND);
    const high = this.SUBRULE1(this.sum);
    return (arg, negated) => ({
      kind: 'between',
      negated,
      symmetric: symmetric === true,
      arg,
      low,
      high,
      position: arg.position,
    });
  });

  private readonly inList: Rule<Suffix> = this.RULE('inList', (): Suffix => {
    this.CONSUME(K.IN);
    this.CONSUME(P.LParen);
    const list = this.OR<Expression[] | Query>({
      DEF: [
        { GATE: () => this.queryAhead(0), ALT: () => this.SUBRULE(this.query) },
        { ALT: () => this.SUBRULE(this.expressionList) },
      ],
      IGNORE_AMBIGUITIES: true,
    });
    this.CONSUME(P.RParen);
    return (arg, negated) => ({ kind: 'in', negated, arg, list, position: arg.position });
  });

  private readonly like: Rule<Suffix> = this.RULE('like', (): Suffix => {
    const op = this.OR([
      { ALT: () => (this.CONSUME(K.LIKE), 'LIKE' as const) },
      { ALT: () => (this.CONSUME(K.SIMILAR), this.CONSUME(K.TO), 'SIMILAR TO' as const) },
    ]);
    const pattern = this.SUBRULE(this.sum);
    const escape = this.OPTION(() => {
      this.CONSUME(K.ESCAPE);
      return this.SUBRULE1(this.sum);
    });
    return (arg, negated) => ({ kind: 'like', op, negated, arg, pattern, escape, position: arg.position });
  });

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

type Suffix = (arg: Expression, negated: boolean) => Expression;

function binary(op: BinaryExpr['op'], left: Expression, right: Expression): Expression {
  return { kind: 'binary', op, left, right, position: left.position };
}
