import type { BinaryExpr, Expression, IsExpr, Query } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import { ArithmeticParser, binary } from './arithmetic.ts';
import type { Rule } from './base.ts';

/** The levels of precedence whose result is a truth value: IS, comparisons, BETWEEN, IN and LIKE. */
export abstract class PredicatesParser extends ArithmeticParser {
  /** `IS [NOT] NULL | TRUE | FALSE | UNKNOWN` binds more loosely than comparison, as in Flink. */
  protected readonly test: Rule<Expression> = this.RULE('test', () => {
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
}

type Suffix = (arg: Expression, negated: boolean) => Expression;
