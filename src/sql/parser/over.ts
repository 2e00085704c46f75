import type { FrameBound, OrderItem, WindowFrame, WindowSpec } from '../ast.ts';
import * as t from '../tokens.ts';
import { K, P } from '../tokens.ts';
import type { Rule } from './base.ts';
import { ExpressionsParser } from './expressions.ts';

/** ORDER BY lists and what an OVER clause holds. */
export abstract class OverParser extends ExpressionsParser {
  protected readonly windowSpec: Rule<WindowSpec> = this.RULE('windowSpec', () =>
    this.OR<WindowSpec>([
      {
        ALT: () => {
          const name = this.CONSUME(t.Name);
          return this.make(() => {
            throw this.unsupported('OVER with a named window', name);
          });
        },
      },
      {
        ALT: () => {
          this.CONSUME(P.LParen);
          const partitionBy = this.OPTION(() => {
            this.CONSUME(K.PARTITION);
            this.CONSUME(K.BY);
            return this.SUBRULE(this.expressionList);
          });
          const orderBy = this.OPTION1(() => this.SUBRULE(this.orderBy));
          const frame = this.OPTION2(() => this.SUBRULE(this.frame));
          this.CONSUME(P.RParen);
          return { partitionBy: partitionBy ?? [], orderBy: orderBy ?? [], frame };
        },
      },
    ]),
  );

  private readonly frame: Rule<WindowFrame> = this.RULE('frame', () => {
    const unit = this.OR([
      { ALT: () => (this.CONSUME(K.ROWS), 'ROWS' as const) },
      { ALT: () => (this.CONSUME(K.RANGE), 'RANGE' as const) },
    ]);
    return this.OR1<WindowFrame>([
      {
        ALT: () => {
          this.CONSUME(K.BETWEEN);
          const start = this.SUBRULE(this.frameBound);
          this.CONSUME(K.AND);
          const end = this.SUBRULE1(this.frameBound);
          return { unit, start, end };
        },
      },
      { ALT: () => ({ unit, start: this.SUBRULE2(this.frameBound), end: undefined }) },
    ]);
  });

  private readonly frameBound: Rule<FrameBound> = this.RULE('frameBound', () =>
    this.OR<FrameBound>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(K.CURRENT);
            this.CONSUME(K.ROW);
            return { kind: 'current-row' };
          },
        },
        {
          ALT: () => {
            this.CONSUME(K.UNBOUNDED);
            return { kind: 'unbounded', side: this.SUBRULE(this.side) };
          },
        },
        { ALT: () => ({ kind: 'bounded', value: this.SUBRULE(this.expression), side: this.SUBRULE1(this.side) }) },
      ],
      IGNORE_AMBIGUITIES: true,
    }),
  );

  private readonly side: Rule<'PRECEDING' | 'FOLLOWING'> = this.RULE('side', () =>
    this.OR([
      { ALT: () => (this.CONSUME(K.PRECEDING), 'PRECEDING' as const) },
      { ALT: () => (this.CONSUME(K.FOLLOWING), 'FOLLOWING' as const) },
    ]),
  );

  readonly orderBy: Rule<OrderItem[]> = this.RULE('orderBy', () => {
    const items: OrderItem[] = [];
    this.CONSUME(K.ORDER);
    this.CONSUME(K.BY);
    this.AT_LEAST_ONE_SEP({ SEP: P.Comma, DEF: () => items.push(this.SUBRULE(this.orderItem)) });
    return items;
  });

  private readonly orderItem: Rule<OrderItem> = this.RULE('orderItem', () => {
    const expr = this.SUBRULE(this.expression);
    const descending = this.OPTION(() =>
      this.OR([{ ALT: () => (this.CONSUME(K.ASC), false) }, { ALT: () => (this.CONSUME(K.DESC), true) }]),
    );
    const nulls = this.OPTION1(() => {
      this.CONSUME(K.NULLS);
      return this.OR1([
        { ALT: () => (this.CONSUME(K.FIRST), 'first' as const) },
        { ALT: () => (this.CONSUME(K.LAST), 'last' as const) },
      ]);
    });
    return { expr, descending: descending === true, nulls };
  });
}
